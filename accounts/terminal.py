"""For whom a command acts."""

from __future__ import annotations

from django.core.management.base import CommandError

from accounts.models import Role, User


def acting_person(email: str | None) -> User:
    """The person of an e-mail, else the first administrator; CommandError where there is none."""
    admins = User.objects.filter(role=Role.ADMIN, is_active=True, is_approved=True).order_by("pk")
    person = User.objects.filter(email__iexact=email).first() if email else admins.first()
    if person is None:
        raise CommandError(f"There is nobody with the e-mail {email}." if email else "There is no administrator yet.")
    return person
