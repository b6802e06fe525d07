"""Limits of a fund as a kind of versioned data: for each rule where a person looks and where nothing passes, with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounts.models import Role
from accounts.policies import declare
from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.strategies.limits import RULES, SHORT_ALLOWED, Limits
from engine.strategies.limits import read_limits as engine_limits
from records.kinds import Content, RecordKind, TableSpec

_N, _C, _T, _F = FieldKind.NUMBER, FieldKind.CHOICE, FieldKind.TEXT, FieldKind.FLAG
LIMIT_FIELDS = (
    FieldSpec("rule", "Rule", _C, required=True, choices=tuple(RULES)),
    FieldSpec("name", "Name", _T),
    FieldSpec("review", "A person looks beyond", _N, minimum=0, help="Empty: nobody has to."),
    FieldSpec("block", "Blocked beyond", _N, minimum=0, help="Empty: nothing is blocked."),
)
TERM_FIELDS = (FieldSpec(SHORT_ALLOWED, "Short positions allowed", _F, required=True),)


def plain_limits(content: Content) -> dict[str, Any]:
    """The version's tables as the engine reads limits."""
    rows = {row.get("rule", ""): _levels(row) for row in content.get("limits", [])}
    return {**rows, SHORT_ALLOWED: content.get("terms", {}).get(SHORT_ALLOWED)}


def _levels(row: Mapping[str, Any]) -> dict[str, Any]:
    return {level: _exact(row[level]) for level in ("review", "block") if row.get(level) is not None}


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if isinstance(value, float) else value


def limits_of(content: Content) -> Limits:
    """The limits of a version."""
    return engine_limits(plain_limits(content))


def read_limit_set(content: Content) -> None:
    """Raises InputProblems unless the tables are limits that orders can be checked against."""
    problems: list[Problem] = []
    for number, row in enumerate(content.get("limits", []), start=1):
        reader = Reader(LIMIT_FIELDS, {key: row.get(key) for key in ("rule", "review", "block")})
        reader.read()
        problems += [Problem(p.code, f"limits.{row.get('rule', number)}.{p.place}", p.message) for p in reader.problems]
    if problems:
        raise InputProblems(problems)
    try:
        limits_of(content)
    except InputProblems as refused:
        raise InputProblems(
            Problem(p.code, f"terms.{p.place}" if p.place == SHORT_ALLOWED else f"limits.{p.place}", p.message)
            for p in refused.problems
        ) from None


def check_limit_set(content: Content) -> Iterator[Problem]:
    """A rule that stands twice; shorts that are allowed and limited nowhere."""
    seen: set[str] = set()
    for row in content.get("limits", []):
        rule = str(row.get("rule"))
        if rule in seen:
            yield Problem("twice", f"limits.{rule}", f"{RULES[rule].label} stands twice.")
        seen.add(rule)
    if plain_limits(content)[SHORT_ALLOWED] and "single_short" not in seen:
        message = f"{RULES['single_short'].label}: a fund that may sell short needs a limit."
        yield Problem("missing", "limits", message)


def rule_words(name: Sequence[str]) -> str:
    """The rule's label; a code that is no rule as it stands."""
    return " ".join(RULES[part].label if part in RULES else part for part in name)


DESK_LIMITS = RecordKind(
    name="desk_limits",
    noun="limit set of a desk",
    title="Desk limits",
    about="Limits that a desk's strategies are checked against before they are signed: for review, and for blocking.",
    form="atlas-nexus/desk-limits/1",
    pages="desk-limits",
    tables=(
        TableSpec(
            "limits", "Limits", "limits", LIMIT_FIELDS, ("rule",), words=("name",), label=rule_words, is_required=True
        ),
        TableSpec("terms", "Terms", "terms", TERM_FIELDS, by_cell=True, is_required=True),
    ),
    write=declare("strategies.limits", roles=(Role.ADMIN,), refusal="Only administrators work on limits of desks."),
    read=read_limit_set,
    checks=(check_limit_set,),
    load_hint="Load one with manage.py load_demo.",
)
