"""The forms of the account pages: django-allauth's, in our words, with what our fields need."""

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordKeyForm,
    SignupForm,
)
from allauth.account.forms import (
    ResetPasswordForm as ResetRequestForm,
)
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from accounts.letters import tell_code_reused
from accounts.models import Role, Scope, User, one_line

if TYPE_CHECKING:
    BasePreferencesForm = forms.ModelForm[User]  # generic for the type checker only
else:
    BasePreferencesForm = forms.ModelForm

PASSWORD_HELP = "At least 12 characters: four or five unusual words do well. Not your name or e-mail."  # noqa: S105
CODE_ATTRIBUTES = {
    "inputmode": "numeric",
    "autocomplete": "one-time-code",
    "autocapitalize": "off",
    "spellcheck": "false",
}
ONE_TIME_CODE_SECONDS = 90  # shown for 30, and right for as long before and after


def _word(form: forms.BaseForm, **fields: tuple[str, str]) -> None:
    """Our label and help for each field; no text inside the field that goes when one types."""
    for name, (label, help_text) in fields.items():
        form.fields[name].label, form.fields[name].help_text = label, help_text
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, login=("E-mail", ""), password=("Password", ""))
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class RegistrationForm(SignupForm):
    """Who they are, and why they want in."""

    full_name = forms.CharField(
        label="Full name", max_length=200, validators=[one_line], widget=forms.TextInput({"autocomplete": "name"})
    )
    organisation = forms.CharField(
        label="Organisation",
        max_length=200,
        required=False,
        validators=[one_line],
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    reason = forms.CharField(
        label="Why do you want an account?",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="An administrator reads this and decides. Name your project or your contact with us.",
    )
    # The button that registers says it.
    agreed = forms.BooleanField(
        widget=forms.HiddenInput,
        error_messages={
            "required": "Read what is kept of you, and register if you agree: without it there is no account."
        },
    )
    field_order = ("full_name", "organisation", "email", "password1", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, email=("E-mail", "A link to confirm it is sent there."), password1=("Password", PASSWORD_HELP))
        self.fields["email"].validators.append(MaxLengthValidator(254))

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        try:
            saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        except (IntegrityError, ValidationError) as refusal:
            if isinstance(refusal, ValidationError) and set(refusal.message_dict) != {"email"}:
                raise
            # Somebody took the e-mail since it was checked: answered like one taken long before.
            return None, prevent_enumeration(request, email=self.cleaned_data["email"])
        if saved[0] is None:
            make_password(self.cleaned_data["password1"])  # so that a taken e-mail is not told by a quick answer
        return saved


class NewPasswordForm(ChangePasswordForm):
    """The present password, and a new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(
            self,
            oldpassword=("Present password", ""),
            password1=("New password", PASSWORD_HELP),
            password2=("New password, once more", ""),
        )


class ForgottenPasswordForm(ResetRequestForm):
    """The e-mail to which the link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, email=("E-mail", ""))


class ResetPasswordForm(ResetPasswordKeyForm):
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, password1=("New password", PASSWORD_HELP), password2=("New password, once more", ""))


class ConfirmPasswordForm(ReauthenticateForm):
    """The password of the person at the screen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, password=("Password", ""))


class NewEmailForm(AddEmailForm):
    """The e-mail they want instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, email=("New e-mail", "Your present one stays until the link sent to the new one was followed."))
        self.fields["email"].validators.append(MaxLengthValidator(254))


class OneTimeCodeForm(AuthenticateForm):
    """The code of the second step; one code opens once, for as long as it would be right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, code=("One-time code", "From your authenticator app, or one of your recovery codes."))
        self.fields["code"].widget.attrs |= {**CODE_ATTRIBUTES, "maxlength": "20"}

    def clean_code(self) -> str:
        # However it is written: spaces and dashes count for nothing.
        digits = "".join(filter(str.isalnum, self.cleaned_data["code"])).lower()
        used = f"one-time-code:{self.user.pk}:{sha256(digits.encode()).hexdigest()}"
        was_used = cache.get(used)
        try:
            code: str = super().clean_code()
            if was_used:
                raise ValidationError("This code was used before. Wait for the next one.")
        except ValidationError:
            if was_used:
                tell_code_reused(self.user)
            raise
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(used, 1, ONE_TIME_CODE_SECONDS):
            raise ValidationError("This code was used before. Wait for the next one.")
        return code


class ConfirmCodeForm(ReauthenticateCodeForm, OneTimeCodeForm):
    """The same, of the person at the screen."""


class EnrolForm(ActivateTOTPForm):
    """The first code, which shows that the app has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, code=("One-time code", "The six digits your app shows for Atlas Nexus."))
        self.fields["code"].widget.attrs |= {**CODE_ATTRIBUTES, "maxlength": "10"}


