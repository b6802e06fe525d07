"""A construction as a form: texts of its fields, limits and views as rows that are added, moved and removed.

Nothing typed is lost: a text that cannot be read stays where it was typed, with what is wrong beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from engine.basics.fields import FieldKind, FieldSpec
from engine.errors import Problem
from engine.strategies.constraints import KINDS, TYPED_KINDS
from engine.strategies.construction import DEFAULT_ROWS, FIELDS
from lib.figures import readers_format
from lib.numbers import read_number, typed_text, whole_or_none
from lib.units import mark

MOST_ROWS, LONGEST = 60, 2_000
ROWS, VIEWS, BUDGETS, WEIGHTS = "rows", "views", "budgets", "weights"
Texts = dict[str, str]
Choices = tuple[tuple[str, str], ...]
CHOICE_WORDS: dict[str, dict[str, str]] = {
    "goal": {
        "equal_weights": "Every name alike",
        "minimum_variance": "Least variance",
        "mean_variance": "Return less variance",
        "maximum_return": "Most return",
        "risk_budgets": "Risk budgets",
        "own_weights": "Weights of our own",
    },
    "expected": {
        "none": "None",
        "history": "Mean of the past",
        "signal": "Score of the signal",
        "views": "Market and our views",
    },
    "covariance": {
        "ledoit_wolf": "Ledoit-Wolf",
        "sample": "Sample",
        "factors": "Factors of Ledoit-Wolf",
    },
    "before": {
        "held": "Held in paper orders",
        "last_run": "The last portfolio",
        "equal": "Every name alike",
        "cash": "Cash",
    },
}
KIND_WORDS = {
    "sum_equal": "Weights add to",
    "sum_most": "Weights add to at most",
    "sum_least": "Weights add to at least",
    "weight_least": "Each weight at least",
    "weight_most": "Each weight at most",
    "sector_least": "A sector, net, at least",
    "sector_most": "A sector, net, at most",
    "gross_most": "Long and short together at most",
    "long_most": "Long positions at most",
    "short_most": "Short positions at most",
    "beta_least": "Beta at least",
    "beta_most": "Beta at most",
    "return_least": "Expected return a year at least",
    "turnover_most": "Turnover, bought and sold, at most",
    "tracking_error_most": "Tracking error a year at most",
    "names_most": "Number of names at most",
    "lots": "Weights in whole lots of",
}
ROW_KINDS: Choices = tuple(
    (code, f"{KIND_WORDS[code]}{', %' if KINDS[code].unit == 'share' else ''}") for code in TYPED_KINDS
)
ROW_KEYS = ("kind", "limit", "sector", "names")
VIEW_KEYS = ("label", "shares", "return_rate", "confidence_ratio")
SHARES_HELP = "As “RA01 100%; RA02 -100%”."


@dataclass(slots=True)
class Typed:
    """The texts of the form."""

    fields: Texts = field(default_factory=dict)
    rows: list[Texts] = field(default_factory=list)
    views: list[Texts] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of the page; `choices` where one of a list is meant."""

    name: str
    label: str
    typed: str
    problems: tuple[str, ...] = ()
    choices: Choices = ()
    unit_mark: str = ""
    help: str = ""
    known: str = ""  # the list of what may be typed
    is_flag: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One limit or view with what is wrong of it as a whole."""

    number: int
    title: str
    fields: tuple[ShownField, ...]
    problems: tuple[str, ...]
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class ShownForm:
    """The page's form; `rest` are problems that belong to none of its places."""

    fields: tuple[ShownField, ...]
    own: tuple[ShownField, ...]
    rows: tuple[ShownRow, ...]
    views: tuple[ShownRow, ...]
    rest: tuple[Problem, ...]


# Texts


def typed_of(content: Mapping[str, Any]) -> Typed:
    """The form of a version's construction."""
    texts = {spec.path: _text(spec, content.get(spec.path, spec.default)) for spec in FIELDS}
    texts |= {key: _shares_text(content.get(key) or {}) for key in (BUDGETS, WEIGHTS)}
    rows = content.get(ROWS)
    if rows is None:
        rows = [{"kind": row.kind, "limit": row.limit} for row in DEFAULT_ROWS]
    return Typed(texts, [_row_texts(row) for row in rows], [_view_texts(view) for view in content.get(VIEWS) or ()])


def _text(spec: FieldSpec, value: Any) -> str:
    if spec.kind is FieldKind.FLAG:
        return "yes" if value else ""
    if value is None or spec.kind is FieldKind.CHOICE:
        return str(value or "")
    return typed_text(value, spec.unit, readers_format())


