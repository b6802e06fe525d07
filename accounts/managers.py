from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models, transaction
from django.db.models.query import ModelIterable

if TYPE_CHECKING:
    from accounts.models import AuditEntry, User

    BaseIterable = ModelIterable["AuditEntry"]  # generic for the type checker only
else:
    BaseIterable = ModelIterable


class UserManager(BaseUserManager["User"]):
    """People by e-mail, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user whose e-mail is vouched for by their maker; without a password nobody can sign in as them."""
        from allauth.account.models import EmailAddress  # the apps are not ready when this module is read

        user = self.model(email=email, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        with transaction.atomic():
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved, approved administrator (asked for by `manage.py createsuperuser`)."""
        return self.create_user(email, password, **{"role": "admin", "is_approved": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class _MaskedIterable(BaseIterable):
    """Entries as they are shown, one question more than as they are kept."""

    def __iter__(self) -> Iterator["AuditEntry"]:
        from accounts.masking import present_mask  # the apps are not ready when this module is read

        yield from map(present_mask(), super().__iter__())


class ShownEntries(models.Manager["AuditEntry"]):
    """Entries without what told who somebody was whose account is erased; they are read, never kept."""

    def get_queryset(self) -> models.QuerySet["AuditEntry"]:
        found = super().get_queryset()
        found._iterable_class = _MaskedIterable
        return found
