"""Where django-allauth asks how this platform does things."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMultiAlternatives
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse

from accounts import sealing
from accounts.addresses import client_address
from accounts.audit import record
from accounts.models import Role, User
from accounts.privacy import STATEMENT_VERSION
from accounts.services.register_user import register_user
from accounts.tokens import SECOND_STEPS, second_steps
from lib import mail

TAKEN = "This e-mail belongs to another account by now. Nothing was changed; ask for the change again with another one."


class AccountAdapter(DefaultAccountAdapter):
    """Registration by verb, our letters, approval before the first session."""

    error_messages = {  # noqa: RUF012  # its own shape
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Wrong e-mail or password. Passwords are case-sensitive.",
        "incorrect_password": "This is not your password. It is checked by case.",
        "enter_current_password": "This is not your present password. It is checked by case.",
        "too_many_login_attempts": "Too many wrong codes. Wait five minutes, then enter the code that is shown by then.",
        "rate_limited": "Too many wrong codes. Wait five minutes, then enter the code that is shown by then.",
        "duplicate_email": "This is your e-mail already.",
    }

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        data = form.cleaned_data
        user.email, user.full_name, user.organisation = data["email"], data["full_name"], data["organisation"]
        user.registration_reason = data["reason"]
        user.set_password(data["password1"])
        return register_user(user=user, statement=STATEMENT_VERSION)

    def get_login_stages(self) -> list[str]:
        """The code of the second factor is asked last: only of those who may come in."""
        stages = super().get_login_stages()
        at = stages.index("allauth.account.stages.EmailVerificationStage") + 1
        return [*stages[:at], "accounts.stages.ApprovalStage", *stages[at:]]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: wrong passwords are counted by django-axes, by account and by address."""

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        if others.exists():
            messages.error(request, TAKEN)
            return False
        return bool(super().confirm_email(request, email_address))

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        if self.request.user.is_authenticated:
            return reverse("account_email")
        return reverse("sign-in" if email_address.user.may_sign_in else "account-waiting")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account-security")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104  # a socket without addresses: one counter for all

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether to ask again who they are; whoever has just signed in was asked."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] > app_settings.REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        words = {"mfa_reauthenticate:webauthn": "Use a passkey"}
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        return [each | {"description": words.get(each["id"], each["description"])} for each in methods]

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        name = template_prefix.rsplit("/", 1)[-1]
        return mail.letter(f"accounts/{name}", [email] if isinstance(email, str) else email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail.send(self.render_mail(template_prefix, email, {"email": email, **context}))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return mail.absolute_url(reverse("account_confirm_email", args=[emailconfirmation.key]), request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        uidb36, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
        return mail.absolute_url(path, self.request)

    def send_account_already_exists_mail(self, email: str) -> None:
        url = mail.absolute_url(reverse("account_reset_password"), self.request)
        self.send_mail("account_already_exists", email, {"password_reset_url": url})


class OneTimePasswordAdapter(DefaultMFAAdapter):
    """Secrets encrypted; an administrator keeps their last second step while one is required."""

    error_messages = {  # noqa: RUF012  # its own shape
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right, or was used before. Enter the one your app shows now.",
        "cannot_delete_authenticator": "Administrators need a one-time password or a passkey on this platform: set up another first.",
    }

    def encrypt(self, text: str) -> str:
        return sealing.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        needs_it = settings.ATLASNEXUS_ADMIN_OTP == "required" and authenticator.user.role == Role.ADMIN
        if not needs_it or authenticator.type not in SECOND_STEPS:
            return True
        return second_steps(authenticator.user).exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  # its own word
        """What the field of a new passkey begins with: the device it is made on, if the person leaves it."""
        return f"Passkey {second_steps(user).filter(type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.MFA_TOTP_ISSUER}


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ending sessions leaves a trace."""

    def end_sessions(self, sessions: list[Any]) -> None:
        super().end_sessions(sessions)
        if sessions:
            user = sessions[0].user
            record(
                by=user,
                action="user.sessions_ended",
                target=user,
                after={"sessions": len(sessions)},
            )
