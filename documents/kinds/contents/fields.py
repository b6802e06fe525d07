"""What the table of contents takes from the facts: every document that this structure's pack holds."""

from __future__ import annotations

from documents.archive import folder_of
from documents.facts import PackFacts
from documents.kinds.kind import Fields, Part

FORMATS = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel", "pptx": "PowerPoint", "json": "JSON"}


def fields(facts: PackFacts, part: Part) -> Fields:
    """The documents in the order of the registry, without the contents themselves."""
    return {"documents": documents_of(facts)}


def documents_of(facts: PackFacts) -> list[Fields]:
    """Every other document of the pack, numbered."""
    # The registry names the kinds that ask, so it can be read only once it stands.
    from documents.kinds import parts_of

    found = [(kind, part) for kind, part in parts_of(facts) if kind.code != "contents"]
    return [
        {
            "number": number,
            "title": part.title,
            "file": folder_of(kind.code) + part.filename,
            "format": format_of(part.filename),
        }
        for number, (kind, part) in enumerate(found, start=1)
    ]


def format_of(filename: str) -> str:
    """What program opens the file, in a word."""
    suffix = filename.rpartition(".")[2]
    return FORMATS.get(suffix, suffix.upper())