def _row_texts(row: Mapping[str, Any]) -> Texts:
    unit = KINDS[row["kind"]].unit
    return {
        "kind": row["kind"],
        "limit": typed_text(row["limit"], unit, readers_format()),
        "sector": row.get("sector", ""),
        "names": ", ".join(row.get("names", ())),
    }


def _view_texts(view: Mapping[str, Any]) -> Texts:
    return {
        "label": view.get("label", ""),
        "shares": _shares_text(view["shares"]),
        "return_rate": typed_text(view["return_rate"], "rate", readers_format()),
        "confidence_ratio": typed_text(view.get("confidence_ratio", 0.5), "share", readers_format()),
    }


def _shares_text(shares: Mapping[str, float]) -> str:
    return "; ".join(f"{name} {typed_text(share, 'share', readers_format())}%" for name, share in shares.items())


def posted(data: QueryDict) -> Typed:
    """The form as it was sent."""
    texts = {key: _sent(data, key) for key in (*(spec.path for spec in FIELDS), BUDGETS, WEIGHTS)}
    return Typed(texts, _sent_rows(data, ROWS, ROW_KEYS), _sent_rows(data, VIEWS, VIEW_KEYS))


def _sent(data: QueryDict, name: str) -> str:
    return str(data.get(name, "")).strip()[:LONGEST]


def _sent_rows(data: QueryDict, table: str, keys: Iterable[str]) -> list[Texts]:
    text = _sent(data, f"{table}.count")
    count = min(whole_or_none(text, 3) or 0, MOST_ROWS)
    return [{key: _sent(data, f"{table}.{number}.{key}") for key in keys} for number in range(count)]


def act(typed: Typed, do: str) -> bool:
    """True where `do` was an action on rows, and done: add:rows, drop:views:0, up:rows:2, down:rows:1."""
    verb, _, rest = do.partition(":")
    table, _, place = rest.partition(":")
    if table not in {ROWS, VIEWS} or verb not in {"add", "drop", "up", "down"}:
        return False
    rows = typed.rows if table == ROWS else typed.views
    if verb == "add":
        if len(rows) < MOST_ROWS:
            rows.append(dict.fromkeys(ROW_KEYS if table == ROWS else VIEW_KEYS, "") | _fresh(table))
        return True
    at = whole_or_none(place, 3)
    if at is None or at >= len(rows):
        return False
    if verb == "drop":
        del rows[at]
        return True
    other = at - 1 if verb == "up" else at + 1
    if 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
    return True


def _fresh(table: str) -> Texts:
    return {"kind": "weight_most"} if table == ROWS else {"confidence_ratio": typed_text(0.5, "share")}


# Reading


