"""Rules as they are typed: a cell's value to text and back, and content with some cells changed."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from engine.debt.kinds import AMORTISATIONS
from engine.ratings.criteria import BANK_FIELDS, GENERAL_FIELDS, HAIRCUT_FIELDS, ROW_FIELDS
from ratings.cells import ROW_KEYS

AMORTISATION = FieldSpec(
    "amortisations", "Amortisation allowed", FieldKind.TEXT, choices=tuple(AMORTISATIONS), required=True
)
SPECS: dict[str, dict[str, FieldSpec]] = {
    "general": {spec.path: spec for spec in GENERAL_FIELDS},
    "criteria": {spec.path: spec for spec in (*ROW_FIELDS, AMORTISATION)},
    "central_banks": {spec.path: spec for spec in BANK_FIELDS},
    "repo_haircuts": {spec.path: spec for spec in HAIRCUT_FIELDS},
}
NUMBERS = (FieldKind.NUMBER, FieldKind.INTEGER)
YES, NO = "yes", "no"
# Tables whose cells say each for itself where they come from; in the others the row does.
BY_CELL = frozenset({"general", "criteria", "central_banks"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into a cell: its value as text, its provenance and its source."""

    value: str | Sequence[str]
    provenance: str
    source: str


def spec_of(table: str, field: str) -> FieldSpec | None:
    """The declared field of a table's column; None where anything goes."""
    return SPECS.get(table, {}).get(field)


def typed_text(spec: FieldSpec | None, value: Any) -> str:
    """A value as it stands in its input: shares in percent, lists with commas; what is no value stays as typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, int | float):
        exact = Decimal(repr(value))
        return _plain(exact * 100 if spec and spec.unit == "share" else exact)
    return str(value)


def read_value(spec: FieldSpec | None, typed: str | Sequence[str]) -> Any:
    """The value of what was typed; text that is no number stays text, for the check to refuse it."""
    if spec is AMORTISATION:
        given = typed.split(",") if isinstance(typed, str) else typed
        return [item.strip() for item in given if item.strip()]
    text = typed.strip() if isinstance(typed, str) else ", ".join(typed)
    if spec and spec.kind is FieldKind.FLAG:
        return {YES: True, NO: False}.get(text.lower(), text)
    if spec and spec.kind in NUMBERS:
        return _number(text, is_share=spec.unit == "share")
    return text


def changed_content(content: Mapping[str, Any], typed: Mapping[str, Typed]) -> dict[str, Any]:
    """A copy of the content with the named cells changed; places that are not there are left alone."""
    copy: dict[str, Any] = deepcopy(dict(content))
    for place, row, field in _places(copy):
        if (new := typed.get(place)) is not None:
            _write(row, place.partition(".")[0], field, new)
    return copy


def _places(content: Mapping[str, Any]) -> list[tuple[str, dict[str, Any], str]]:
    """Place, row and field of each cell that can be typed."""
    found = [("general", content.get("general", {}))]
    for table in SPECS.keys() - {"general"}:
        keys = ROW_KEYS[table]
        rows = content.get(table, [])
        found += [(".".join((table, *(str(row.get(key)) for key in keys))), row) for row in rows]
    return [
        (f"{place}.{field}", row, field)
        for place, row in found
        for field in SPECS[place.partition(".")[0]]
        if field in row
    ]


def _write(row: dict[str, Any], table: str, field: str, new: Typed) -> None:
    row[field] = read_value(spec_of(table, field), new.value)
    # A browser sends lines as CR LF; what nobody touched must stay as it was.
    source = new.source.replace("\r\n", "\n").strip()
    said = {"provenance": new.provenance.strip(), "source": source}
    if table in BY_CELL:
        row.setdefault("sources", {})[field] = said
    else:
        row.update(said)


def _number(text: str, *, is_share: bool) -> Any:
    cleaned = text.replace("\N{MINUS SIGN}", "-").replace(" ", "").removesuffix("%")
    try:
        number = Decimal(cleaned) / (100 if is_share else 1)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return text
    return int(number) if number == number.to_integral_value() else float(number)


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
