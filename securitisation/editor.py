"""A structure as a form: what stands in each field as text, rows added, moved and dropped, all of it read at once.

Nothing typed is lost: a text that cannot be read stays where it was typed, with what is wrong beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from engine.errors import Problem
from engine.notes.terms import ALWAYS, BREACHED, HOLDS
from lib.figures import readers_format
from lib.numbers import read_list, read_number, typed_text, whole_or_none
from lib.units import Unit, mark
from securitisation.editor_fields import GROUPS, MOST_ROWS, TABLE_BY_KEY, TABLES, TERMS, Choices, Field, Form, Table

TICKED = "yes"
LONGEST = 400
LIST_SIGN = "; "
_TERM_KEYS = frozenset(term.key for term in TERMS)
_NESTED = ("reserve", "liquidity", "principal_rule")
Texts = dict[str, str]


@dataclass(slots=True)
class Typed:
    """The texts of the form: of each group by field, of each table's rows by column."""

    groups: dict[str, Texts] = field(default_factory=dict)
    rows: dict[str, list[Texts]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the texts say: terms and behaviour as content, and what could not be read."""

    content: dict[str, Any]
    behaviour: dict[str, Any]
    problems: tuple[Problem, ...]


# Texts


def typed_of(content: Mapping[str, Any], behaviour: Mapping[str, Any]) -> Typed:
    """The form of a version."""
    said = {"terms": content, "behaviour": behaviour, **{name: content.get(name, {}) for name in _NESTED}}
    groups = {name: {each.key: text_of(each, said[name].get(each.key)) for each in fields} for name, fields in GROUPS}
    return Typed(groups, {table.key: rows_of(table, content.get(table.key, ())) for table in TABLES})


def rows_of(table: Table, rows: Iterable[Mapping[str, Any]]) -> list[Texts]:
    """The rows of one table as texts."""
    return [{each.key: text_of(each, row.get(each.key)) for each in table.fields} for row in rows]


def text_of(each: Field, value: Any) -> str:
    """A value as its field shows it; nothing where it is what an empty field means."""
    if each.form is Form.FLAG:
        return TICKED if value else ""
    if value is None or (value == each.empty and each.form is not Form.CHOICE):
        return ""
    if each.form in (Form.NUMBER, Form.WHOLE, Form.RATES):
        values = value if isinstance(value, list | tuple) else [value]
        return LIST_SIGN.join(f"{_figure(one, each.unit)}" for one in values)
    return LIST_SIGN.join(value) if isinstance(value, list | tuple) else str(value)


def _figure(value: float, unit: Unit) -> str:
    return typed_text(Decimal(repr(value)), unit, readers_format())


def posted(data: QueryDict) -> Typed:
    """The form as it was sent, cut where a text would fill the page."""
    groups = {name: {each.key: _sent(data, f"{name}.{each.key}") for each in fields} for name, fields in GROUPS}
    return Typed(groups, {table.key: rows_posted(data, table) for table in TABLES})


def _sent(data: QueryDict, name: str) -> str:
    return str(data.get(name, "")).strip()[:LONGEST]


def rows_posted(data: QueryDict, table: Table) -> list[Texts]:
    """The rows of one table as they were sent."""
    text = _sent(data, f"{table.key}.count")
    count = min(whole_or_none(text, 3) or 0, MOST_ROWS)
    return [
        {each.key: _sent(data, f"{table.key}.{number}.{each.key}") for each in table.fields} for number in range(count)
    ]


# Rows


def act(typed: Typed, do: str, tables: Mapping[str, Table] = TABLE_BY_KEY) -> bool:
    """True where `do` was an action on rows, and done: add:classes, drop:fees:0, up:interest_steps:2, down:..."""
    verb, _, rest = do.partition(":")
    key, _, place = rest.partition(":")
    table = tables.get(key)
    if table is None or verb not in {"add", "drop", "up", "down"}:
        return False
    rows = typed.rows[key]
    if verb == "add":
        if len(rows) < MOST_ROWS:
            rows.append(
                {each.key: text_of(each, each.choices[0][0] if each.choices else None) for each in table.fields}
            )
        return True
    at = whole_or_none(place, 3)
    if at is None or at >= len(rows):
        return False
    if verb == "drop":
        del rows[at]
    else:
        _swap(rows, at, at - 1 if verb == "up" else at + 1)
    return True


def _swap(rows: list[Texts], one: int, other: int) -> None:
    if 0 <= other < len(rows):
        rows[one], rows[other] = rows[other], rows[one]


# Reading


def read(typed: Typed, *, code: str, name: str, currency: str) -> Reading:
    """Terms and behaviour of what was typed; the engine judges them as a whole."""
    reader = _Reader(currency)
    groups = {key: reader.row(key, fields, typed.groups.get(key, {})) for key, fields in GROUPS}
    content: dict[str, Any] = {"code": code, "name": name, "currency": currency, **groups["terms"]}
    content |= {key: groups[key] for key in _NESTED}
    for table in TABLES:
        content[table.key] = reader.rows(table, typed.rows.get(table.key, []))
    content["payment_frequency_months"] = int(content["payment_frequency_months"] or 0)
    return Reading(content, groups["behaviour"], tuple(reader.problems))


def read_rows(table: Table, rows: Iterable[Texts], currency: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The rows of one table as content, and what could not be read."""
    reader = _Reader(currency)
    return reader.rows(table, rows), reader.problems


class _Reader:
    """Reads texts and gathers what is wrong with them, each with its place."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.problems: list[Problem] = []

    def row(self, place: str, fields: Iterable[Field], texts: Mapping[str, str]) -> dict[str, Any]:
        return {each.key: self.value(f"{place}.{each.key}", each, texts.get(each.key, "")) for each in fields}

    def rows(self, table: Table, rows: Iterable[Texts]) -> list[dict[str, Any]]:
        return [self.row(f"{table.key}.{number}", table.fields, row) for number, row in enumerate(rows)]

    def value(self, place: str, each: Field, text: str) -> Any:
        if each.form is Form.FLAG:
            return text == TICKED
        if not text:
            return self._empty(place, each)
        return _READERS[each.form](self, place, each, text)

    def refuse(self, code: str, place: str, each: Field, words: str) -> None:
        self.problems.append(Problem(code, place, f"{each.label}: {words}."))

    def _empty(self, place: str, each: Field) -> Any:
        if each.required:
            self.refuse("missing", place, each, "is missing")
        return each.empty

    def number(self, place: str, each: Field, text: str) -> Any:
        found = read_number(text, each.unit, readers_format(), self.currency if each.unit is Unit.AMOUNT else "")
        if found.value is None:
            self.refuse(found.code, place, each, found.problem)
            return each.empty
        return float(found.value)

    def whole(self, place: str, each: Field, text: str) -> Any:
        value = self.number(place, each, text)
        if value is not None and (value != int(value) or abs(value) > 10_000):
            self.refuse("not_whole", place, each, f"expected a whole number, got {text}")
            return each.empty
        return value if value is None else int(value)

    def rates(self, place: str, each: Field, text: str) -> Any:
        found = read_list(text, each.unit, readers_format())
        if found.problem:
            self.refuse("not_a_number", place, each, found.problem)
            return each.empty
        values = [float(value) for value in found.values]
        return values if len(values) > 1 else values[0]

    def choice(self, place: str, each: Field, text: str) -> Any:
        # Conditions name triggers of the form itself: the engine knows whether they are there.
        if each.key != "when" and text not in {code for code, _ in each.choices}:
            self.refuse("unknown_choice", place, each, f"expected one of the list, got {text}")
            return each.empty
        return text

    def codes(self, place: str, each: Field, text: str) -> Any:
        return [part.strip() for part in text.replace(",", ";").split(";") if part.strip()]

    def text(self, place: str, each: Field, text: str) -> Any:
        return text


_READERS: Mapping[Form, Callable[[_Reader, str, Field, str], Any]] = {
    Form.NUMBER: _Reader.number,
    Form.WHOLE: _Reader.whole,
    Form.RATES: _Reader.rates,
    Form.CHOICE: _Reader.choice,
    Form.CODES: _Reader.codes,
    Form.TEXT: _Reader.text,
    Form.DATE: _Reader.text,
}


# The page


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of the page."""

    of: Field
    name: str
    typed: str
    problems: tuple[str, ...]
    choices: Choices

    @property
    def unit_mark(self) -> str:
        """The unit beside the typed value."""
        return mark(self.of.unit)

    @property
    def is_ticked(self) -> bool:
        """True where the tick is set."""
        return self.typed == TICKED


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a table with what is wrong of it as a whole."""

    number: int
    title: str
    fields: tuple[ShownField, ...]
    problems: tuple[str, ...]
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One table of the page."""

    of: Table
    rows: tuple[ShownRow, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownForm:
    """The whole page; `rest` are problems that belong to none of its places."""

    groups: Mapping[str, tuple[ShownField, ...]]
    tables: tuple[ShownTable, ...]
    suggested: Mapping[str, tuple[str, ...]]
    rest: tuple[Problem, ...]


def shown(typed: Typed, problems: Iterable[Problem] = ()) -> ShownForm:
    """The form with each problem at its place."""
    suggested = _suggested(typed)
    page = _Page(problems, suggested)
    groups = {name: page.fields(name, fields, typed.groups.get(name, {})) for name, fields in GROUPS}
    tables = tuple(page.table(table, typed.rows.get(table.key, [])) for table in TABLES)
    return ShownForm(groups, tables, suggested, page.rest)


def shown_rows(
    table: Table, rows: list[Texts], problems: Iterable[Problem] = ()
) -> tuple[ShownTable, tuple[Problem, ...]]:
    """One table by itself with each problem at its place, and the problems that belong to none of them."""
    page = _Page(problems, {"triggers": ()})
    return page.table(table, rows), page.rest


def place_of(place: str) -> str:
    """The form's name of a place in the content: `classes[0].name` is `classes.0.name`, a term of its own `terms.`."""
    plain = place.replace("[", ".").replace("]", "").removeprefix("content.")
    return f"terms.{plain}" if plain in _TERM_KEYS else plain


def _suggested(typed: Typed) -> dict[str, tuple[str, ...]]:
    codes = {
        key: tuple(row.get("code", "") for row in typed.rows.get(key, []) if row.get("code")) for key in TABLE_BY_KEY
    }
    return {
        "classes": codes["classes"],
        "further_loans": codes["further_loans"],
        "triggers": codes["triggers"],
        "targets": codes["classes"] + codes["fees"] + codes["hedges"],
    }


def _title(table: Table, row: Texts, number: int) -> str:
    """What a row is called: by its name or code, a step by its place, what it pays and whom."""
    called = row.get("name") or row.get("code")
    if called:
        return called
    kind = dict(table.fields[0].choices).get(row.get("kind", ""), "").lower()
    said = " ".join(part for part in (kind, row.get("target", "")) if part)
    return f"{table.row.capitalize()} {number + 1}" + (f": {said}" if said else "")


class _Page:
    """Lays fields out; each problem is taken from `told` where it is shown."""

    def __init__(self, problems: Iterable[Problem], suggested: Mapping[str, tuple[str, ...]]) -> None:
        self.told: dict[str, list[Problem]] = {}
        for problem in problems:
            self.told.setdefault(place_of(problem.place), []).append(problem)
        self.suggested = suggested

    @property
    def rest(self) -> tuple[Problem, ...]:
        """What has not been shown yet."""
        return tuple(problem for rest in self.told.values() for problem in rest)

    def fields(self, place: str, fields: Iterable[Field], texts: Mapping[str, str]) -> tuple[ShownField, ...]:
        return tuple(self._field(f"{place}.{each.key}", each, texts.get(each.key, "")) for each in fields)

    def table(self, table: Table, rows: list[Texts]) -> ShownTable:
        last = len(rows) - 1
        shown_rows = tuple(
            ShownRow(
                number,
                _title(table, row, number),
                self.fields(f"{table.key}.{number}", table.fields, row),
                self._taken(f"{table.key}.{number}"),
                number == 0,
                number == last,
            )
            for number, row in enumerate(rows)
        )
        return ShownTable(table, shown_rows, self._taken(table.key))

    def _field(self, name: str, each: Field, text: str) -> ShownField:
        return ShownField(each, name, text, self._taken(name), self._choices(each, text))

    def _choices(self, each: Field, text: str) -> Choices:
        if each.key != "when":
            return each.choices
        conditions = tuple(
            (f"{sign}{code}", f"While {code} {words}")
            for code in self.suggested["triggers"]
            for sign, words in ((HOLDS, "holds"), (BREACHED, "is breached"))
        )
        found = ((ALWAYS, "Always"), *conditions)
        return found if text in {code for code, _ in found} or not text else (*found, (text, text))

    def _taken(self, place: str) -> tuple[str, ...]:
        return tuple(problem.message for problem in self.told.pop(place, ()))