def read(typed: Typed) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The construction that the texts say, and what could not be read; the engine judges it as a whole."""
    problems: list[Problem] = []
    content = {spec.path: _value(spec, typed.fields.get(spec.path, ""), problems) for spec in FIELDS}
    content = {key: value for key, value in content.items() if value is not None}
    content[ROWS] = [_row(k, texts, problems) for k, texts in enumerate(typed.rows)]
    content[VIEWS] = [_view(k, texts, problems) for k, texts in enumerate(typed.views)]
    for key in (BUDGETS, WEIGHTS):
        content[key] = _shares(key, typed.fields.get(key, ""), problems)
    return content, tuple(problems)


def _value(spec: FieldSpec, text: str, problems: list[Problem]) -> Any:
    if spec.kind is FieldKind.FLAG:
        return text == "yes"
    if not text or spec.kind is FieldKind.CHOICE:
        return text or None
    return _number(spec.path, spec.label, text, spec.unit, problems)


def _number(place: str, label: str, text: str, unit: str, problems: list[Problem]) -> float | None:
    found = read_number(text, unit, readers_format())
    if found.value is None:
        problems.append(Problem(found.code, place, f"{label}: {found.problem}."))
        return None
    return float(found.value)


def _row(k: int, texts: Texts, problems: list[Problem]) -> dict[str, Any]:
    kind = KINDS.get(texts["kind"])
    limit = _number(f"{ROWS}.{k}.limit", "Limit", texts["limit"], kind.unit if kind else "share", problems)
    names = [name.strip() for name in texts["names"].replace(";", ",").split(",") if name.strip()]
    row: dict[str, Any] = {"kind": texts["kind"], "limit": limit if limit is not None else 0.0}
    return row | ({"sector": texts["sector"]} if texts["sector"] else {}) | ({"names": names} if names else {})


def _view(k: int, texts: Texts, problems: list[Problem]) -> dict[str, Any]:
    place = f"{VIEWS}.{k}"
    confidence = texts["confidence_ratio"] or "50"
    return {
        "label": texts["label"],
        "shares": _shares(f"{place}.shares", texts["shares"], problems),
        "return_rate": _number(f"{place}.return_rate", "Return a year", texts["return_rate"], "rate", problems) or 0.0,
        "confidence_ratio": _number(f"{place}.confidence_ratio", "Confidence", confidence, "share", problems) or 0.0,
    }


def _shares(place: str, text: str, problems: list[Problem]) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in (part.strip() for part in text.replace("\n", ";").split(";")):
        name, _, share = part.rpartition(" ")
        if not part:
            continue
        if not name:
            problems.append(Problem("no_share", place, f"{part}: give the name and its share. {SHARES_HELP}"))
            continue
        value = _number(place, name.strip(), share, "share", problems)
        if value is not None:
            found[name.strip()] = value
    return found


# The page


def shown(typed: Typed, problems: Iterable[Problem] = ()) -> ShownForm:
    """The form with each problem at its place."""
    told: dict[str, list[str]] = {}
    every = list(problems)
    for problem in every:
        told.setdefault(problem.place, []).append(problem.message)
    page = _Page(told)
    return ShownForm(
        tuple(page.field(spec, typed.fields.get(spec.path, "")) for spec in FIELDS),
        (
            page.text(BUDGETS, "Risk budgets", typed.fields.get(BUDGETS, ""), help=f"Empty: equal. {SHARES_HELP}"),
            page.text(WEIGHTS, "Weights of our own", typed.fields.get(WEIGHTS, ""), help=SHARES_HELP),
        ),
        page.rows(ROWS, typed.rows),
        page.rows(VIEWS, typed.views),
        tuple(problem for problem in every if problem.place not in page.laid),
    )


class _Page:
    """Lays fields out; each problem is told where its place is laid."""

    def __init__(self, told: Mapping[str, Sequence[str]]) -> None:
        self.told = told
        self.laid: set[str] = set()

    def _taken(self, place: str) -> tuple[str, ...]:
        found = tuple(each for key, each_told in self.told.items() if _is_of(key, place) for each in each_told)
        self.laid |= {key for key in self.told if _is_of(key, place)}
        return found

    def field(self, spec: FieldSpec, text: str) -> ShownField:
        words = CHOICE_WORDS.get(spec.path, {})
        return ShownField(
            spec.path, spec.label, text, self._taken(spec.path), tuple((each, words[each]) for each in spec.choices),
            mark(spec.unit), spec.help, is_flag=spec.kind is FieldKind.FLAG,
            is_number=spec.kind in {FieldKind.NUMBER, FieldKind.INTEGER},
        )  # fmt: skip

    def text(self, name: str, label: str, text: str, **further: Any) -> ShownField:
        return ShownField(name, label, text, self._taken(name), **further)

    def rows(self, table: str, rows: list[Texts]) -> tuple[ShownRow, ...]:
        lay, last = self._limit if table == ROWS else self._view, len(rows) - 1
        found = []
        for number, texts in enumerate(rows):
            place = f"{table}.{number}"
            fields = lay(place, texts)
            title = f"{'Limit' if table == ROWS else 'View'} {number + 1}"
            found.append(ShownRow(number, title, fields, self._taken(place), number == 0, number == last))
        return tuple(found)

    def _limit(self, place: str, texts: Texts) -> tuple[ShownField, ...]:
        return (
            self.text(f"{place}.kind", "Limit on", texts["kind"], choices=ROW_KINDS),
            self.text(f"{place}.limit", "Limit", texts["limit"], is_number=True),
            self.text(f"{place}.sector", "Sector", texts["sector"], known="known-sectors"),
            self.text(f"{place}.names", "Names, none for all", texts["names"], known="known-names"),
        )

    def _view(self, place: str, texts: Texts) -> tuple[ShownField, ...]:
        rate, confidence = f"{place}.return_rate", f"{place}.confidence_ratio"
        return (
            self.text(f"{place}.label", "In words", texts["label"]),
            self.text(f"{place}.shares", "Names and shares", texts["shares"], help=SHARES_HELP),
            self.text(rate, "Return a year", texts["return_rate"], unit_mark="%", is_number=True),
            self.text(confidence, "Confidence", texts["confidence_ratio"], unit_mark="%", is_number=True),
        )


def _is_of(key: str, place: str) -> bool:
    """True where a problem's place is this one; of own weights and budgets also a name in it."""
    return key == place or (place in {BUDGETS, WEIGHTS} and key.startswith(f"{place}."))
