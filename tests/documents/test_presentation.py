"""The investor presentation: native, within its slides, and saying what the run found."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.util import Emu

from documents.errors import TemplateFault
from documents.facts import Marks, PackFacts
from documents.facts.cash import cash_life
from documents.facts.charts import charts_of
from documents.facts.comparables import comparables
from documents.kinds import kind_of
from lib import figures
from lib.figures import agreed, millions
from tests.documents.deals import BALLOON, PLAIN, facts_of

pytestmark = pytest.mark.django_db
HOSTILE = "=SUM(1) <b>{{ 7*7 }}</b> & \x07\u202e مركز 横浜 " + "long " * 2000


def deck_of(facts: PackFacts) -> Any:
    kind = kind_of("presentation")
    return Presentation(BytesIO(kind.make(facts, kind.parts(facts)[0])))


def titles(deck: Any) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in deck.slides]


def test_a_slide_for_each_subject_the_structure_has(facts: PackFacts) -> None:
    full, plain = deck_of(facts), deck_of(facts_of(facts, PLAIN))
    assert 16 <= len(full.slides) <= 20
    assert "Hedging" in titles(full)
    assert "Hedging" not in titles(plain)
    assert titles(full)[0] == facts.title
    assert titles(full)[1] == "Important notice"


def table_of(deck: Any, title: str) -> list[list[str]]:
    """The rows of the table of a slide, its head first."""
    slide = next(slide for slide in deck.slides if slide.shapes.title.text_frame.text == title)
    table = next(shape.table for shape in slide.shapes if shape.has_table)
    return [[cell.text.replace("\xa0", " ") for cell in row.cells] for row in table.rows]


def test_the_priority_of_payments_adds_up_to_what_comes_in(facts: PackFacts) -> None:
    _, *rows = table_of(deck_of(facts), "Senior interest and hedges are paid before all other debt")
    columns = facts.detail.periods
    life = cash_life(columns)
    assert [int(rank) for rank, *_ in rows] == list(range(1, len(rows) + 1))
    told = {label: float(words.replace(",", "")) for _, label, words in rows}
    assert told["Senior interest"] == pytest.approx(float(columns["senior_interest"].sum()), abs=0.5)
    assert sum(told.values()) == pytest.approx(life.received_amount, abs=len(rows))


def test_coupons_are_shown_beside_benchmark_and_spread(facts: PackFacts) -> None:
    _, *rows = table_of(deck_of(facts), "Coupons stand against the market")
    assert [row[0] for row in rows] == [tranche.name for tranche in facts.tranches]
    for (_, _, _, benchmark, spread, coupon, _), tranche in zip(rows, facts.tranches, strict=True):
        shown = float(benchmark.rstrip("%")) / 100 + float(spread.split()[0]) / 1e4
        assert shown == pytest.approx(tranche.coupon_rate, abs=1e-4)
        assert coupon == agreed(tranche.coupon_rate, "rate")


def test_published_deals_stand_beside_it_with_their_own_figures(facts: PackFacts) -> None:
    _, *rows = table_of(deck_of(facts), "Data-centre notes already issued")
    assert ["Vantage UK 2024-1", "2024-05", "A-2", "GBP 600m"] in [row[:4] for row in rows]
    assert len(rows) == len(comparables())


def test_the_structure_is_drawn_with_each_class_and_what_it_has(facts: PackFacts) -> None:
    title = "Cash passes from the tenant to the notes through one issuer"

    def words(deck: Any) -> str:
        slide = next(slide for slide in deck.slides if slide.shapes.title.text_frame.text == title)
        return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame).replace("\xa0", " ")

    full, plain = words(deck_of(facts)), words(deck_of(facts_of(facts, PLAIN)))
    for tranche in facts.tranches:
        assert f"{tranche.name}\n{millions(tranche.amount, facts.currency)}".replace("\xa0", " ") in full
    assert "Hedge counterparty\nInflation and Total return" in full
    assert "Hedge counterparty" not in plain


def test_charts_are_native_and_hold_the_packs_own_data(facts: PackFacts) -> None:
    drawn = [shape.chart for slide in deck_of(facts).slides for shape in slide.shapes if shape.has_chart]
    assert len(drawn) == 5
    known = charts_of(facts)
    cash = next(chart for chart in drawn if "Cash available" in str([s.name for p in chart.plots for s in p.series]))
    shown = {series.name: list(series.values) for plot in cash.plots for series in plot.series}
    assert shown == {each.name: pytest.approx(list(each.values)) for each in known["cash_and_service"].series}
    assert [type(plot).__name__ for plot in cash.plots] == ["BarPlot", "LinePlot"]


@pytest.mark.parametrize("levers", [None, PLAIN, BALLOON], ids=["full", "plain", "balloon"])
def test_nothing_leaves_its_slide(levers: dict[str, Any] | None, facts: PackFacts) -> None:
    """Also with 10,000 letters in the title: shortened on the slide, whole in the notes."""
    own = replace(facts if levers is None else facts_of(facts, levers), title=HOSTILE)
    deck = deck_of(own)
    for at, slide in enumerate(deck.slides, 1):
        for shape in slide.shapes:
            bottom = shape.top + shape.height
            if shape.has_table:
                bottom = shape.top + sum(row.height for row in shape.table.rows)
            assert shape.left >= 0 <= shape.top, (at, shape.name)
            assert shape.left + shape.width <= deck.slide_width, (at, shape.name)
            assert bottom <= deck.slide_height, (at, shape.name)
            if shape.has_text_frame and shape.name != "Draft mark":
                assert len(shape.text_frame.text) * 5 * 14 <= Emu(shape.width).pt * Emu(shape.height).pt, (
                    at,
                    shape.name,
                )
    cover = deck.slides[0]
    assert cover.shapes.title.text_frame.text.endswith("…")
    assert "long long long" in cover.notes_slide.notes_text_frame.text
    assert len(cover.notes_slide.notes_text_frame.text) > 10_000
    assert "<b>{{ 7*7 }}</b> & مركز 横浜" in cover.shapes.title.text_frame.text


def test_each_slide_has_its_number_its_marks_and_its_source(facts: PackFacts) -> None:
    for slide in deck_of(facts).slides:
        kinds = {shape.placeholder_format.type for shape in slide.placeholders}
        assert {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER} <= kinds
        assert facts.lineage in slide.notes_slide.notes_text_frame.text
        foot = next(s for s in slide.placeholders if s.placeholder_format.type == PP_PLACEHOLDER.FOOTER)
        assert "Strictly private and confidential" in foot.text_frame.text


def test_the_watermark_goes_when_the_pack_is_issued(facts: PackFacts) -> None:
    def marked(own: PackFacts) -> bool:
        return any(shape.name == "Draft mark" for slide in deck_of(own).slides for shape in slide.shapes)

    assert marked(facts)
    assert not marked(replace(facts, marks=Marks(number="AN-2026-0007")))


def test_figures_are_the_runs(facts: PackFacts) -> None:
    table = next(shape.table for shape in deck_of(facts).slides[2].shapes if shape.has_table)
    cells = [cell.text_frame.text for row in table.rows for cell in row.cells]
    shown = dict(zip(cells[::2], cells[1::2], strict=True))
    row = facts.detail.row
    assert shown["Senior notes"] == figures.money(row["senior_amount"], facts.currency)
    assert shown["DSCR, minimum"] == figures.times(row["dscr_minimum"])
    assert shown["Equity IRR"] == figures.percent(row["sponsor_irr_rate"])
    assert shown["DSCR, worst stress"] == figures.times(row["worst_stressed_dscr"])


def test_a_replacing_template_is_checked(facts: PackFacts) -> None:
    kind = kind_of("presentation")
    part = kind.parts(facts)[0]
    with pytest.raises(TemplateFault, match="Expected a PowerPoint presentation"):
        kind.make(facts, part, b"no archive")
    other = BytesIO()
    Presentation().save(other)
    with pytest.raises(TemplateFault, match="Expected a layout named Cover"):
        kind.make(facts, part, other.getvalue())
