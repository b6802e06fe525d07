"""A version as a document to take away and bring back: the same in JSON and in Excel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.errors import Problem
from lib.errors import Invalid
from records.kinds import RecordKind
from records.models import Version

LARGEST_BYTES = 5 * 1024 * 1024
Document = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """A document as it was read; `wheres` says for a place in the content in which cell of a workbook it stands."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    wheres: dict[str, str] = field(default_factory=dict)

    def located(self, problem: Problem) -> Problem:
        """The problem with its sheet and cell ahead, where it has one."""
        place = problem.place
        while place and place not in self.wheres:
            place = place.rpartition(".")[0]
        where = self.wheres.get(place, "")
        return Problem(problem.code, problem.place, f"{where}: {problem.message}") if where else problem


def head_of(kind: RecordKind) -> tuple[str, ...]:
    """What a document says of a version before its content."""
    return ("family", "version", "name", *kind.head, "effective_from", "notes")


def document_of(version: Version) -> Document:
    """The version as a document."""
    head = {name: getattr(version, name) for name in head_of(version.kind)}
    told = {**head, "effective_from": version.effective_from.isoformat()}
    return {"form": version.kind.form, **told, "content": version.content}


def write_json(document: Mapping[str, Any]) -> bytes:
    """The document as JSON text."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(raw: bytes) -> Reading:
    """The document in JSON text; Invalid for text that is none."""
    if len(raw) > LARGEST_BYTES:
        raise refused(f"expected at most {LARGEST_BYTES // 1024**2} MB.")
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_once_each)
    except UnicodeDecodeError as error:
        raise refused(f"it is not UTF-8 text (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        raise refused(f"it is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except (RecursionError, _Refused) as error:
        raise refused(str(error) if isinstance(error, _Refused) else "it is nested too deeply.") from None
    if not isinstance(document, dict):
        raise refused("expected an object with form, family, name, effective_from and content.")
    return Reading(document)


def head_problems(kind: RecordKind, document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a document around its content."""
    problems = []
    if document.get("form") != kind.form:
        problems.append(Problem("form", "form", f"Form: expected {kind.form}, got {document.get('form')!r}."))
    problems += [
        Problem("missing", name, f"{name}: expected text, got {document.get(name)!r}.")
        for name in ("family", "name", *kind.head)
        if not isinstance(document.get(name), str) or not document[name].strip()
    ]
    if not isinstance(document.get("notes", ""), str):
        problems.append(Problem("not_text", "notes", "notes: expected text."))
    if day_of(document) is None:
        given = document.get("effective_from")
        problems.append(Problem("not_a_date", "effective_from", f"effective_from: expected YYYY-MM-DD, got {given!r}."))
    known = {"form", "content", *head_of(kind)}
    unknown = [name for name in document if name not in known]
    return problems + [
        Problem("unknown", name, f"{name} is not a part of a {kind.noun}'s document.") for name in unknown
    ]


def day_of(document: Mapping[str, Any]) -> date | None:
    """The day the document is effective from, if it is one."""
    try:
        return date.fromisoformat(document.get("effective_from") or "")
    except (TypeError, ValueError):
        return None


def refused(sentence: str) -> Invalid:
    """The refusal of a whole file."""
    return Invalid([Problem("file", "file", f"The file was refused: {sentence}")])


class _Refused(ValueError):
    """JSON that Python reads and this does not."""


def _no_number(name: str) -> Any:
    raise _Refused(f"{name} is not a number that content may have.")


def _once_each(pairs: list[tuple[str, Any]]) -> Document:
    found: Document = {}
    for name, value in pairs:
        if name in found:
            raise _Refused(f"{name} stands twice in one place.")
        found[name] = value
    return found
