"""Signing in and out leaves a trace."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit import record
from accounts.models import User


@receiver(user_logged_in)
def audit_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    record(by=user, action="user.signed_in", target=user, request=request)


@receiver(user_logged_out)
def audit_sign_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user:
        record(by=user, action="user.signed_out", target=user, request=request)
