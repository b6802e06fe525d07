"""What is typed into a project's form: read in the reader's own format, asked about where it may mean two things."""

from decimal import Decimal

import pytest

from accounts.models import User
from lib import figures
from lib.errors import Invalid
from projects.forms import DetailedProjectForm, QuickProjectForm, field_name
from projects.services import create_project
from tests.projects.cast import TODAY, quick_data

FX = {"capex_currency": "USD", "fx_rate": "0.85"}


def form_of(numbers: str = "comma_point", **changes: str) -> QuickProjectForm:
    return QuickProjectForm(quick_data(**{**FX, **changes}), today=TODAY, numbers=numbers)


@pytest.mark.parametrize(
    ("typed", "ways"),
    [("0,850", "0.85 or 850"), ("1,250", "1.25 or 1250"), ("0,85", "0.85 or 85"), ("0,095", "0.095 or 95")],
)
def test_a_rate_of_exchange_in_doubt_is_asked_about(typed: str, ways: str) -> None:
    form = form_of(fx_rate=typed)
    assert not form.is_valid()
    assert form.errors["fx_rate"] == [f"FX rate: {typed} may mean two numbers, write {ways}."]
    assert "fx_rate" not in form.values


@pytest.mark.parametrize("numbers", ["point_comma", "space_comma"])
@pytest.mark.parametrize("typed", ["0,850", "0,85"])
def test_a_decimal_comma_is_read_by_who_writes_one(numbers: str, typed: str) -> None:
    form = form_of(numbers, fx_rate=typed)
    form.is_valid()
    assert form.cleaned_data["fx_rate"] == Decimal("0.85")


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("land__purchase_amount", "£20.5m", "20500000"),
        ("land__purchase_amount", "20 500 000", "20500000"),
        ("land__purchase_amount", "GBP 20,500,000", "20500000"),
        ("capex_internal_per_mw", "$7.5m", "7500000"),
        ("power__gross_facility_mw", "48 MW", "48"),
        ("revenue__occupancy_ratio", "95 %", "0.95"),
        ("construction__months", "24 months", "24"),
        ("lease__indexation_spread_rate", "\u22120.5%", "-0.005"),
    ],
)
def test_what_the_page_prints_can_be_typed(name: str, typed: str, value: str) -> None:
    form = form_of(**{name: typed})
    form.is_valid()
    assert form.cleaned_data[name] == Decimal(value)


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("land__purchase_amount", "€20m", "Land purchase: expected an amount in GBP, got €20m."),
        ("capex_internal_per_mw", "GBP 7,500,000", "expected an amount in USD, got GBP 7,500,000."),
        ("power__gross_facility_mw", "48%", "Gross facility power: expected a number without a percent sign, got 48%."),
        ("revenue__occupancy_ratio", "150%", "Occupancy: expected more than 0% and up to 100%, got 150%."),
        ("power__pue", "1.5000001", "PUE: expected 0.95 to 1.5, got 1.5000001."),
        ("land__purchase_amount", "007,500", "Land purchase: 007,500 may mean two numbers, write 7.5 or 7500."),
    ],
)
def test_what_does_not_fit_the_field_is_told(name: str, typed: str, told: str) -> None:
    form = form_of(**{name: typed})
    assert not form.is_valid()
    assert any(str(error).endswith(told) for error in form.errors[name]), form.errors[name]


def test_noise_of_a_spreadsheet_is_no_offence() -> None:
    form = form_of(lease__term_years="27.000000000000004", construction__months="23.999999999999996", revenue__occupancy_ratio="100.00000000000001")  # fmt: skip
    form.is_valid()
    assert form.inputs is not None
    assert form.inputs.lease.term_years == 27
    assert form.inputs.construction.months == 24
    assert form.inputs.revenue.occupancy_ratio == 1.0


@pytest.mark.parametrize("numbers", figures.SEPARATORS)
@pytest.mark.parametrize("kind", [QuickProjectForm, DetailedProjectForm])
def test_a_form_reads_what_it_shows(numbers: str, kind: type[QuickProjectForm] | type[DetailedProjectForm]) -> None:
    plain = form_of()
    assert plain.is_valid() or set(plain.errors) == {"fx_rate"}, plain.errors
    stored = plain.payload
    opened = kind(stored=stored, today=TODAY, numbers=numbers)
    sent = {
        name: str(opened[name].value()) for name in opened.fields if opened[name].value() not in (None, False, True)
    }
    again = kind({**sent, "title": "Quay Street"}, stored=stored, today=TODAY, numbers=numbers)
    again.is_valid()
    for path in ("power.gross_facility_mw", "power.pue", "revenue.rent_amount", "land.purchase_amount", "fx_rate"):
        name = field_name(path)
        assert again.cleaned_data[name] == plain.cleaned_data[name], (path, sent[name])


def test_the_format_of_one_reader_does_not_stay_for_the_next() -> None:
    token = figures.number_format.set("point_comma")
    german = QuickProjectForm(today=TODAY)
    figures.number_format.reset(token)
    assert (german.numbers, QuickProjectForm(today=TODAY).numbers) == ("point_comma", "comma_point")


UNPRINTABLE = ["\x0b", "\x1b", "\ufffe", "\uffff", "\t"]


@pytest.mark.parametrize("character", UNPRINTABLE)
@pytest.mark.parametrize("name", ["title", "meta__sponsor_name"])
def test_what_a_workbook_could_not_hold_is_refused_at_the_form(name: str, character: str) -> None:
    form = form_of(**{name: f"Quay{character}Street"})
    assert not form.is_valid()
    assert any("control characters" in str(error) for error in form.errors[name])


@pytest.mark.parametrize("character", UNPRINTABLE)
def test_and_by_the_verbs(sponsor: User, character: str) -> None:
    with pytest.raises(Invalid, match="control characters"):
        create_project(by=sponsor, title=f"Quay{character}Street", inputs={})
