"""A diagram of boxes and arrows as slides are told of it.

Places and sizes are shares of the area that the diagram is given: `x`, `y`, `width`, `height` from 0 to 1.
"""

from __future__ import annotations

from documents.kinds.kind import Fields


def box(key: str, words: list[str], look: str, place: tuple[float, float, float, float]) -> Fields:
    """A box of a diagram: its words by line, its look, and where it lies (x, y, width, height)."""
    x, y, width, height = place
    return {"key": key, "words": words, "look": look, "x": x, "y": y, "width": width, "height": height}


def arrow(start: str, end: str, leaves: str, enters: str, words: str) -> Fields:
    """An arrow between two boxes, from one's side to the other's, and what it says."""
    return {"from": start, "to": end, "leaves": leaves, "enters": enters, "words": words}
