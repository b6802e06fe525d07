"""The name of a file from outside, made safe: no folders, no invisible signs, nothing a system reserves."""

import re
import unicodedata

LONGEST_NAME = 150
_LONGEST_SUFFIX = 12
_SEPARATORS = re.compile(r"[/\\]")
_RESERVED_SIGNS = re.compile(r'[<>:"|?*]')
_RESERVED_NAMES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)),
}
_SPACES = re.compile(r"\s+")


def clean_name(raw: str) -> str:
    """The last part of the name without control and direction signs, at most 150 characters, its ending kept.

    >>> clean_name("..\\\\..\\\\etc/pass\\u202efdp.exe")
    'passfdp.exe'
    """
    visible = "".join(sign if not _is_hidden(sign) else " " if sign in "\t\r\n" else "" for sign in raw)
    last = _SEPARATORS.split(unicodedata.normalize("NFC", visible))[-1]
    plain = _SPACES.sub(" ", _RESERVED_SIGNS.sub("_", last)).strip().rstrip(" .")
    stem, suffix = _split(plain)
    if stem.partition(".")[0].strip().lower() in _RESERVED_NAMES:
        stem = f"_{stem}"
    return f"{stem[: LONGEST_NAME - len(suffix)].strip(' .') or 'file'}{suffix}"


def suffix_of(name: str) -> str:
    """The ending in small letters, without its dot: what a file claims to be."""
    return _split(name)[1][1:].lower()


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not dot or not suffix or len(suffix) > _LONGEST_SUFFIX or not suffix.isalnum():
        return name, ""
    return stem, f".{suffix}"


def _is_hidden(sign: str) -> bool:
    """Control, format (among them the signs that turn the direction of writing), surrogate, private and unassigned."""
    return unicodedata.category(sign).startswith("C")
