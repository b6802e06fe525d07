"""The stress grid and the checklist as workbooks: the run's figures in typed cells, and never a formula."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from documents.facts import PackFacts
from documents.kinds import kind_of
from engine.stress import reverse_stress, tornado
from tests.documents.deals import BALLOON, PLAIN, facts_of

pytestmark = pytest.mark.django_db
HOSTILE = '=HYPERLINK("http://x","y") +1 @SUM(A1) \x07\u202e<b>&amp;' + "long " * 2000


def book_of(code: str, facts: PackFacts) -> Any:
    kind = kind_of(code)
    return openpyxl.load_workbook(BytesIO(kind.make(facts, kind.parts(facts)[0])))


def rows_of(sheet: Any, head: int = 4) -> list[dict[str, Any]]:
    """Rows below the head by the head's words, down to the first empty one."""
    lines = list(sheet.iter_rows(min_row=head, values_only=True))
    names = [name for name in lines[0] if name]
    found = []
    for line in lines[1:]:
        if line[0] is None:
            break
        found.append(dict(zip(names, line, strict=False)))
    return found


@pytest.mark.parametrize("levers", [None, PLAIN, BALLOON], ids=["full", "plain", "balloon"])
def test_every_scenario_stands_in_full(levers: dict[str, Any] | None, facts: PackFacts) -> None:
    own = facts if levers is None else facts_of(facts, levers)
    rows = rows_of(book_of("stress_grid", own)["Scenarios"])
    assert len(rows) == len(own.detail.stress) == (54 if own.deal.choice.zcis_tenor_years else 36)
    for shown, row in zip(rows, own.detail.stress, strict=True):
        assert shown["Scenario"] == row.scenario.label
        for name, value in (
            ("DSCR, base", row.base_dscr), ("DSCR, stressed", row.stressed_dscr), ("Degradation", row.dscr_degradation_ratio),
            ("Balloon shortfall", row.balloon_shortfall_amount), ("Equity distributions", row.equity_distribution_amount),
            ("Notches moved", row.notches_moved), ("First month below 1.00x", row.breach_month or None),
        ):  # fmt: skip
            assert shown[name] == ("–" if value is None else pytest.approx(value, rel=1e-9)), name
        assert shown["Rating"] == ("D" if row.defaulted else row.rating)
        told = str(shown["What is missed"] or "")
        assert told.count(",") + bool(told) == len(row.flags)
        assert "_" not in told
        assert ("balloon not refinanced in full" in told) == ("BALLOON_SHORTFALL" in row.flags)


def test_sensitivities_are_the_engines(facts: PackFacts) -> None:
    book = book_of("stress_grid", facts)
    bars = tornado(facts.deal)
    shown = rows_of(book["Sensitivity"])
    assert [row["Driver"] for row in shown] == [bar.label for bar in bars]
    assert [row["DSCR, worse"] for row in shown] == pytest.approx([bar.adverse.dscr_minimum for bar in bars])
    reverse = {(row["Driver"], name): value for row in rows_of(book["Reverse stress"]) for name, value in row.items()}
    found = [row for row in reverse_stress(facts.deal, ["cpi"]) if row.amount is not None]
    assert found
    for row in found:
        shown_amount = reverse["CPI lower by", row.label]
        assert shown_amount == (pytest.approx(row.amount) if row.amount else "already broken"), row.label


def test_the_grid_is_coloured_and_drawn(facts: PackFacts) -> None:
    book = book_of("stress_grid", facts)
    assert len(book["Summary"]._charts) == len(book["Sensitivity"]._charts) == len(book["Ratings"]._charts) == 1
    assert book["Scenarios"].freeze_panes == "C5"
    assert len(book["Scenarios"].conditional_formatting) >= 3
    migration = rows_of(book["Ratings"])[0]
    assert sum(count for name, count in migration.items() if name != "Scenarios") == 54


def test_the_checklist_has_real_dates_and_a_status_to_choose(facts: PackFacts) -> None:
    sheet = book_of("checklist_book", facts)["Checklist"]
    rows = rows_of(sheet)
    assert len(rows) == len(facts.checklist)
    for shown, task in zip(rows, facts.checklist, strict=True):
        assert (shown["Code"], shown["Owner"], shown["Days"]) == (task.code, str(task.owner), task.duration_days)
        for name, day in (("Start", task.start_date), ("End", task.end_date)):
            assert isinstance(shown[name], datetime)
            assert shown[name].date() == day
    [choice] = sheet.data_validations.dataValidation
    assert choice.formula1 == '"Not started,In progress,Done,Not applicable"'
    weeks = [cell.value for cell in sheet[4] if isinstance(cell.value, datetime)]
    assert weeks[0].date() <= min(task.start_date for task in facts.checklist)
    assert (weeks[-1].date() - facts.checklist[-1].end_date).days <= 0


@pytest.mark.parametrize("code", ["stress_grid", "checklist_book"])
def test_hostile_words_stay_words(code: str, facts: PackFacts) -> None:
    book = book_of(code, replace(facts, title=HOSTILE, about=(("Project", HOSTILE), *facts.about[1:])))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert any(str(cell.value).startswith("=HYPERLINK") and len(cell.value) > 10_000 for cell in cells)
    assert not any(mark in str(cell.value) for cell in cells for mark in "\x07\u202e")
