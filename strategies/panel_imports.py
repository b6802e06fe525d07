"""An import as it stands: the file's columns with what people mended, checked, and compared with the panel in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from django.utils import timezone
from numpy.typing import NDArray

from engine.strategies.panel_checks import (
    CURRENCY,
    DATE,
    IDENT,
    KEYS,
    KNOWN_SINCE,
    CheckedPanel,
    Finding,
    PanelKind,
    PanelRules,
    check_panel,
)
from engine.strategies.panel_rows import FOREVER, PanelRows, known, numbers_of
from lib.storage import content_of
from strategies.members import currencies_of
from strategies.models import DatasetKind, PanelImport
from strategies.panel_files import RawPanel, figures_of, keys_of, read_panel_file
from strategies.translate import panel_rows_of, table_of

SHOWN_CELLS = 200
_KEY_LABELS = {DATE: "Date", IDENT: "Id", KNOWN_SINCE: "Known since", CURRENCY: "Currency"}
_PRICE_LABELS = {
    "close": "Close",
    "adv_shares": "Average daily volume, shares",
    "dividend_amount": "Dividend a share",
    "split_ratio": "Split, new shares for an old one",
}
FIELDS: dict[str, dict[str, str]] = {
    DatasetKind.PRICES: _KEY_LABELS | _PRICE_LABELS,
    DatasetKind.FACTORS: _KEY_LABELS,
    DatasetKind.RISK_MODEL: {DATE: "Date", IDENT: "Risk factor", "return_ratio": "Return"},
    DatasetKind.INDICES: {DATE: "Date", IDENT: "Index", "close": "Level"},
}
NEEDED = {
    DatasetKind.PRICES: (DATE, IDENT, "close"),
    DatasetKind.FACTORS: (DATE, IDENT),
    DatasetKind.RISK_MODEL: (DATE, IDENT, "return_ratio"),
    DatasetKind.INDICES: (DATE, IDENT, "close"),
}
# What an empty cell of a price panel means: no dividend, no split.
WHERE_EMPTY = {"dividend_amount": 0.0, "split_ratio": 1.0}
ALIASES = {
    DATE: ("date", "day", "value_date", "as_of", "as_of_date", "price_date"),
    IDENT: ("id", "ident", "ticker", "symbol", "isin", "sedol", "instrument", "factor", "index"),
    KNOWN_SINCE: ("known_since", "published", "reported", "report_date", "available_from"),
    CURRENCY: ("currency", "ccy"),
    "close": ("close", "price", "px_last", "closing_price", "close_price", "level"),
    "adv_shares": ("adv_shares", "adv", "volume", "average_daily_volume"),
    "dividend_amount": ("dividend_amount", "dividend", "dividends", "dps"),
    "split_ratio": ("split_ratio", "split", "splits"),
    "return_ratio": ("return_ratio", "return", "factor_return"),
}
_FIELD_OF = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
_OWN_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def plain(header: str) -> str:
    """A header as the name of a column: `EV / EBITDA` is `ev_ebitda`."""
    text = re.sub(r"[^a-z0-9]+", "_", header.strip().lower()).strip("_")[:58]
    return f"f_{text}" if text[:1].isdigit() else text


def choices(kind: str, header: str) -> list[tuple[str, str]]:
    """What a header may mean: the fields of the kind, for factors also a factor of its own name."""
    found = list(FIELDS[kind].items())
    own = plain(header)
    if kind == DatasetKind.FACTORS and own and own not in FIELDS[kind]:
        found.append((own, f"Factor {own}"))
    return found


def suggested_mapping(kind: str, headers: Sequence[str], kept: Mapping[str, str] | None = None) -> dict[str, str]:
    """Field by header, "" where it is not read: as this sender's headers were mapped before, else by their names."""
    by_name = {plain(header): name for header, name in (kept or {}).items()}
    found: dict[str, str] = {}
    for header in headers:
        name = by_name.get(plain(header))
        meant = _guess(kind, header) if name is None else name
        found[header] = "" if meant in found.values() else meant
    return found


def _guess(kind: str, header: str) -> str:
    own = plain(header)
    name = _FIELD_OF.get(own, own)
    if name in FIELDS[kind]:
        return name
    return own if kind == DatasetKind.FACTORS and own else ""


