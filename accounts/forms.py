from django import forms
from django.contrib.auth.forms import AuthenticationForm

from accounts.models import User

WAITING = "Your account is waiting for an administrator's approval. You can sign in as soon as it is approved."


class SignInForm(AuthenticationForm):
    """Stock sign-in that tells a person still waiting for approval so, and only after the right password."""

    error_messages = {  # noqa: RUF012  # Django's own shape
        "invalid_login": "This e-mail and password do not belong together. Both are checked; the password by case.",
        "inactive": "This account is closed. Ask an administrator.",
    }

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if not user.is_approved:
            raise forms.ValidationError(WAITING, code="waiting")
