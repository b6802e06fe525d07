"""A pool as a table to explore: its 71 columns and what the tests make of each asset, in a Parquet file by its hash."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from engine.portfolios.assets import FIELDS, KINDS, Kind
from engine.portfolios.coverage import carry
from engine.portfolios.measure import par_of
from lib.units import Unit
from portfolios.baskets import run_of
from portfolios.models import PoolSnapshot
from portfolios.queries import checked
from portfolios.tape import TITLES
from tables.catalogue import Catalogue, Column
from tables.query import Sort
from tables.source import Source, source_of

_UNITS = {
    Kind.TEXT: Unit.NAME,
    Kind.DATE: Unit.NAME,
    Kind.FLAG: Unit.FLAG,
    Kind.AMOUNT: Unit.AMOUNT,
    Kind.RATE: Unit.RATE,
    Kind.NUMBER: Unit.NONE,
}
_GROUPS = (
    ("Asset", 0, 7),
    ("Coupon", 7, 17),
    ("Classes", 17, 23),
    ("Flags", 23, 39),
    ("Value", 39, 42),
    ("Ratings", 42, 60),
    ("Other", 60, 71),
)
FIRST = (
    "issue_name",
    "moodys_industry",
    "country",
    "par",
    "moodys_rating_warf",
    "s_p_facility_rating",
    "coupon_spread",
    "market_value",
    "carried_ratio",
    "rule",
)


def _group(place: int) -> str:
    return next((name for name, start, stop in _GROUPS if start <= place < stop), "Position")


COLUMN_GROUPS = tuple(
    (name, [column for place, column in enumerate(FIELDS) if _group(place) == name])
    for name in (*(each[0] for each in _GROUPS), "Position")
)


def _column(place: int, name: str) -> Column:
    kind = KINDS[name]
    dtype = {Kind.TEXT: "str", Kind.DATE: "str", Kind.FLAG: "int64"}.get(kind, "float64")
    return Column(
        name, TITLES[name], _UNITS[kind], _group(place), dtype=dtype, decimals=3 if kind is Kind.NUMBER else None
    )


ASSETS = Catalogue(
    kind="clo_assets",
    columns={
        "row": Column("row", "Row", Unit.COUNT, "Asset", dtype="int64", is_place=True),
        **{name: _column(place, name) for place, name in enumerate(FIELDS)},
        "par": Column("par", "Par in the deal's currency", Unit.AMOUNT, "Computed"),
        "carried_ratio": Column("carried_ratio", "Carried at", Unit.SHARE, "Computed", help="Share of par in the OC numerator, CCC excess taken off."),
        "rule": Column("rule", "Carried by", Unit.NAME, "Computed", dtype="str"),
    },
    key="row",
    default_columns=("row", *FIRST),
    default_sort=(Sort("row", False),),
)  # fmt: skip


def pool_file(pool: PoolSnapshot) -> Path:
    """The pool's file, written once; the same pool under the same limits is the same file."""
    run = run_of(pool)
    folder = Path(settings.ATLASNEXUS_DATA_DIR) / "pools"
    path = folder / f"{pool.content_hash}-{run.pk}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{id(pool)}.tmp")
        pq.write_table(_table(pool), aside)
        aside.rename(path)
    return path


def pool_source(pool: PoolSnapshot) -> Source:
    """The pool as a table to ask."""
    return source_of(ASSETS, [pool_file(pool)])


def _table(pool: PoolSnapshot) -> pa.Table:
    assets, terms, _ = checked(run_of(pool))
    lines = carry(assets, terms).lines
    rows = [
        {
            "row": number,
            **{name: _plain(getattr(line.asset, name)) for name in FIELDS},
            "par": float(par_of(line.asset, terms)),
            "carried_ratio": float(line.amount / line.par) if line.par else None,
            "rule": line.rule,
        }
        for number, line in enumerate(lines, start=1)
    ]
    types = {"str": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
    schema = pa.schema([(column.name, types[column.dtype]) for column in ASSETS.columns.values()])
    return pa.Table.from_pylist(rows, schema=schema)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    return None if value is None or value == "" else str(value)
