"""Decisions about accounts, told to those who make them and to those they are about."""

from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from accounts import signals
from accounts.models import Role, User
from notifications.models import Notification
from notifications.news import ACCOUNT_APPROVED, ACCOUNT_WAITING
from notifications.services import close_news, notify


@receiver(signals.registered)
def tell_administrators(user: User, **_: Any) -> None:
    administrators = User.objects.filter(role=Role.ADMIN, is_approved=True, is_active=True)
    organisation = f" of {user.organisation}" if user.organisation else ""
    notify(
        to=administrators,
        kind=ACCOUNT_WAITING,
        title=f"{user.full_name}{organisation} asks for an account",
        body=f"{user.email} is confirmed. They write: {user.registration_reason}",
        url=decided_at(user),
    )


@receiver(signals.approved)
@receiver(signals.declined)
def close_what_waited(user: User, **_: Any) -> None:
    close_news(kind=ACCOUNT_WAITING, urls=[decided_at(user)])


@receiver(signals.approved)
def tell_the_approved(user: User, **_: Any) -> None:
    notify(
        to=[user],
        kind=ACCOUNT_APPROVED,
        title="Your account is approved",
        body=f"You may sign in, as {user.get_role_display().lower()}.",
        url=reverse("home"),
    )


@receiver(signals.erased)
def forget_the_registration(user: User, **_: Any) -> None:
    """It says why the person wanted in, and from where they came."""
    Notification.objects.filter(kind=ACCOUNT_WAITING, url=decided_at(user)).delete()


def decided_at(user: User) -> str:
    """The page where an account is decided on."""
    return reverse("admin:accounts_user_change", args=[user.pk])
