"""Rules as they are typed: a cell's value to text and back, and content with some cells changed."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from engine.debt.kinds import AMORTISATIONS
from engine.ratings.criteria import BAND_FIELDS, BANK_FIELDS, GENERAL_FIELDS, HAIRCUT_FIELDS, ROW_FIELDS
from engine.ratings.repo import CLASS_FIELDS, CRITERION_FIELDS, FACILITY_FIELDS
from engine.ratings.repo import HAIRCUT_FIELDS as COLLATERAL_HAIRCUT_FIELDS
from ratings.cells import ROW_KEYS, named_rows
from ratings.scales import SCALE_FIELDS
from ratings.tables import HAIRCUTS, SAID

AMORTISATION = FieldSpec(
    "amortisations", "Amortisation allowed", FieldKind.TEXT, choices=tuple(AMORTISATIONS), required=True
)
_BPS = tuple(
    FieldSpec(name, label, FieldKind.NUMBER, "bps") for name, label in (("minimum_bps", "From"), ("maximum_bps", "To"))
)
_TEXTS = {
    HAIRCUTS: {"haircut_pct": "Haircut, %"},
    "central_bank_rules": {"value": "Value", "unit": "Unit"},
    "collateral_criteria": {"accepted": "Accepted", "open_to": "May confirm"},
}


def _texts(table: str) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(name, label, FieldKind.TEXT) for name, label in _TEXTS[table].items())


def _editable(table: str, specs: Iterable[FieldSpec]) -> dict[str, FieldSpec]:
    """The columns that can be typed over: not what names the row, nor where the row is from."""
    return {spec.path: spec for spec in specs if spec.path not in ROW_KEYS[table] and spec.path not in SAID}


SPECS: dict[str, dict[str, FieldSpec]] = {
    "general": {spec.path: spec for spec in GENERAL_FIELDS},
    "criteria": {spec.path: spec for spec in (*ROW_FIELDS, AMORTISATION)},
    "central_banks": {spec.path: spec for spec in BANK_FIELDS},
    "repo_haircuts": _editable("repo_haircuts", HAIRCUT_FIELDS),
    "rating_scale": _editable("rating_scale", SCALE_FIELDS),
    "agency_bands": _editable("agency_bands", BAND_FIELDS),
    "wrap_premium_bps": _editable("wrap_premium_bps", _BPS),
    "central_bank_rules": _editable("central_bank_rules", _texts("central_bank_rules")),
    HAIRCUTS: _editable(HAIRCUTS, _texts(HAIRCUTS)),
    "collateral_classes": _editable("collateral_classes", CLASS_FIELDS),
    "collateral_facilities": _editable("collateral_facilities", FACILITY_FIELDS),
    "collateral_criteria": _editable("collateral_criteria", (*CRITERION_FIELDS, *_texts("collateral_criteria"))),
    "collateral_haircuts": _editable("collateral_haircuts", COLLATERAL_HAIRCUT_FIELDS),
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


def spec_of(path: Sequence[str]) -> FieldSpec | None:
    """The declared field of a cell's column; None where anything goes."""
    return SPECS.get(table_of(path), {}).get(path[-1])


def table_of(path: Sequence[str]) -> str:
    """The table a cell's row is in: the published haircuts stand within the central banks."""
    return HAIRCUTS if path[0] == "central_banks" and HAIRCUTS in path[1:-1] else path[0]


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
        return _number(text, is_share=spec.unit == "share") if text else None
    return text


def changed_content(content: Mapping[str, Any], typed: Mapping[str, Typed]) -> dict[str, Any]:
    """A copy of the content with the named cells changed; places that are not there are left alone."""
    copy: dict[str, Any] = deepcopy(dict(content))
    for table, place, row in _rows(copy):
        for field in SPECS[table]:
            if field in row and (new := typed.get(f"{place}.{field}")) is not None:
                _write(row, table, field, new)
    return copy


def _rows(content: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Table, place and row of every row with cells that can be typed; places are told before any of them changes."""
    found = [("general", "general", content.get("general", {}))]
    for table in SPECS.keys() - {"general", HAIRCUTS}:
        found += [(table, ".".join((table, *named)), row) for named, row in named_rows(table, content.get(table, []))]
    for (place,), bank in named_rows("central_banks", content.get("central_banks", [])):
        rows = named_rows(HAIRCUTS, bank.get(HAIRCUTS, []))
        found += [(HAIRCUTS, ".".join(("central_banks", place, HAIRCUTS, *named)), row) for named, row in rows]
    return found


def _write(row: dict[str, Any], table: str, field: str, new: Typed) -> None:
    row[field] = read_value(SPECS[table][field], new.value)
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