def is_field(kind: str, name: str) -> bool:
    """Whether a panel of the kind may have a column of this name."""
    return name in FIELDS[kind] or (kind == DatasetKind.FACTORS and _OWN_NAME.fullmatch(name) is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """An import read and checked; rows count from 0 as they lie in the file."""

    raw: RawPanel
    checked: CheckedPanel
    left_out: Mapping[int, str]
    absent: tuple[str, ...]
    has_known_since: bool

    @property
    def refused_count(self) -> int:
        """How many rows are to be mended or left out."""
        return len(self.checked.refused_rows)

    def table(self, kind: str) -> pa.Table:
        """The sound rows as a dataset holds them."""
        rows = self.checked.rows
        if kind == DatasetKind.PRICES:
            nothing = np.full(len(rows), np.nan)
            told = {name: rows.values.get(name, nothing) for name in _PRICE_LABELS}
            values = {n: np.where(np.isnan(v), WHERE_EMPTY.get(n, np.nan), v) for n, v in told.items()}
            rows = replace(rows, values=values)
        return table_of(rows, with_known_since=self.has_known_since)


def read_import(found: PanelImport) -> Reading:
    """Everything read and checked; rows that were left out are neither taken nor told of."""
    raw = read_panel_file(content_of(found.file_hash), found.file_name)
    left_out = {each["row"] - 1: each["after"] for each in found.corrections if not each["column"]}
    kept = np.setdiff1d(np.arange(len(raw)), np.fromiter(left_out, np.int64, len(left_out)))
    columns = {
        name: _at(mended(raw, header, name, found.corrections), kept)
        for header, name in found.mapping.items()
        if name and header in raw.headers
    }
    absent = tuple(FIELDS[found.kind][name] for name in NEEDED[DatasetKind(found.kind)] if name not in columns)
    checked = check_panel(columns, rules_of(found))
    findings = tuple(_in_file(each, kept) for each in checked.findings)
    told = replace(checked, kept=kept[checked.kept], refused_rows=kept[checked.refused_rows], findings=findings)
    return Reading(raw, told, left_out, absent, KNOWN_SINCE in columns)


def _at(column: NDArray[Any], kept: NDArray[np.int64]) -> NDArray[Any]:
    return column if len(kept) == len(column) else column[kept]


def _in_file(finding: Finding, kept: NDArray[np.int64]) -> Finding:
    return finding if finding.row is None else replace(finding, row=int(kept[finding.row]))


def rules_of(found: PanelImport) -> PanelRules:
    """What the rows are held against: the universe's names and currencies, today."""
    is_of_names = DatasetKind(found.kind).is_of_names
    currencies = currencies_of(found.universe) if is_of_names else {}
    names = frozenset(row["ident"] for row in found.universe.members) if is_of_names else frozenset()
    today = np.datetime64(timezone.localdate().isoformat(), "D")
    return PanelRules(PanelKind(found.kind), today, names=names, currencies=currencies)


def mended(raw: RawPanel, header: str, name: str, corrections: Iterable[Mapping[str, Any]]) -> NDArray[Any]:
    """The column with each cell as it was mended last."""
    column = keys_of(raw.column(header)) if name in KEYS else figures_of(raw.column(header))
    mine = [each for each in corrections if each["column"] == name and each["row"] <= len(column)]
    if mine:
        column = column.astype(object)
        for each in mine:
            column[each["row"] - 1] = each["after"]
    return column


@dataclass(frozen=True, slots=True)
class Differences:
    """What a panel would change of the one in force: rows that come and go, cells that differ, the first of them."""

    come: int
    go: int
    changed: int
    cells: tuple[tuple[str, str, str, float, float], ...]
    columns_come: tuple[str, ...]
    columns_go: tuple[str, ...]


def differences(before: pa.Table | None, after: pa.Table) -> Differences:
    """The panel against the one in force, each date and name as it was told last."""
    new = known(panel_rows_of(after), FOREVER)
    old = new.at(np.zeros(len(new), bool)) if before is None else known(panel_rows_of(before), FOREVER)
    new_keys, old_keys = _keys(new, old)
    # Both lie in order, each key once.
    places = np.searchsorted(old_keys, new_keys)
    ours = np.flatnonzero(np.append(old_keys, np.iinfo(np.int64).min)[places] == new_keys)
    theirs = places[ours]
    cells: list[tuple[str, str, str, float, float]] = []
    changed = 0
    for name in [name for name in new.values if name in old.values]:
        one, other = new.values[name][ours], old.values[name][theirs]
        differs = np.flatnonzero((one != other) & ~(np.isnan(one) & np.isnan(other)))
        changed += len(differs)
        for at in differs[: SHOWN_CELLS - len(cells)]:
            day, ident = new.dates[ours[at]], new.idents[ours[at]]
            cells.append((str(day), str(ident), name, float(other[at]), float(one[at])))
    come, go = (tuple(name for name in a.values if name not in b.values) for a, b in ((new, old), (old, new)))
    return Differences(len(new) - len(ours), len(old) - len(ours), changed, tuple(cells), come, go)


def _keys(new: PanelRows, old: PanelRows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One number a date and name, the same in both, in the order of name and date."""
    keys, _ = numbers_of(np.concatenate([new.idents, old.idents]))
    keys *= 10_000_000
    keys[: len(new)] += new.dates.astype(np.int64)
    keys[len(new) :] += old.dates.astype(np.int64)
    return keys[: len(new)], keys[len(new) :]
