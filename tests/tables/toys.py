"""A table of toys: what the machine of tables is tried on, without anything of finance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lib.units import Unit
from tables.catalogue import Catalogue, Column
from tables.query import Sort
from tables.source import Source, source_of

COLOURS = {0: "Red", 1: "Deep blue", 2: "GREEN_ISH"}
SIZE = 1_000
TOYS = Catalogue(
    kind="toys",
    columns={
        column.name: column
        for column in (
            Column("number", "Toy", Unit.COUNT, "Toy", dtype="int64", is_place=True),
            Column("name", "Name", Unit.NAME, "Toy", dtype="str"),
            Column("colour", "Colour", Unit.CODE, "Toy", dtype="int8", words=COLOURS, spell=str.title),
            Column("parts", "Parts", Unit.CODE, "Toy", dtype="int16", words={1: "Wheels", 2: "Ears"}, is_sum=True),
            Column("is_sold", "Sold", Unit.FLAG, "Shop", dtype="int8"),
            Column("price_amount", "Price", Unit.AMOUNT, "Shop"),
            Column("margin_ratio", "Margin", Unit.SHARE, "Shop"),
            Column("fun", "Fun", Unit.NONE, "Shop", decimals=3),
            Column("stars", "Stars", Unit.COUNT, "Review", dtype="int8", part="review", missing=0),
            Column("place", "Place", Unit.COUNT, "Review", dtype="int64", part="review", is_place=True),
            Column("absent", "Absent", Unit.AMOUNT, "Shop"),
        )
    },
    key="number",
    default_columns=("number", "name", "price_amount"),
    default_sort=(Sort("number"),),
)


def toy(number: int) -> dict[str, Any]:
    """The figures of one toy, from its number alone; every tenth has no price."""
    return {
        "number": number,
        "name": f"Toy {number % 7}",
        "colour": number % 3,
        "parts": number % 4,
        "is_sold": number % 2,
        "price_amount": None if number % 10 == 0 else 1_000_000 + 0.25 * (number * 7 % SIZE),
        "margin_ratio": number / SIZE,
        "fun": 1.0 - number / SIZE,
    }


def review(number: int) -> dict[str, Any]:
    """What is said of every fourth toy."""
    return {"number": number, "stars": 1 + number % 5, "place": number // 4 + 1}


def toys() -> list[dict[str, Any]]:
    """Every toy with its review."""
    none = {"stars": 0, "place": None}
    return [{**toy(n), **(review(n) if n % 4 == 0 else none)} for n in range(SIZE)]


def shop(folder: Path, *, reviewed: bool = True) -> Source:
    """The toys as two shards, with their reviews beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = [folder / "toys-0.parquet", folder / "toys-1.parquet"]
    for path, numbers in zip(halves, (range(SIZE // 2), range(SIZE // 2, SIZE)), strict=True):
        pq.write_table(pa.Table.from_pylist([toy(number) for number in numbers]), path)
    pq.write_table(pa.Table.from_pylist([review(n) for n in range(0, SIZE, 4)]), folder / "review.parquet")
    return source_of(TOYS, halves, {"review": [folder / "review.parquet"]} if reviewed else None)
