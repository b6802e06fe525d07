"""A version of the rules as a document to take away and bring back: the same in JSON and in Excel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.errors import Problem
from lib.errors import Invalid
from ratings.models import RuleSet

FORM = "atlas-nexus/rules/1"
HEAD = ("family", "version", "name", "asset_class", "effective_from", "notes")
LARGEST_BYTES = 5 * 1024 * 1024
Document = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """A document as it was read; `wheres` says for a place in the rules in which cell of a workbook it stands."""

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


def document_of(rule_set: RuleSet) -> Document:
    """The version as a document."""
    head = {name: getattr(rule_set, name) for name in HEAD}
    return {"form": FORM, **head, "effective_from": rule_set.effective_from.isoformat(), "content": rule_set.content}


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


def head_problems(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a document around its rules."""
    problems = []
    if document.get("form") != FORM:
        problems.append(Problem("form", "form", f"Form: expected {FORM}, got {document.get('form')!r}."))
    problems += [
        Problem("missing", name, f"{name}: expected text, got {document.get(name)!r}.")
        for name in ("family", "name", "asset_class")
        if not isinstance(document.get(name), str) or not document[name].strip()
    ]
    if not isinstance(document.get("notes", ""), str):
        problems.append(Problem("not_text", "notes", "notes: expected text."))
    if day_of(document) is None:
        given = document.get("effective_from")
        problems.append(Problem("not_a_date", "effective_from", f"effective_from: expected YYYY-MM-DD, got {given!r}."))
    unknown = [name for name in document if name not in {"form", "content", *HEAD}]
    problems += [Problem("unknown", name, f"{name} is not a part of a rule set's document.") for name in unknown]
    return problems


def day_of(document: Mapping[str, Any]) -> date | None:
    """The day the document is effective from, if it is one."""
    try:
        return date.fromisoformat(document.get("effective_from") or "")
    except (TypeError, ValueError):
        return None


def refused(sentence: str) -> Invalid:
    """The refusal of a whole file."""
    return Invalid([Problem("file", "file", f"The file was not taken: {sentence}")])


class _Refused(ValueError):
    """JSON that Python reads and this does not."""


def _no_number(name: str) -> Any:
    raise _Refused(f"{name} is not a number that rules may have.")


def _once_each(pairs: list[tuple[str, Any]]) -> Document:
    found: Document = {}
    for name, value in pairs:
        if name in found:
            raise _Refused(f"{name} stands twice in one place.")
        found[name] = value
    return found
