"""Names whose letters the papers cannot set: whoever makes a pack is told before it leaves the building."""

from __future__ import annotations

from documents.rendering.letters import unset
from financings.models import Financing

_NAMES = {"sponsor_name": "Sponsor", "location": "Location"}


def unset_names(financing: Financing) -> list[tuple[str, str, str]]:
    """What each name is of, the name, and those of its letters that no embedded font has."""
    names = [("Project", financing.project.title)]
    said = financing.snapshot.content.get("meta") or {}
    names += [(label, str(said.get(key) or "")) for key, label in _NAMES.items()]
    return [(label, name, letters) for label, name in names if (letters := unset(name))]
