"""Numbers as the reader sees them, by hand."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import timezone

from engine.permutations import COLUMNS
from lib import figures

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (figures.amount(1234567.891), "1,234,568"),
        (figures.amount(1234567.891, 2), "1,234,567.89"),
        (figures.amount(-1234.5, 2), "−1,234.50"),
        (figures.money(395665758.2, "GBP"), f"GBP{SPACE}395,665,758"),
        (figures.money(Decimal("0.5")), "1"),
        (figures.millions(395665758.2, "GBP"), f"GBP{SPACE}395.67m"),
        (figures.millions(-4999, "GBP"), f"GBP{SPACE}0.00m"),
        (figures.percent(0.055), "5.50%"),
        (figures.percent(-0.0000001), "0.00%"),
        (figures.share(0.5512), "55.1%"),
        (figures.bps(125), f"125{SPACE}bps"),
        (figures.basis_points(0.0125), f"125{SPACE}bps"),
        (figures.times(1.35), "1.35x"),
        # Halves go up, as in workbooks.
        (figures.percent(0.05125), "5.13%"),
        (figures.percent(0.05115), "5.12%"),
        (figures.percent(-0.05125), "−5.13%"),
        (figures.times(1.345), "1.35x"),
        (figures.amount(2.5), "3"),
        (figures.share(0.1225), "12.3%"),
        (figures.bps(112.5), f"113{SPACE}bps"),
        # Terms as agreed.
        (figures.agreed(0.05125, "rate"), "5.125%"),
        (figures.agreed(0.055, "rate"), "5.50%"),
        (figures.agreed(0.07 * 1.1, "rate"), "7.70%"),
        (figures.agreed(1.305, "times"), "1.305x"),
        (figures.agreed(1.3, "times"), "1.30x"),
        (figures.agreed(0.625, "share"), "62.5%"),
        (figures.agreed(0.0625, "share"), "6.25%"),
        (figures.agreed(112.5, "bps"), f"112.5{SPACE}bps"),
        (figures.agreed(15, "years"), f"15{SPACE}years"),
        (figures.agreed(None, "rate"), figures.DASH),
        (figures.basis_points(0.00425), f"42.5{SPACE}bps"),
        (figures.months(1), f"1{SPACE}month"),
        (figures.months(18.0), f"18{SPACE}months"),
        (figures.years(17), f"17{SPACE}years"),
        (figures.years(7.44), f"7.4{SPACE}years"),
        (figures.years(1), f"1{SPACE}year"),
        (figures.count(2**70), "1,180,591,620,717,411,303,424"),
        (figures.yes_no(True), "Yes"),
        (figures.yes_no(0), "No"),
    ],
)
def test_a_number_is_shown(shown: str, expected: str):
    assert shown == expected


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf, "", "n/a", Decimal("NaN")])
@pytest.mark.parametrize(
    "name",
    [name for name in figures.__all__ if name not in {"agreed", "in_unit", "limit_in", "readers_format", "yes_no"}],
)
def test_what_was_not_computed_is_a_dash(name: str, nothing: object):
    assert getattr(figures, name)(nothing) == figures.DASH


@pytest.mark.parametrize("unit", sorted({str(spec.unit) for spec in COLUMNS.values()}))
def test_every_unit_of_the_engine_has_its_look(unit: str):
    text = figures.in_unit(1, unit)
    assert text != figures.DASH
    assert figures.in_unit(None, unit) == figures.DASH


def test_templates_have_them_all():
    template = Template("{% load figures %}{{ amount|money:'EUR' }} {{ rate|percent }} {{ rate|in_unit:'rate' }}")
    assert template.render(Context({"amount": 1e6, "rate": 0.04})) == f"EUR{SPACE}1,000,000 4.00% 4.00%"


def test_times_of_rows_are_on_the_readers_clock() -> None:
    at = datetime(2026, 3, 1, 23, 5, tzinfo=UTC)
    page = Template("{% load figures %}{{ at|moment }} {{ at|iso }} {{ none|moment }}{{ none|iso }}")
    with timezone.override("Europe/Paris"):
        assert page.render(Context({"at": at, "none": None})) == "2 Mar 2026, 00:05 2026-03-02T00:05:00+01:00 "
