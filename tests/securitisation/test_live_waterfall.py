"""The live workbook of the note waterfall, recalculated by another program under changed terms, against the engine."""

from datetime import datetime
from pathlib import Path

import pytest

from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.measures import flows_of, life_years, yield_rate
from engine.notes.run import run_notes
from securitisation.waterfall_book import waterfall_book
from tests import libreoffice
from tests.notes.deals import FIVE, FIVE_POOL

MADE_AT = datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001  a workbook's property has no zone
LOSING = {"default_kind": "cdr", "default": 0.04, "severity_ratio": 0.4, "recovery_lag_months": 6}


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_recalculated_elsewhere_it_is_the_engines_waterfall(tmp_path: Path):
    pool, behaviour = read_pool(FIVE_POOL), read_behaviour(LOSING)
    issued = run_notes(read_structure(FIVE), pool, behaviour)
    path = tmp_path / "waterfall.xlsx"
    path.write_bytes(waterfall_book(issued, "Five classes", MADE_AT, [("Structure", "Five")]))
    other = FIVE | {
        "classes": [{**each, "coupon_rate": 0.041} if each["code"] == "B" else each for each in FIVE["classes"]],
        "reserve": {"target_ratio": 0.04, "floor_amount": 5.0, "initial_amount": 19.6},
    }
    wanted = run_notes(read_structure(other), pool, behaviour)
    book = libreoffice.recalculated(path, {"class_1_coupon": 0.041, "reserve_ratio": 0.04}, tmp_path)
    values = _named(book)
    assert values["inputs_changed"] == 2
    assert values["inputs_refused"] == 0
    assert values["check_cash"] == pytest.approx(0.0, abs=1e-6)
    assert values["check_1_interest"] == pytest.approx((wanted.interest_paid - issued.interest_paid)[1].sum(), abs=1e-6)
    for k, each in enumerate(wanted.structure.classes):
        flows = flows_of(wanted, each.code)
        assert values[f"class_{k}_total_interest"] == pytest.approx(float(flows.interest.sum()), abs=1e-6)
        assert values[f"class_{k}_total_principal"] == pytest.approx(float(flows.principal.sum()), abs=1e-6)
        assert values[f"class_{k}_life"] == pytest.approx(life_years(flows), abs=1e-6)
        assert values[f"class_{k}_yield"] == pytest.approx(yield_rate(flows, 1.0), abs=1e-6)
    heads = {cell.value: cell.column for cell in book["Waterfall"][4]}
    equity = [row[heads["Paid to equity"] - 1] for row in book["Waterfall"].iter_rows(min_row=6, values_only=True)]
    assert equity[: len(wanted.residual)] == pytest.approx(wanted.residual.tolist(), abs=1e-6)


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_recalculated_elsewhere_plan_accrual_facility_and_day_counts_are_the_engines(tmp_path: Path):
    """A planned, B drawn beside it by 20 in month 12, E accruing, a facility for A and B; then less committed."""
    committed = {
        "commitment_amount": 4.0,
        "covers": "A+B",
        "commitment_fee_rate": 0.01,
        "margin_bps": 150.0,
        "day_count": "ACT/360",
    }
    terms = {
        "A": {"plan_kind": "cpr", "plan_low": 0.02, "plan_high": 0.15, "day_count": "ACT/ACT"},
        "B": {"commitment_amount": 260.0, "day_count": "30E/360"},
        "E": {"accrues_until": "D", "deferrable": False},
    }  # fmt: skip
    lines = [
        each for each in FIVE["interest_steps"] if (each["kind"], each.get("target")) != ("deferred_interest", "E")
    ]
    paid = [{"kind": kind, "target": "liquidity"} for kind in ("fee", "interest", "principal")]
    deal = FIVE | {
        "classes": [{**each, **terms.get(each["code"], {})} for each in FIVE["classes"]],
        "interest_steps": [*lines[:2], *paid[:2], *lines[2:6], paid[2], *lines[6:]],
        "principal_steps": [{"kind": "planned", "target": "A"}, *FIVE["principal_steps"]],
        "draws": [{"class_code": "B", "after_months": 12, "amount": 20.0}],
        "liquidity": committed,
        "reserve": {"initial_amount": 0.5},
        "fees": [FIVE["fees"][0], {**FIVE["fees"][1], "annual_amount": 34.0}],
    }
    pool = read_pool(FIVE_POOL)
    behaviour = read_behaviour({**LOSING, "default": 0.15, "delinquency_ratio": 0.3})
    issued = run_notes(read_structure(deal), pool, behaviour)
    path = tmp_path / "waterfall.xlsx"
    path.write_bytes(waterfall_book(issued, "Five classes", MADE_AT, [("Structure", "Five")]))
    less = {**committed, "commitment_amount": 1.0}
    wanted = run_notes(read_structure(deal | {"liquidity": less}), pool, behaviour)
    values = _named(libreoffice.recalculated(path, {"liquidity_committed": 1.0}, tmp_path))
    assert issued.liquidity_drawn.sum() > wanted.liquidity_drawn.sum() > 0.0
    assert issued.added[4].sum() > 0.0
    assert values["check_cash"] == pytest.approx(0.0, abs=1e-6)
    for k in range(len(wanted.structure.classes)):
        assert values[f"class_{k}_total_interest"] == pytest.approx(float(wanted.interest_paid[k].sum()), abs=1e-6)
        assert values[f"class_{k}_total_principal"] == pytest.approx(float(wanted.principal_paid[k].sum()), abs=1e-6)


def test_as_issued_it_holds_the_engines_figures_and_the_same_bytes():
    issued = run_notes(read_structure(FIVE), read_pool(FIVE_POOL), read_behaviour({}))
    made = [waterfall_book(issued, "Five classes", MADE_AT, [("Structure", "Five")]) for _ in range(2)]
    assert made[0] == made[1]


def _named(book):
    found = {}
    for name, place in book.defined_names.items():
        if "!" in place.attr_text and ":" not in place.attr_text:
            sheet, cell = place.attr_text.split("!")
            found[name] = book[sheet.strip("'")][cell.replace("$", "")].value
    return found
