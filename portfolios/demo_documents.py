"""The fictional deal that comes with the installation, as documents: papers, limits, pool A."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.portfolios.rules import RULES
from lib.grids import read_grid
from portfolios.tape import DATA, Known, Tape, read_positions, read_tape

HERE = DATA / "demo"

SOURCE = "fictional deal, data/demo/deal.json"
Row = dict[str, Any]


def deal_json() -> Row:
    """The deal as it was handed over."""
    found: Row = json.loads((HERE / "deal.json").read_text())
    return found


def papers(deal: Row, pool: str = "pool_a") -> Row:
    """The deal's papers with the balances of one of its pools."""
    fees = deal["senior_fees"]
    return {
        "name": deal["name"],
        "currency": deal["currency"],
        "stated_maturity": deal["stated_maturity"],
        "benchmark": deal["benchmark"]["index"],
        "classes": [_class(deal, row, pool) for row in deal["classes"]],
        "fees": {
            "trustee_rate": fees["trustee_rate"],
            "administrative_amount": fees["administrative_per_period"],
            "base_management_rate": fees["base_management_rate"],
        },
        "junior_oc_denominator": deal["junior_oc_denominator"][pool],
        "diversion_trigger": deal["interest_diversion_trigger"],
        "haircuts": {"ccc_limit": deal["oc_rules"]["ccc_limit"]},
    }


def _class(deal: Row, row: Row, pool: str) -> Row:
    triggers = deal["coverage_triggers"].get(row["class"], {})
    return {
        "name": row["class"],
        "balance": row["balance"][pool],
        "spread": row["spread"],
        "is_deferrable": row.get("deferrable", False),
        "oc_trigger": triggers.get("oc"),
        "ic_trigger": triggers.get("ic"),
    }


def limits(deal: Row) -> Row:
    """The limits of the 54 tests as the content of a version."""
    spread, warf, size = deal["spread_parameters"], deal["warf_parameters"], deal["facility_minimum"]
    values = {
        "was_base": spread["was_base"],
        "was_factor": spread["form14_was_factor"],
        "was_slope": spread["was_slope_if_base_at_least_3.1pct"],
        "was_slope_below": spread["was_slope_below"],
        "warf_base": warf["warf_base"],
        "warf_per_point": warf["warf_per_point"],
        "form_14_per_point": warf["form14_per_point"],
        "form_14_warr": spread["form14_warr_threshold"],
        "warr_reference": Decimal(warf["warr_reference_pct"]) / 100,
        "facility_minimum_usa_amount": size["USA"],
        "facility_minimum_other_amount": size["other"],
        "facility_minimum_form_8_amount": size["form8_any"],
        "least_coverage_ratio": "1",
    }
    return {
        "version": "alder/1",
        "limits": [_limit(int(number), row) for number, row in deal["thresholds"].items()],
        "parameters": {
            **{name: float(value) for name, value in values.items()},
            "sources": {name: {"provenance": "assumption", "source": SOURCE} for name in values},
        },
        "countries": [
            *(_country(group, name) for group, names in deal["country_groups"].items() for name in names),
            *(_country("tax", name) for name in deal["tax_jurisdictions"]),
            *(_country("AA-", name) for name in deal["sovereign_rating_at_least_AA_minus"]),
        ],
    }


def _limit(number: int, row: list[str]) -> Row:
    sense, threshold = row
    return {
        "number": number,
        "name": RULES[number].name,
        "sense": sense,
        "threshold": None if threshold == "computed" else float(threshold),
        "provenance": "assumption",
        "source": SOURCE,
    }


def _country(group: str, name: str) -> Row:
    return {"list": group, "country": name, "provenance": "assumption", "source": SOURCE}


def pool_content(deal: Row, tape: Tape, pool: str = "pool_a") -> Row:
    """The content of a snapshot: the day, its rates and cash, the assets."""
    return {
        "determination_date": deal["determination_date"],
        "period_start": deal["current_period"]["start"],
        "period_end": deal["current_period"]["end"],
        "principal_cash": deal["principal_cash"][pool],
        "interest_cash": "0",
        "fx": deal["fx_to_usd"],
        "index_rates": deal["index_rates"],
        "assets": tape.assets(),
    }


def known(deal: Row) -> Known:
    """What the deal's tapes are checked against."""
    from datetime import date

    return Known(frozenset(deal["fx_to_usd"]), date.fromisoformat(deal["determination_date"]))


def read_pool(deal: Row, folder: Path = HERE, name: str = "pool_a") -> Tape:
    """A pool's tape with its positions."""
    files = (folder / f"{name}.csv", folder / f"{name}_positions.csv")
    grid, positions = (read_grid(path.read_bytes(), path.name) for path in files)
    return read_positions(positions, read_tape(grid, known(deal)))
