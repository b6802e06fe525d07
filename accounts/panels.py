"""What of accounts waits on start pages."""

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from lib.panels import Deed, Line, Panel, first_rows


def registrations(user: User) -> Panel:
    """People who confirmed their e-mail and wait for an administrator's decision."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
    undecided = User.objects.filter(is_approved=False, is_active=True, declined_at=None)
    people, count = first_rows(undecided.filter(Exists(confirmed)).order_by("-date_joined"))
    return Panel(
        "Registrations to approve",
        tuple(map(_line, people)),
        "Nobody waits for approval.",
        count,
        "All registrations",
        f"{reverse('admin:accounts_user_changelist')}?standing=waiting",
        is_urgent=True,
    )


def _line(person: User) -> Line:
    decide, role = reverse("admin:accounts_user_decide", args=["approve"]), person.get_role_display().lower()
    deed = Deed(
        f"Approve as {role}",
        f"{decide}?person={person.pk}",
        {"role": person.role, "next": reverse("home")},
        f"Let {person} ({person.email}) in as {role}?",
    )
    page = reverse("admin:accounts_user_change", args=[person.pk])
    return Line(str(person), page, person.email, at=person.date_joined, deed=deed)
