"""Check digits of a legal entity identifier (ISO 17442, by ISO 7064 MOD 97-10)."""

from __future__ import annotations

LENGTH = 20


def is_lei(text: str) -> bool:
    """True for twenty letters and digits whose check digits hold."""
    text = text.strip().upper()
    if len(text) != LENGTH or not text.isascii() or not text.isalnum() or not text[18:].isdigit():
        return False
    return int("".join(str(int(sign, 36)) for sign in text)) % 97 == 1
