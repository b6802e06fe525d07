"""Margin: the worked case of the source, and the order in which drivers are told."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from engine.reconciliation.margin import Margin, margin_change
from tests.reconciliation.files import content

WORKED = json.loads(content("deriv_recon_rules.json"))["margin"]["worked"]
NAMES = {"scan": "scan_risk", "spread": "inter_spread_charge", "add_on": "add_on_margin"}


def margin(said: dict[str, int], **positions: int) -> Margin:
    components = {NAMES[name]: Decimal(value) for name, value in said.items() if name in NAMES}
    return Margin(components, {name: Decimal(lots) for name, lots in positions.items()})


def test_the_worked_case():
    prior, current = margin(WORKED["prior"]), margin(WORKED["current"])
    assert (prior.total, current.total) == (WORKED["prior"]["total"], WORKED["current"]["total"])
    found = margin_change(prior, current)
    assert (found.delta, found.driver) == (WORKED["delta"], WORKED["driver"])
    assert found.change_ratio is not None
    assert float(found.change_ratio * 100) == pytest.approx(WORKED["pct"], abs=1e-4)
    assert found.contributors == ("scan_risk",)
    assert found.is_significant


@pytest.mark.parametrize(
    ("before", "after", "driver"),
    [
        ({"ESZ5": 10}, {"ESZ5": 12, "NQZ5": 1}, "new product NQZ5"),
        ({"ESZ5": 10, "NQZ5": 1}, {"ESZ5": 12}, "closed product NQZ5"),
        ({"ESZ5": 10}, {"ESZ5": 12}, "position changed in ESZ5"),
        ({"ESZ5": 10}, {"ESZ5": 10}, "scan_risk"),
    ],
)
def test_drivers_in_the_stated_order(before, after, driver):
    found = margin_change(margin(WORKED["prior"], **before), margin(WORKED["current"], **after))
    assert found.driver == driver


def test_the_command_tells_it(tmp_path):
    for name in ("prior", "current"):
        said = {NAMES[key]: value for key, value in WORKED[name].items() if key in NAMES}
        (tmp_path / name).write_text(json.dumps({"components": said, "positions": {"ESZ5": 10}}))
    out = StringIO()
    call_command("explain_margin", tmp_path / "prior", tmp_path / "current", stdout=out)
    assert "Change +25,000 (+18.8679%), significant" in out.getvalue()
    assert "Driver: scan_risk" in out.getvalue()
