"""Administrators have a one-time password or a passkey, or are led to it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.deprecation import MiddlewareMixin
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.tokens import needs_to_enrol

# What is needed to enrol, to leave, or to see whether the platform lives.
OPEN = {
    "account_reauthenticate",
    "health",
    "healthz",
    "metrics",
    "readyz",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_reauthenticate",
    "sign-in",
    "sign-out",
    "account-theme",
}


class OneTimePasswordMiddleware(MiddlewareMixin):
    """Leads an administrator without a one-time password or passkey to the enrolment, whatever page they asked for."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        asks_itself = getattr(view, "asks_one_time_password", False)
        if asks_itself or (match and match.view_name in OPEN) or not must_enrol(request):
            return None
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(resolve_url("mfa_activate_totp"))
        return redirect("mfa_activate_totp")


def must_enrol(request: HttpRequest) -> bool:
    """Whether the sender administers and has neither one-time password nor passkey, where one is required."""
    return isinstance(request.user, User) and needs_to_enrol(request.user)
