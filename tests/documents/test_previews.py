"""Office files looked at in the page: their own words, tables and figures, as the file has them."""

from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from documents.facts import PackFacts
from documents.models import Pack
from documents.previews import Block, Excerpt, excerpts_of
from lib.figures import agreed, amount, millions, money, times

pytestmark = pytest.mark.django_db


def words_of(excerpts: tuple[Excerpt, ...]) -> str:
    blocks = [block for excerpt in excerpts for block in excerpt.blocks]
    return "\n".join(
        [each.title for each in excerpts] + [b.words or "\n".join("\t".join(r) for r in b.rows) for b in blocks]
    )


def test_a_workbook_is_shown_as_it_shows_itself() -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Terms"
    for row, (value, told) in enumerate(
        [(0.0625, "0.00%"), (1.355, '0.00"x"'), (-1234.5, "#,##0"), (date(2029, 1, 2), "d mmm yyyy"), (1e99, '[>=1E+98]"none";#,##0'), (True, "General")], 1
    ):  # fmt: skip
        sheet.cell(row * 2, 2, value).number_format = told
    for row in range(20, 100):
        sheet.cell(row, 1, row)
    out = BytesIO()
    book.save(out)
    (found,) = excerpts_of("xlsx", out.getvalue())
    (block,) = found.blocks
    shown = [row[-1] for row in block.rows]
    assert shown[:6] == ["6.25%", "1.35x", "−1,234", "2 January 2029", "none", "Yes"]
    assert len(block.rows) == 6 + 60 - 19
    assert (found.title, found.left_out) == ("Terms", "Shown are the first 60 of 99 rows.")


def test_drafts_slides_and_the_model_say_the_engine_s_figures(pack_files: dict[str, bytes], facts: PackFacts) -> None:
    senior, row = facts.tranches[0], facts.detail.row
    told = {
        "note-conditions.docx": [money(senior.amount, facts.currency), agreed(senior.coupon_rate, "rate")],
        "investor-presentation.pptx": [millions(senior.amount, facts.currency), times(row["dscr_minimum"])],
        "live-model.xlsx": [amount(senior.amount), amount(row["day_one_value"]), times(row["dscr_minimum"])],
        "stress-grid.xlsx": [times(facts.detail.stress[0].stressed_dscr)],
        "execution-checklist.xlsx": [facts.checklist[0].title],
    }
    for name, expected in told.items():
        shown = words_of(excerpts_of(name.rpartition(".")[2], pack_files[name]))
        assert [words for words in expected if words.replace("\xa0", " ") not in shown.replace("\xa0", " ")] == [], name


def test_numbers_of_clauses_referred_to_are_read(pack_files: dict[str, bytes]) -> None:
    shown = words_of(excerpts_of("docx", pack_files["note-conditions.docx"]))
    assert "under Condition 5.2 is not an event of default" in shown


def test_slides_say_their_charts_and_not_their_feet(pack_files: dict[str, bytes], facts: PackFacts) -> None:
    excerpts = excerpts_of("pptx", pack_files["investor-presentation.pptx"])
    blocks = [block for excerpt in excerpts for block in excerpt.blocks]
    assert Block("DRAFT") not in blocks
    assert not any(facts.marks.confidentiality in block.words for excerpt in excerpts[1:] for block in excerpt.blocks)
    (cover,) = [block for block in blocks if block.rows and block.rows[0][:2] == ("", "DSCR")]
    assert [row[1] for row in cover.rows[1:]] == [f"{each:.2f}" for each in facts.detail.dscr_path]


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx", "zip"])
def test_what_cannot_be_read_is_said_to_be_for_download(suffix: str) -> None:
    assert excerpts_of(suffix, b"no file of that kind") == ()


def test_the_page_shows_the_draft_and_asks_for_no_download(draft: Pack, client: Client) -> None:
    client.force_login(draft.requested_by)
    row = draft.documents.get(kind="note_conditions")
    page = client.get(reverse("document", args=[row.code])).content.decode()
    assert "Priority of payments before enforcement" in page
    assert "scheduled principal of the Senior Notes" in page
