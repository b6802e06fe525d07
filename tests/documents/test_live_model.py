"""The workbook that computes: its values are the run's, and its formulas, recalculated elsewhere, are its values."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial as npf
import openpyxl
import pytest
from dateutil.relativedelta import relativedelta

from documents.live_model import ModelSource, write_live_model
from engine.deal.structure import price, run_scenario
from engine.debt.kinds import BY_REFINANCING
from engine.measures.cover import BREACH_MONTH, DSCR_MINIMUM, LLCR, PLCR
from engine.permutations import COLUMNS, Case, LeverSet, Unit, evaluate
from engine.permutations.detail import result_row
from engine.terms import StructuringTerms
from engine.waterfall.terms import EQUITY
from tests import libreoffice
from tests.engine.cases import random_case, random_inputs, random_market, random_rules
from tests.engine.deals import NO_CAPS, deal

MADE_AT = datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001  a workbook's property has no zone
CLOSES_ON = date(2027, 3, 31)
AXES: dict[str, list[Any]] = {
    "senior_tenor_years": [10, 18],
    "senior_amortisation": ["annuity", "straight_line", "sculpted", "interest_only", "partial", "cash_sweep"],
    "senior_coupon_rate": [0.05, 0.06],
    "senior_dscr": [1.3, 1.6],
    "wrap": ["none", "senior"],
    "grace_months": [0, 12],
    "over_raise_ratio": [0.0, 0.5],
    "mezzanine": ["none", "sized"],
    "mezz_dscr": [1.2],
    "mezz_coupon_rate": [0.09],
    "mezz_tenor_years": [8, 18],
    "mezz_amortisation": ["annuity", "interest_only", "partial"],
    "zcis_tenor_years": [0, 10],
    "trs_share": [0.0, 0.4],
    "equity_irr_rate": [0.12],
}


def alive(case: Case, kind: str | None = None) -> list[int]:
    """Permutations of the case with all figures, of one senior amortisation if named."""
    indices = np.sort(np.random.default_rng(1).choice(case.levers.size, min(3000, case.levers.size), replace=False))
    columns = evaluate(case, indices).columns
    found = indices[(columns["gate"] == 2) | (columns["near_miss"] == 1)]
    return [int(k) for k in found if kind is None or case.levers.levers_at(int(k))["senior_amortisation"] == kind]


def case_with(kind: str) -> tuple[Case, int]:
    """A random case and one of its structures of this kind."""
    for seed in range(300):
        case = random_case(seed)
        found = alive(case, kind)
        if found:
            return case, found[seed % len(found)]
    raise AssertionError(f"no case with a {kind} structure was drawn")


def write(case: Case, index: int, path: Path) -> dict[str, Any]:
    return write_live_model(path, ModelSource(case.deal_of(index), "Campus", MADE_AT, CLOSES_ON))


@pytest.mark.parametrize("kind", AXES["senior_amortisation"])
def test_its_values_are_the_runs(kind: str, tmp_path: Path):
    case, index = case_with(kind)
    run = dict[str, Any](result_row(case, index))
    model = write(case, index, tmp_path / "model.xlsx")
    assert len(model) >= 40
    assert ("senior_fair_coupon_rate" in model) == (case.market is not None)
    for name in model.keys() - {"checks_failed"}:
        if run[name] is not None:
            scale = max(abs(run[name]), run["senior_amount"] if COLUMNS[name].unit == Unit.AMOUNT else 1e-3)
            assert model[name] == pytest.approx(run[name], abs=1e-9 * scale), name
    # A balloon that the market does not take is the one thing a check tells of.
    assert model["checks_failed"] == (1 if run["flags"] & 16 else 0)


@pytest.fixture(scope="module")
def campus() -> Case:
    terms = StructuringTerms.from_dict({"lock_up_steps": [[1.45, 0.5], [1.2, 1.0]]})
    draw = np.random.default_rng(22)
    for _ in range(200):
        rules, market, levers = random_rules(draw), random_market(draw), LeverSet.from_dict({"axes": AXES})
        case = Case(random_inputs(draw), terms, rules, levers, market=market)
        if rules.rating_stresses and len(alive(case)) > 50:
            return case
    raise AssertionError("no case with enough structures was drawn")


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_recalculated_elsewhere_under_other_levers_and_a_scenario(campus: Case, tmp_path: Path):
    """Another program's reading of every formula, against the engine's own evaluation of what was entered."""
    found = alive(campus)
    index, other = found[3], found[-4]
    own, levers = campus.levers.levers_at(index), campus.levers.levers_at(other)
    entered: dict[str, Any] = {code: value for code, value in levers.items() if value != own[code]}
    assert len(entered) >= 3
    scenario = campus.rating_scenarios[-1]
    entered["rating_scenario"] = len(campus.rating_scenarios)
    entered["close_date"] = (date(2028, 8, 31) - date(1899, 12, 30)).days
    write(campus, index, tmp_path / "model.xlsx")
    book = libreoffice.recalculated(tmp_path / "model.xlsx", entered, tmp_path)

    run = dict[str, Any](result_row(campus, other))
    stressed = run_scenario(price(campus.deal_of(other)), scenario)
    names = ("senior_amount", "senior_proceeds_amount", "mezz_amount", "coverage_ratio", "agency_ltv_ratio", "uses_amount",
             "total_agency_ltv_ratio", "total_appraisal_ltv_ratio", "loan_to_cost_ratio", "debt_yield_ratio",
             "equity_ratio")  # fmt: skip
    for name in names:
        assert named(book, f"summary_{name}") == pytest.approx(run[name], rel=1e-9), name
    assert named(book, "senior_sized_by") == run["sized_by"]
    cover = stressed.judged.cover
    assert named(book, "dscr_minimum") == pytest.approx(cover[DSCR_MINIMUM], rel=1e-9)
    assert named(book, "llcr") == pytest.approx(cover[LLCR], rel=1e-9)
    assert named(book, "breach_month") == cover[BREACH_MONTH]
    assert named(book, "defaulted") == stressed.judged.defaulted
    built = campus.inputs.construction.months_from_close
    for sheet, before, length in (("Flows", 0, 1), ("Construction", 0, 1), ("Months", built, 1), ("Years", built, 12)):
        ends = [(row[0], row[1].date()) for row in book[sheet].iter_rows(min_row=5, max_col=2, values_only=True)]
        assert len(ends) > 2
        for number, ends_on in ends:
            assert ends_on == date(2028, 8, 31) + relativedelta(months=before + length * int(number)), (sheet, number)
    flows = np.array([row[2:5] for row in book["Flows"].iter_rows(min_row=5, values_only=True)])
    paid = stressed.periods[:, EQUITY]
    assert flows[built + 1 : built + 1 + paid.size, 1] == pytest.approx(paid, rel=1e-9, abs=1e-9 * run["senior_amount"])
    net = flows[:, 2].astype(float)
    net[0] -= named(book, "sponsor_equity")
    expected = (1 + npf.irr(net)) ** 12 - 1
    assert named(book, "sponsor_irr") == pytest.approx(expected, rel=1e-6)


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_recalculated_elsewhere_under_another_reletting(tmp_path: Path):
    """Written for a new lease of five years after a void of twelve months; then at less rent, earlier and for shorter."""

    def case(**lease: float) -> Case:
        levers = {
            "senior_tenor_years": [10],
            "senior_amortisation": ["interest_only"],
            "mezz_dscr": [1.2],
            "over_raise_ratio": [2.0],
        }
        project = {f"lease.relet_{name}": value for name, value in lease.items()}
        rules = {**NO_CAPS, "general.relet_allowed": True}
        return deal(levers, project, {"balloon_mode": "refinance"}, rules)

    write(case(ratio=0.9, void_months=12, years=5), 0, tmp_path / "model.xlsx")
    other = {"ratio": 0.7, "void_months": 7, "years": 4}
    entered = {"project_relet_ratio": 0.7, "relet_void_months": 7, "relet_years": 4}
    book = libreoffice.recalculated(tmp_path / "model.xlsx", entered, tmp_path)
    structure = price(case(**other).deal_of(0))
    assert structure.senior.sized_by == BY_REFINANCING
    assert named(book, "senior_balance") == pytest.approx(structure.senior.amount, rel=1e-9)
    assert named(book, "mezz_balance") == pytest.approx(structure.mezz.amount, rel=1e-9)
    assert named(book, "senior_beyond") == 1
    assert named(book, "plcr") == pytest.approx(structure.cover[PLCR], rel=1e-9)
    assert named(book, "checks_failed") == 0
    flows = np.array([row[3] for row in book["Flows"].iter_rows(min_row=5, values_only=True)], dtype=float)
    paid, built = structure.work.periods[:, EQUITY], 24
    assert paid.size == 12 * 25
    assert flows[built + 1 : built + 1 + paid.size] == pytest.approx(paid, rel=1e-9, abs=1e-9 * structure.senior.amount)
    assert not flows[built + 1 + paid.size :].any()


def named(book: Any, name: str) -> Any:
    sheet, cell = book.defined_names[name].attr_text.split("!")
    return book[sheet.strip("'$")][cell.replace("$", "")].value


def test_the_same_permutation_gives_the_same_bytes(campus: Case, tmp_path: Path):
    index = alive(campus)[0]
    for name in ("one", "two"):
        write(campus, index, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_hostile_title_stays_text(campus: Case, tmp_path: Path):
    title = '=HYPERLINK("http://x") & <b>\x07 \u202e' + "long " * 2000
    path = tmp_path / "model.xlsx"
    write_live_model(
        path, ModelSource(campus.deal_of(alive(campus)[0]), title, MADE_AT, CLOSES_ON, (("Project", title),))
    )
    sheet = openpyxl.load_workbook(path, read_only=True)["About"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)


# What a person enters, typed or pasted


@pytest.fixture(scope="module")
def issued(campus: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of one structure as it is issued."""
    path = tmp_path_factory.mktemp("issued") / "model.xlsx"
    write(campus, alive(campus)[3], path)
    return path


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_what_is_entered_is_judged_whether_typed_or_pasted(issued: Path, tmp_path: Path):
    """Nothing else of the first edition told: a negative capex, fractions of years, blanks and misspelt words said OK."""
    wrong: dict[str, Any] = {
        "internal_civil_structural": -5e8, "senior_tenor_years": 15.3, "senior_coupon_rate": None,
        "senior_amortisation": "anuity", "scenario_default_ratio": 2.0, "fx_rate": 0.0,
    }  # fmt: skip
    names = openpyxl.load_workbook(issued).defined_names
    entered = {name: value for name, value in wrong.items() if name in names}
    assert len(entered) >= 5
    book = libreoffice.recalculated(issued, entered, tmp_path)
    assert named(book, "inputs_refused") == len(entered)
    assert named(book, "summary_checks") == "See State beside the inputs"


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_what_changed_since_issue_is_counted(issued: Path, tmp_path: Path):
    book = libreoffice.recalculated(issued, {"scenario_cpi_rate": 0.0, "dsra_months": 7}, tmp_path)
    assert named(book, "inputs_changed") == 2
    assert named(book, "inputs_refused") == 0


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_as_issued_nothing_is_refused_or_changed(issued: Path, tmp_path: Path):
    book = libreoffice.recalculated(issued, {}, tmp_path)
    assert (named(book, "inputs_refused"), named(book, "inputs_changed")) == (0, 0)
    assert named(book, "summary_checks") in {"OK", "See the sheet Checks"}
    errors = [cell.coordinate for sheet in book for row in sheet for cell in row if str(cell.value).startswith("#")]
    assert errors == []


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_a_scenario_that_hurts_lenders_is_told_on_the_summary(issued: Path, tmp_path: Path):
    """Six tenths of the rent stop in month 1 and are let again after a year: the reserve is drawn."""
    book = libreoffice.recalculated(issued, {"scenario_default_ratio": 0.6}, tmp_path)
    assert named(book, "summary_reserve") > 0
    assert named(book, "summary_paid") == ("no" if named(book, "defaulted") else "yes")


