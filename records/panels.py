"""What of versioned data waits on start pages."""

from django.utils import timezone

from accounts.models import User
from lib.panels import LINES_SHOWN, Line, Panel
from records.access import can_decide
from records.models import Status, Version

_models: list[type[Version]] = []


def include(model: type[Version]) -> None:
    """From now on versions of this kind are on the panel while they wait."""
    if model not in _models:
        _models.append(model)


def versions_to_approve(user: User) -> Panel:
    """Versions of every kind that wait for a second administrator, the oldest first; one's own are named as waiting for others."""
    found = [version for model in _models for version in model._default_manager.filter(status=Status.WAITING)]
    found.sort(key=lambda version: version.submitted_at or timezone.now())
    return Panel(
        "Rules and market data to approve",
        tuple(_line(user, version) for version in found[:LINES_SHOWN]),
        "No version waits for approval.",
        len(found),
        is_urgent=True,
    )


def _line(user: User, version: Version) -> Line:
    who = f"Submitted by {version.submitted_by}" if version.submitted_by else ""
    note = who if can_decide(user, version) else f"{who}; another administrator decides"
    return Line(str(version), version.admin_url(), note, "queued", "Waiting", version.submitted_at)
