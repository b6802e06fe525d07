"""What every page says of its pack's standing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marks:
    """Who sends the pack, how private it is, and its number, which it has from its issue on."""

    organisation: str = "Atlas Nexus"
    confidentiality: str = "Strictly private and confidential"
    number: str = ""

    @property
    def is_draft(self) -> bool:
        """True while pages carry the watermark."""
        return not self.number

    @property
    def version_words(self) -> str:
        """The pack's number, or that it is a draft."""
        return self.number or "Draft, not issued"
