"""Extracts for regulators out of canonical records: EMIR Refit, CFTC Part 45, MiFIR; each row says what is missing.

The fields are those that a reconciled trade knows; no repository has validated a file of ours, and each row says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.text import safe_cell
from reconciliation.models import Member, ReconciliationRun

Values = Mapping[str, str]
Leis = Mapping[str, str]
US = "us"
ASSET_CLASSES = {
    **dict.fromkeys(("swap", "fra", "capFloor", "swaption", "zcis"), ("INTR", "IR")),
    **dict.fromkeys(("fxForward", "fxOption"), ("CURR", "FX")),
    "cds": ("CRDT", "CR"),
    "trs": ("CRDT", "CR"),
}
CONTRACT_TYPES = {"swap": "SWAP", "fra": "FRAS", "capFloor": "OPTN", "swaption": "SWPT", "zcis": "SWAP", "fxForward": "FORW",
                  "fxOption": "OPTN", "cds": "SWAP", "trs": "SWAP"}  # fmt: skip
PAYS_OR_BUYS = {
    "BUY": "BYER",
    "SELL": "SLLR",
    "PAY_FIXED": "MAKE",
    "RECEIVE_FIXED": "TAKE",
    "LONG": "TAKE",
    "SHORT": "MAKE",
}
NOT_VALIDATED = "not validated by a repository"


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a regime: how it comes out of a record, and for which products it must be there."""

    name: str
    read: Callable[[Values, Leis], str]
    products: frozenset[str] = frozenset(CONTRACT_TYPES)


def _of(field: str) -> Callable[[Values, Leis], str]:
    return lambda values, _: values.get(field, "")


def _asset_class(place: int) -> Callable[[Values, Leis], str]:
    return lambda values, _: ASSET_CLASSES.get(values.get("product", ""), ("", ""))[place]


def _ours(_: Values, leis: Leis) -> str:
    return leis.get(US, "")


def _theirs(values: Values, leis: Leis) -> str:
    return leis.get(values.get("counterparty", ""), "")


def _direction(values: Values, _: Leis) -> str:
    return PAYS_OR_BUYS.get(values.get("side", ""), "")


def _price(values: Values, _: Leis) -> str:
    return values.get("price") or values.get("rate", "")


def _contract_type(values: Values, _: Leis) -> str:
    return CONTRACT_TYPES.get(values.get("product", ""), "")


RATES = frozenset(("swap", "fra", "capFloor", "swaption", "zcis"))
OPTIONS = frozenset(("capFloor", "swaption", "fxOption"))
PAIRS = frozenset(("fxForward", "fxOption"))
DATED = frozenset(CONTRACT_TYPES) - PAIRS
REGIMES: dict[str, tuple[Column, ...]] = {
    "emir": (
        Column("Counterparty 1 (Reporting counterparty)", _ours),
        Column("Counterparty 2", _theirs),
        Column("UTI", _of("uti")),
        Column("Direction", _direction),
        Column("Contract type", _contract_type),
        Column("Asset class", _asset_class(0)),
        Column("Execution date", _of("trade_date")),
        Column("Effective date", _of("effective_date"), DATED),
        Column("Expiration date", _of("maturity_date")),
        Column("Notional amount of leg 1", _of("notional")),
        Column("Notional currency 1", _of("currency")),
        Column("Notional amount of leg 2", _of("notional2"), PAIRS),
        Column("Notional currency 2", _of("currency2"), PAIRS),
        Column("Fixed rate of leg 1 or exchange rate or strike", _of("rate"), frozenset(CONTRACT_TYPES) - {"trs"}),
        Column("Indicator of the floating rate of leg 2", _of("index"), RATES | {"trs"}),
        Column("Spread of leg 2", _of("spread"), frozenset(("swap", "trs"))),
        Column("Option type", _of("option_type"), OPTIONS),
        Column("Option premium amount", _of("premium"), OPTIONS),
        Column("Underlying identification or reference entity", lambda v, _: v.get("underlying") or v.get("reference_entity", ""), frozenset(("cds", "trs"))),
    ),
    "cftc": (
        Column("Counterparty 1 (reporting counterparty)", _ours),
        Column("Counterparty 2", _theirs),
        Column("Unique transaction identifier", _of("uti")),
        Column("Asset class", _asset_class(1)),
        Column("Execution date", _of("trade_date")),
        Column("Effective date", _of("effective_date"), DATED),
        Column("Expiration date", _of("maturity_date")),
        Column("Notional amount-Leg 1", _of("notional")),
        Column("Notional currency-Leg 1", _of("currency")),
        Column("Fixed rate-Leg 1", _of("rate"), frozenset(("swap", "fra", "zcis", "cds"))),
        Column("Exchange rate", _of("rate"), PAIRS),
        Column("Spread-Leg 2", _of("spread"), frozenset(("swap", "trs"))),
        Column("Option premium amount", _of("premium"), OPTIONS),
        Column("Strike price", _of("rate"), OPTIONS),
    ),
    "mifir": (
        Column("Executing entity identification code", _ours),
        Column("Buyer or seller identification code", _theirs),
        Column("Transaction reference number", _of("trade_id")),
        Column("Trading date", _of("trade_date")),
        Column("Quantity or notional", _of("notional")),
        Column("Currency", _of("currency")),
        Column("Price", _price),
        Column("Maturity date", _of("maturity_date")),
        Column("Option type", _of("option_type"), OPTIONS),
        Column("Expiry date", _of("expiry_date"), frozenset(("swaption", "fxOption"))),
    ),
}  # fmt: skip


def leis_of(run: ReconciliationRun) -> dict[str, str]:
    """LEIs by the codes of parties; ours under `us`."""
    return {US if row["is_us"] else row["code"]: row["lei"] for row in run.terms.content["parties"]}


def row_of(regime: str, values: Values, leis: Leis) -> dict[str, str]:
    """The regime's fields of a trade, with the share of what must be there that is, and what is missing."""
    columns = REGIMES[regime]
    found = {column.name: column.read(values, leis) for column in columns}
    asked = [column.name for column in columns if values.get("product") in column.products]
    missing = [name for name in asked if not found[name]]
    share = (len(asked) - len(missing)) / len(asked) if asked else 0.0
    return {**found, "completeness": f"{share:.0%}", "missing": "; ".join(missing), "note": NOT_VALIDATED}


def extract(run: ReconciliationRun, regime: str) -> bytes:
    """CSV of our OTC trades in the run, one a row."""
    leis = leis_of(run)
    ours = Member.objects.filter(run=run, is_internal=True, is_live=True, record__file__source__book="otc")
    rows = [
        row_of(regime, values, leis) for values in ours.order_by("record_id").values_list("record__values", flat=True)
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, [*(column.name for column in REGIMES[regime]), "completeness", "missing", "note"])
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig")
