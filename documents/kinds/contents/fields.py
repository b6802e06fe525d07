"""What the table of contents takes from the facts: every document that this structure's pack holds."""

from __future__ import annotations

from documents.archive import folder_of
from documents.facts import PackFacts
from documents.kinds.kind import Fields, Part

FORMATS = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel", "pptx": "PowerPoint", "json": "JSON"}


def fields(facts: PackFacts, part: Part) -> Fields:
    """The documents in the order of the registry, without the contents themselves."""
    # The registry names this kind, so it can be asked only once it stands.
    from documents.kinds import parts_of

    found = [(kind, other) for kind, other in parts_of(facts) if kind.code != "contents"]
    return {
        "documents": [
            {
                "number": number,
                "title": other.title,
                "file": folder_of(kind.code) + other.filename,
                "format": format_of(other.filename),
            }
            for number, (kind, other) in enumerate(found, start=1)
        ],
    }


def format_of(filename: str) -> str:
    """What program opens the file, in a word."""
    suffix = filename.rpartition(".")[2]
    return FORMATS.get(suffix, suffix.upper())
