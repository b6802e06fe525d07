"""A start page is a few panels of a few lines, newest first; each line leads to where it is dealt with."""

from dataclasses import dataclass
from datetime import datetime

LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to see or do."""

    title: str
    address: str
    note: str = ""
    badge: str = ""  # the style, and with `badge_text` the words
    badge_text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines under one heading; `count` is how many there are in all, `empty` what is said where there are none."""

    title: str
    lines: tuple[Line, ...]
    empty: str
    count: int = 0
    more_text: str = ""
    more_address: str = ""
    is_urgent: bool = False

    @property
    def waits(self) -> bool:
        """True where somebody should look."""
        return self.is_urgent and bool(self.lines)