def test_whole_numbers_are_asked_for_and_no_limit_is_a_word(issued: Path):
    book = openpyxl.load_workbook(issued)
    places = {name: found.attr_text.rpartition("!")[2].replace("$", "") for name, found in book.defined_names.items()}
    asked = {str(rule.sqref): rule for rule in book["Levers"].data_validations.dataValidation}
    tenor, coupon = asked[places["senior_tenor_years"]], asked[places["senior_coupon_rate"]]
    assert (tenor.type, coupon.type) == ("whole", "decimal")
    assert not coupon.allowBlank
    formats = {cell.number_format for row in book["Months"].iter_rows(min_row=6, max_row=6) for cell in row}
    assert any(shown.startswith('[>=1E+98]"none"') for shown in formats)


def test_the_workbook_says_what_it_is_on_every_page(campus: Case, tmp_path: Path):
    deal_of = campus.deal_of(alive(campus)[3])
    marks = "Draft, not issued. Strictly private"
    write_live_model(
        tmp_path / "m.xlsx", ModelSource(deal_of, "Campus", MADE_AT, CLOSES_ON, organisation="Harbour", marks=marks)
    )
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book.properties.creator == "Harbour"
    for sheet in book:
        assert marks in str(sheet.oddHeader.right.text), sheet.title
        assert marks in str(sheet["A2"].value), sheet.title


