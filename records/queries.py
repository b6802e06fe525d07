"""Reading versions: which one is in force, and where each stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db.models import QuerySet
from django.utils import timezone

from lib.errors import NotFound
from records.models import Status, V, Version


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands today, in words, and the style of its badge."""

    words: str
    style: str


def in_force(model: type[V], on: date | None = None) -> QuerySet[V]:
    """The active versions in force on a day (today), the newest of each family first."""
    day = on or timezone.localdate()
    found = model._default_manager.filter(status=Status.ACTIVE, effective_from__lte=day)
    return found.order_by("family", "-effective_from", "-version")


def current_version(model: type[V], family: str, on: date | None = None) -> V:
    """The version of the family in force on a day (today); NotFound where there is none."""
    found = in_force(model, on).filter(family=family).first()
    if found is None:
        hint = model.kind.load_hint
        raise NotFound(f"There is no active {model.kind.noun} of the family {family}. {hint}".strip())
    return found


def standings(versions: Iterable[V], on: date | None = None) -> dict[int, Standing]:
    """Where each version of one kind stands on a day (today), by its key."""
    listed: Sequence[V] = list(versions)
    day = on or timezone.localdate()
    active = in_force(type(listed[0]), day).values_list("family", "pk") if listed else ()
    current = dict(reversed(list(active)))
    return {version.pk: _standing(version, current.get(version.family), day) for version in listed}


def previous_version(version: V) -> V | None:
    """What a version is compared with: what it was copied from, else the family's active version before it."""
    if version.based_on is not None:
        return cast("V", version.based_on)
    family = type(version)._default_manager.filter(family=version.family, status=Status.ACTIVE)
    return family.filter(version__lt=version.version).order_by("-version").first()


def _standing(version: Version, current: int | None, day: date) -> Standing:
    if not version.is_final:
        return Standing(version.get_status_display(), "waiting" if version.is_waiting else "draft")
    if version.effective_from > day:
        return Standing(f"From {version.effective_from.day} {version.effective_from:%b %Y}", "info")
    return Standing("In force", "active") if version.pk == current else Standing("Superseded", "superseded")
