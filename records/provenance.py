"""Where a number comes from: sourced, derived or assumed, in one letter and in words."""

from dataclasses import dataclass

from records.sources import told_source

SOURCED = "sourced"
PROVENANCES = (SOURCED, "derived", "assumption")
# Marks a gap that is known: a table may say that nothing was published.
NOT_FOUND = "not found"
MARKS = {
    "sourced": ("S", "Sourced", "read in a published document or repository"),
    "derived": ("D", "Derived", "computed from sourced rows"),
    "assumption": ("A", "Assumption", "judgement, or recalled from a document that could not be read again"),
    NOT_FOUND: ("N", "Not found", "a gap that is known: nothing was published"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """The provenance of a number in one letter, in words, and its source."""

    kind: str
    letter: str
    words: str
    provenance: str
    source: str

    @property
    def told(self) -> str:
        """The source in words, without names of files and keys."""
        return told_source(self.source)

    @property
    def told_provenance(self) -> str:
        """The provenance likewise, where it says more than the mark's own word."""
        return told_source(self.provenance) if len(self.provenance) > len(self.words) else ""


def provenance_mark(provenance: str) -> str:
    """The kind of a provenance: its first words, "assumption" of "assumption: row label only"."""
    text = provenance.strip().lower()
    return next((kind for kind in MARKS if text.startswith(kind)), "")


def mark(provenance: str, source: str) -> Mark:
    """The mark of a provenance: letter, word, and the whole as it was given."""
    kind = provenance_mark(provenance)
    letter, name, _ = MARKS.get(kind, ("?", "Unknown", ""))
    return Mark(kind.replace(" ", "-") or "unknown", letter, name, provenance, source)


def legend() -> list[tuple[str, str, str, str]]:
    """Style, letter, word and meaning of each mark."""
    return [(kind.replace(" ", "-"), *said) for kind, said in MARKS.items()]