# Formulas that can be read


def test_flags_are_nought_or_one_and_say_when(issued: Path):
    """The senior flags of each month against the months of its tenor."""
    book = openpyxl.load_workbook(issued, data_only=True)
    months = book["Months"]
    heads = {months.cell(4, column).value: column for column in range(1, months.max_column + 1)}
    rows = range(4 + 2, months.max_row + 1)
    maturity = next(row[1].value for row in book["Debt"].iter_rows() if row[0].value == "Maturity")

    def flags(label: str) -> list[Any]:
        return [months.cell(row, heads[label]).value for row in rows]

    counted = range(1, len(rows) + 1)
    assert flags("Senior: to maturity") == [float(month <= maturity) for month in counted]
    assert flags("Senior: month of maturity") == [float(month == maturity) for month in counted]
    assert flags("Senior: before the month of maturity") == [float(month < maturity) for month in counted]
    assert set(flags("In the lease")) <= {0.0, 1.0}


def test_no_formula_is_longer_than_can_be_read(issued: Path):
    """Of periods: 250 letters; sums of named inputs and lists of words apart, 450 of figures; the longest was 837 once."""
    book = openpyxl.load_workbook(issued)
    longest = {
        sheet.title: max(len(str(cell.value)) for row in sheet.iter_rows() for cell in row if cell.data_type == "f")
        for sheet in book
        if sheet.title not in {"About", "Levers"}
    }
    sums = {"Costs", "Checks"}
    assert {name: size for name, size in longest.items() if size > 450 and name not in sums} == {}
    assert longest["Months"] <= 300


def test_the_checks_name_default_refinancing_gates_and_inputs(issued: Path):
    told = {row[0].value: row[1].value for row in openpyxl.load_workbook(issued, data_only=True)["Checks"].iter_rows()}
    for label, value in {
        "Senior is paid in full when due": "yes", "Senior matures within the lease less its tail": "yes",
        "Mezzanine DSCR below senior": "yes", "Mezzanine coupon above senior": "yes", "Inputs out of range": 0,
        "Inputs changed since issue": 0, "Checks that fail": 0,
    }.items():  # fmt: skip
        assert told[label] == value, label
    assert {"Trapped in lock-up", "Balloon could be refinanced in full", "Drawn from the DSRA"} <= told.keys()