class PasskeyForm(AddWebAuthnForm):
    """A passkey the browser has just made, and what it is called."""

    name = forms.CharField(label="Name", max_length=60, required=False, validators=[one_line])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, name=("Name", "So that you know it again: “Work laptop”, “Blue key”."))
        del self.fields["passwordless"]  # each of ours opens by itself

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            raise ValidationError(
                "This passkey could not be added. Try again; the page asks your browser anew."
            ) from error
        return cleaned


class PasskeyNameForm(EditWebAuthnForm):
    """What a passkey is called from now on."""

    name = forms.CharField(label="Name", max_length=60, validators=[one_line])


class PasskeySecondStepForm(AuthenticateWebAuthnForm):
    """What the browser says a passkey signed."""

    def clean_credential(self) -> Authenticator:
        try:
            passkey: Authenticator = super().clean_credential()
        except ValidationError as error:
            if self.user:
                told = {"request": None, "authenticator": None, "reauthentication": self.reauthenticated}
                authentication_failed.send(sender=Authenticator, user=self.user, **told)
            if error.code != "incorrect_code":
                raise
            raise ValidationError("This passkey did not open the account. Try again, or use your password.") from error
        return passkey


class PasskeySignInForm(PasskeySecondStepForm, LoginWebAuthnForm):
    """The same, of somebody who has typed neither e-mail nor password."""


class ConfirmPasskeyForm(PasskeySecondStepForm, ReauthenticateWebAuthnForm):
    """The same, of the person at the screen."""


class PreferencesForm(BasePreferencesForm):
    """How a person is called, and how they read dates and numbers."""

    time_zone = forms.ChoiceField(
        label="Time zone", required=False, help_text="Dates and times on every page are shown in it."
    )

    class Meta:
        model = User
        fields = ("full_name", "organisation", "time_zone", "theme", "number_format", "shows_tour")
        labels = {"theme": "Appearance", "number_format": "Numbers", "shows_tour": "Show the tour on the start page"}  # noqa: RUF012  # Django's own shape
        help_texts = {  # noqa: RUF012
            "shows_tour": "",
            "number_format": "How figures are shown, and how you type them. 1.234 and 1,234 are read as your format writes them.",
        }
        widgets = {  # noqa: RUF012
            "full_name": forms.TextInput({"autocomplete": "name"}),
            "organisation": forms.TextInput({"autocomplete": "organization"}),
            "theme": forms.RadioSelect,
            "number_format": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [
            ("", f"Of the platform ({settings.TIME_ZONE})"),
            ("UTC", "UTC"),
            *((n, _spoken(n)) for n in names),
        ]


class ThemeForm(forms.Form):
    """A look at the page in another light."""

    theme = forms.ChoiceField(choices=[("light", "Light"), ("dark", "Dark")])


class ApproveForm(forms.Form):
    """What the people let in are for."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.SPONSOR, widget=forms.RadioSelect)


class DeclineForm(forms.Form):
    """Why the people are turned away; they are told."""

    reason = forms.CharField(
        max_length=1000, widget=forms.Textarea({"rows": 4}), help_text="Sent to each person by e-mail, word for word."
    )


class EraseForm(forms.Form):
    """The e-mail of the account to erase, so that no other is."""

    email = forms.CharField(
        label="E-mail of the account",
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text="Type it as it stands above. An account that is erased cannot be brought back.",
    )


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace("/", " / ")


class TokenForm(forms.Form):
    """A token of a program: where it is used, what it may do, how long."""

    name = forms.CharField(
        label="Name", max_length=80, validators=[one_line], help_text="Where it is used: “Nightly export, server 3”."
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text="Never more than you may do yourself.",
    )
    days = forms.TypedChoiceField(
        label="Valid for",
        coerce=int,
        initial=90,
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year")],
    )
