"""Published data-centre notes rebuilt as notes deals: advance, cover, when cash is trapped, when the ARD's sweep repays.

Of each deal the file gives value, income and coupons; the pool is one interest-only loan that pays the income to legal final.
"""

from __future__ import annotations

import csv
import math
import re

import numpy as np
import pytest

from documents.facts.comparables import FILE
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.measures import property_gates
from engine.notes.run import run_notes

ROWS = list(csv.DictReader(FILE.read_text().splitlines()))
TRAP = 1.35


def rows_of(deal):
    return [row for row in ROWS if row["deal"] == deal and row["rating"] != "NR"]


def first_number(text):
    found = re.search(r"\d+(\.\d+)?", text.replace(",", ""))
    assert found is not None
    return float(found[0])


def rebuilt(deal, income_amount, coupon_rate, months, ard_months=None, currency="EUR"):
    """Classes paid in turn; income below 1.35 times all interest repays the first instead of the sponsor."""
    amounts = {f"N{k}": first_number(row["amount_m"]) for k, row in enumerate(rows_of(deal))}
    total = sum(amounts.values())
    classes = [
        {"code": code, "name": code, "balance_amount": amount, "coupon_rate": coupon_rate, "ard_months": ard_months}
        for code, amount in amounts.items()
    ]
    structure = read_structure(
        {
            "code": "DC", "name": deal, "currency": currency, "closing_date": "2024-05-15", "payment_frequency_months": 1,
            "classes": classes,
            "triggers": [{"code": "trap", "kind": "ic", "class_code": list(amounts)[-1], "limit": TRAP}],
            "interest_steps": [
                *({"kind": "interest", "target": code} for code in amounts),
                {"kind": "principal", "target": "N0", "when": "breached:trap"}, {"kind": "residual"},
            ],
            "principal_steps": [{"kind": "principal"}, {"kind": "residual"}],
        }
    )  # fmt: skip
    loan = {
        "code": "DC", "currency": currency, "balance_amount": total, "coupon_rate": income_amount / total,
        "remaining_months": months, "amortisation": "interest_only",
    }  # fmt: skip
    return run_notes(structure, read_pool({"loans": [loan]}), read_behaviour({}))


def test_vantage_germany_2025():
    """640m at 4.3% on 928m and 43.7m of income: 63.6% and 69.0%, 1.59x; income may fall by 15% before cash is trapped."""
    rows = rows_of("Vantage Germany 2025")
    income, coupon = first_number(rows[0]["noi_m"]), float(rows[0]["coupon_pct"]) / 100.0
    balances = {row["class"]: first_number(row["amount_m"]) for row in rows}
    gates = property_gates(income, first_number(rows[0]["valuation_m"]), balances, dict.fromkeys(balances, coupon))
    assert [round(100.0 * gate.ltv_ratio, 1) for gate in gates] == [float(row["ltv_pct"]) for row in rows]
    result = rebuilt("Vantage Germany 2025", income, coupon, 60)
    assert result.trigger_value[0, :-1] == pytest.approx(43.7 / (640.0 * 0.043))
    assert "1.59x" in rows[1]["derived_check"]
    assert round(float(result.trigger_value[0, 0]), 2) == 1.59
    trips = TRAP * 640.0 * coupon
    assert 1.0 - trips / income == pytest.approx(0.150, abs=0.0005)
    for share, trapped in ((1.0001, False), (0.9999, True)):
        found = rebuilt("Vantage Germany 2025", trips * share, coupon, 60)
        assert bool(found.trigger_breached[0, 0]) == trapped
        assert (found.residual[0] == 0.0) == trapped


def test_vantage_uk_2024():
    """600m at 6.7%, interest-only to 2029-05; 90.59m a year (model page 19) then repays it in 106 payments.

    The papers allow ten, to 2039-05: n = -ln(1 - 600 i / c) / ln(1 + i).
    """
    (row,) = rows_of("Vantage UK 2024-1")
    income, coupon = 90.59, float(row["coupon_pct"]) / 100.0
    ard, final = (months_from_closing(row[name]) for name in ("ard", "legal_final"))
    assert (ard, final) == (60, 180)
    result = rebuilt("Vantage UK 2024-1", income, coupon, final, ard, "GBP")
    assert round(60_000.0 / first_number(row["valuation_m"]), 1) == float(row["ltv_pct"])
    assert result.trigger_value[0, 0] == pytest.approx(90.59 / 40.2)
    i, c = coupon / 12.0, income / 12.0
    months = -math.log(1.0 - 600.0 * i / c) / math.log(1.0 + i)
    assert not result.principal_paid[0, :ard].any()
    assert int(np.argmax(result.closing[0] < 1e-9)) + 1 == ard + math.ceil(months)
    assert ard + math.ceil(months) <= final
    assert result.periods[ard - 1].isoformat()[:7] == row["ard"]


def months_from_closing(text):
    year, month = (int(part) for part in text.split("-"))
    return (year - 2024) * 12 + month - 5


@pytest.mark.parametrize(("which", "cover"), [("NCF", 2.32), ("KNCF", 1.88)])
def test_cntr_2023(which, cover):
    """450m at 5.75%: 2.32x on the issuer's cash, 1.88x on KBRA's; 81.0% of KBRA's value. No cash is trapped on either."""
    (row,) = rows_of("DATA 2023-CNTR")
    found = re.search(rf"([\d.]+) {which}\b", row["noi_m"])
    assert found is not None
    result = rebuilt("DATA 2023-CNTR", float(found[1]), float(row["coupon_pct"]) / 100.0, 120, None, "USD")
    assert round(float(result.trigger_value[0, 0]), 2) == cover
    assert f"{cover}x" in row["derived_check"]
    assert not result.trigger_breached[0, :-1].any()
    assert round(45_000.0 / first_number(row["valuation_m"]), 1) == first_number(row["ltv_pct"])
    assert result.principal_paid[0, -1] == pytest.approx(450.0)
