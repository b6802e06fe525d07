"""What every kind of document is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.facts import PackFacts

Fields = dict[str, Any]
Parts = Callable[[PackFacts], tuple["Part", ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a kind: the term sheet of the senior notes, say. `code` is empty where a kind has only one."""

    code: str
    title: str
    filename: str


@dataclass(frozen=True, slots=True)
class Template:
    """The house's own template, fields to try another one with, and what makes a file of fields and a template.

    `render` gives the same bytes for the same fields and template, and raises TemplateFault for a template that
    cannot be filled.
    """

    path: Path
    sample: Path
    render: Callable[[Fields, bytes], bytes]


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document: which parts a structure needs, and the file of each.

    `write` takes the facts, the part and the template to fill, which is empty where the kind has none; `fields` says
    what a template is filled with.
    """

    code: str
    title: str
    parts: Parts
    write: Callable[[PackFacts, Part, bytes], bytes]
    template: Template | None = None
    fields: Callable[[PackFacts, Part], Fields] | None = None

    def make(self, facts: PackFacts, part: Part, replacement: bytes | None = None) -> bytes:
        """The file of a part, from the organisation's own template where there is one."""
        own = self.template.path.read_bytes() if self.template else b""
        return self.write(facts, part, own if replacement is None else replacement)


def templated(
    code: str, title: str, parts: Parts, fields: Callable[[PackFacts, Part], Fields], template: Template
) -> DocumentKind:
    """A kind whose files are its fields, plain data (JSON), filled into a template."""

    def write(facts: PackFacts, part: Part, content: bytes) -> bytes:
        return template.render(fields(facts, part), content)

    return DocumentKind(code, title, parts, write, template, fields)
