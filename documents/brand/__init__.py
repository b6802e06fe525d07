"""One visual identity: the colours, fonts and marks that every document of a pack takes from here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FONT_FOLDER = Path(__file__).parent / "fonts"
# Office programs substitute a font they do not have; this one is everywhere.
OFFICE_FONT = "Calibri"
PDF_FONT = "Source Sans"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #RRGGBB: words, rules, fills, and the series of charts in their order."""

    ink: str = "#14213D"
    soft: str = "#5B6478"
    rule: str = "#C9CFDA"
    accent: str = "#16568F"
    accent_soft: str = "#E5EFF8"
    quiet: str = "#F4F6F8"
    good: str = "#17734A"
    good_soft: str = "#E2F4EA"
    warn: str = "#865300"
    warn_soft: str = "#FDF2D8"
    bad: str = "#B3261E"
    bad_soft: str = "#FDEAE8"
    series: tuple[str, ...] = ("#16568F", "#C47F17", "#3D8B6E", "#8A4F9E", "#5B6478", "#B3261E")


PALETTE = Palette()
