"""People found by name, e-mail or organisation; for administrators."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from lib.finding import MOST_FOUND, Found


def people(user: User, words: str) -> Iterator[Found]:
    """The people an administrator may look at."""
    if not user.is_staff:
        return
    fits = Q(full_name__icontains=words) | Q(email__icontains=words) | Q(organisation__icontains=words)
    for each in User.objects.filter(fits).order_by("full_name")[:MOST_FOUND]:
        page = reverse("admin:accounts_user_change", args=[each.pk])
        yield Found(str(each), page, f"{each.email}, {each.get_role_display().lower()}")
