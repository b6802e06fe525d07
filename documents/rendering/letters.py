"""Which characters the embedded fonts have, and text made fit for them: nothing is dropped without a trace.

Source Sans 3 is the house's font; what it lacks comes from DejaVu Sans, which matplotlib ships, and Chinese, Japanese and
Korean from Droid Sans Fallback; what none of them has is shown as a replacement character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from documents.brand import FONT_FOLDER

FALLBACK_FOLDER = Path(str(files("matplotlib"))) / "mpl-data" / "fonts" / "ttf"
FONT_FOLDERS = (FONT_FOLDER, FALLBACK_FOLDER)
REGULAR, STRONG = "SourceSans3-Regular", "SourceSans3-SemiBold"
FALLBACKS = WESTERN, FAR_EASTERN = "DejaVuSans", "DroidSansFallback"
FONTS = (REGULAR, *FALLBACKS)
SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"
# Control characters, surrogates, and marks that would turn the direction of the text around them.
UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
PLAIN = re.compile("[\t\n\r -~\xa0-\u017f]*")


def font_file(name: str) -> Path | None:
    """The file of a font by its file name; None for a name that is not one of ours."""
    known = (folder / name for folder in FONT_FOLDERS if name == Path(name).name)
    return next((path for path in known if path.is_file()), None)


def shown(text: str) -> str:
    """The text without control characters, and with a visible mark for each character that no font has."""
    if PLAIN.fullmatch(text):
        return text
    cleaned = UNWANTED.sub("", text)
    return "".join(char if ord(char) < 128 or _font_with(char, FONTS) else SUBSTITUTE for char in cleaned)


def unset(text: str) -> str:
    """The letters of the text that no font here has, each once: papers show a mark in their place.

    >>> unset("Kōbe 神戸 DC द")
    'द'
    """
    if PLAIN.fullmatch(text):
        return ""
    odd = (char for char in UNWANTED.sub("", text) if ord(char) >= 128 and not _font_with(char, FONTS))
    return "".join(dict.fromkeys(odd))


def far_eastern(text: str) -> str:
    """The letters of the text that only the font of Chinese, Japanese and Korean has, each once.

    >>> far_eastern("Kōbe 神戸 DC")
    '神戸'
    """
    if PLAIN.fullmatch(text):
        return ""
    odd = (char for char in text if ord(char) >= 128 and _font_with(char, FONTS) == FAR_EASTERN)
    return "".join(dict.fromkeys(odd))


def runs(text: str, font: str) -> list[tuple[str, str]]:
    """Pieces of (font, text) in order, each piece in a font that has all of it."""
    has = _glyphs(font)

    def font_of(char: str) -> str:
        return font if ord(char) in has else registered(_font_with(char, FALLBACKS) or WESTERN)

    return [(name, "".join(chars)) for name, chars in groupby(text, key=font_of)]


def width_points(text: str, font: str, size_points: float) -> float:
    """How wide the text is set."""
    return float(sum(pdfmetrics.stringWidth(piece, name, size_points) for name, piece in runs(text, font)))


def clipped(text: str, font: str, size_points: float, most_points: float) -> str:
    """The text, or as much of its start as fits with an ellipsis."""
    if width_points(text[:1000], font, size_points) <= most_points and len(text) <= 1000:
        return text
    low, high = 0, min(len(text), 1000)
    while low < high:
        middle = (low + high + 1) // 2
        fits = width_points(text[:middle].rstrip() + "…", font, size_points) <= most_points
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + "…"


@lru_cache(maxsize=8)
def registered(name: str) -> str:
    """The name under which the font can be drawn with."""
    path = font_file(f"{name}.ttf")
    own = f"stamp-{name}"
    pdfmetrics.registerFont(TTFont(own, str(path)))
    return own


@lru_cache(maxsize=8)
def _glyphs(font: str) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)


def _font_with(char: str, names: Iterable[str]) -> str | None:
    """The first of the fonts that has the letter; the large one of the Far East is read when the others lack it."""
    return next((name for name in names if ord(char) in _glyphs(registered(name))), None)
