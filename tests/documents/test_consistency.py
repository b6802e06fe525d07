"""One pack, many files, one set of figures: each is read back from every file that quotes it and held against the run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO

import docx
import openpyxl
import pdfplumber
import pytest
from docx.oxml.ns import qn
from pptx import Presentation

from documents.facts import PackFacts
from documents.kinds import parts_of
from documents.rendering.templating import day
from engine.permutations import COLUMNS
from lib.figures import agreed, in_unit, money, percent, share, times
from tests.documents.deals import facts_of

pytestmark = pytest.mark.django_db
TIMES, RATE, SHARE, AMOUNT, DAY = (
    r"(\d+\.\d\dx)",
    r"(\d+\.\d\d%)",
    r"(\d+\.\d%)",
    r"([\d,]{8,}\d)",
    r"(\d{1,2} [A-Z][a-z]+ \d{4})",
)
RATING = r"((?:AAA|AA|A|BBB|BB|B|CCC|CC|C|D|NR)[+-]?)(?!\w)"


@dataclass(frozen=True)
class Quoted:
    """A figure, how the run has it, the words it is quoted with, and in how many files at least."""

    name: str
    expected: str
    words: tuple[str, ...]
    files: int


def quoted(facts: PackFacts) -> tuple[Quoted, ...]:
    """The figures that files quote, as a reader sees them."""
    row, (senior, mezzanine) = facts.detail.row, facts.tranches

    def cover(name: str) -> str:
        return times(row[name])

    return (
        Quoted("senior_amount", money(senior.amount), (rf"Senior (?:secured )?[Nn]otes”?(?: means the)?(?: [A-Z]{{3}})? {AMOUNT}", rf"Principal amount: [A-Z]{{3}} {AMOUNT} at the Completion Date\. 2\.2"), 5),
        Quoted("mezz_amount", money(mezzanine.amount), (rf"Mezzanine [Nn]otes”?(?: means the)?(?: [A-Z]{{3}})? {AMOUNT}",), 4),
        Quoted("coupon", agreed(senior.coupon_rate, "rate"), (rf"Senior (?:secured )?[Nn]otes [A-Z]{{3}} [\d,]+, {RATE}", rf"Senior Notes bear interest at {RATE}", rf"Senior coupon {RATE}", rf"Senior secured notes, [A-Z]{{3}} [\d.]+m at {RATE}"), 4),
        Quoted("dscr_minimum", cover("dscr_minimum"), (rf"[Mm]inimum (?:annual )?DSCR {TIMES}", rf"(?<!Total )DSCR, minimum {TIMES}", rf"(?<!Total )DSCR(?: is)? {TIMES} at its lowest", rf"lowest value is {TIMES}"), 6),
        Quoted("dscr_average", cover("dscr_average"), (rf"(?<!Total DSCR, )average {TIMES}", rf"{TIMES} on average", rf"its average {TIMES}"), 6),
        Quoted("llcr", cover("llcr"), (rf"LLCR {TIMES}", rf"loan life cover ratio is {TIMES}"), 5),
        Quoted("plcr", cover("plcr"), (rf"PLCR {TIMES}", rf"project life cover ratio {TIMES}"), 4),
        Quoted("icr", cover("icr"), (rf"\bICR {TIMES}",), 4),
        Quoted("agency_ltv_ratio", share(row["agency_ltv_ratio"]), (rf"Senior (?:LTV |loan to value )?{SHARE} of (?:the )?haircut value", rf"(?<!Total )LTV, haircut value {SHARE}"), 3),
        Quoted("appraisal_ltv_ratio", share(row["appraisal_ltv_ratio"]), (rf"{SHARE} of (?:the |its )?apprais",), 3),
        Quoted("rating", senior.rating, (rf"[Rr]ating indication {RATING}", rf"Indication of {RATING}", rf"Indicative rating(?: of the senior notes:)? {RATING}", rf"Rating, base case {RATING}"), 4),
        Quoted("sponsor_irr_rate", percent(row["sponsor_irr_rate"]), (rf"[Ee]quity IRR {RATE}",), 3),
        Quoted("wacc_rate", percent(row["wacc_rate"]), (rf"WACC {RATE}",), 3),
        Quoted("worst_stressed_dscr", cover("worst_stressed_dscr"), (rf"DSCR, worst stress {TIMES}", rf"with a lowest DSCR of {TIMES}", rf"Lowest DSCR over [^.]{{0,60}} {TIMES}"), 2),
        Quoted("day_one_value", money(row["day_one_value"]), (rf"Day-one value(?: [A-Z]{{3}})? {AMOUNT}",), 3),
        Quoted("senior_maturity", day(senior.maturity_date), (rf"Senior (?:Secured |secured )?[Nn]otes.{{0,60}}? due {DAY}", rf"Senior maturity {DAY}"), 5),
        Quoted("close", day(facts.close_date), (rf"Closing [Dd]ate”?(?: means)? {DAY}", rf"checklist to close on {DAY}", rf"inancial close(?: assumed)?(?: on)? {DAY}"), 5),
    )  # fmt: skip


def words_of(name: str, content: bytes, pages: int | None = None) -> str:
    """Every word and figure of a file in reading order, one space between them; of a paper only so many pages."""
    readers: dict[str, Callable[[bytes], Iterator[str]]] = {
        "pdf": partial(_paper, pages=pages),
        "docx": _draft,
        "pptx": _slides,
        "xlsx": _sheets,
    }
    return re.sub(r"\s+", " ", " ".join(readers[name.rpartition(".")[2]](content)))


def _paper(content: bytes, pages: int | None) -> Iterator[str]:
    with pdfplumber.open(BytesIO(content)) as paper:
        yield from (page.extract_text() or "" for page in paper.pages[:pages])


def _draft(content: bytes) -> Iterator[str]:
    document = docx.Document(BytesIO(content))
    for part in (document.sections[0].header._element, document.element.body):
        for paragraph in part.iter(qn("w:p")):
            yield "".join(text.text or "" for text in paragraph.iter(qn("w:t")))


def _slides(content: bytes) -> Iterator[str]:
    for slide in Presentation(BytesIO(content)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.has_table:
                yield from (cell.text_frame.text for row in shape.table.rows for cell in row.cells)


def _sheets(content: bytes) -> Iterator[str]:
    """Words as they are; a figure beside a result's name in that result's unit."""
    units = {spec.label: str(spec.unit) for spec in COLUMNS.values()}
    for sheet in openpyxl.load_workbook(BytesIO(content), data_only=True, read_only=True):
        for row in sheet.iter_rows(values_only=True):
            unit = units.get(str(row[0])) if row else None
            yield from (
                in_unit(cell, unit) if unit and isinstance(cell, int | float) else str(cell)
                for cell in row
                if cell is not None
            )


def pack_of(facts: PackFacts) -> dict[str, bytes]:
    return {part.filename: kind.make(facts, part) for kind, part in parts_of(facts)}


def found_in(files: dict[str, str], figure: Quoted) -> dict[str, set[str]]:
    """What each file that quotes the figure says it is."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, words in files.items():
        for pattern in figure.words:
            found[name] |= set(re.findall(pattern, words))
    return {name: values for name, values in found.items() if values}


def test_every_file_says_what_the_run_says(facts: PackFacts, pack_files: dict[str, bytes]) -> None:
    files = {name: words_of(name, content) for name, content in pack_files.items()}
    assert len(files) >= 14
    quoting: set[str] = set()
    for figure in quoted(facts):
        found = found_in(files, figure)
        wrong = {name: values for name, values in found.items() if values != {figure.expected}}
        assert not wrong, f"{figure.name}: the run has {figure.expected}, files say {wrong}"
        assert len(found) >= figure.files, f"{figure.name}: read only in {sorted(found)}"
        quoting |= found.keys()
    assert quoting == files.keys()


def test_one_file_that_disagrees_is_named(facts: PackFacts) -> None:
    figure = next(each for each in quoted(facts) if each.name == "llcr")
    files = {"good.docx": f"LLCR {figure.expected}", "bad.pdf": "LLCR 9.99x"}
    assert found_in(files, figure) == {"good.docx": {figure.expected}, "bad.pdf": {"9.99x"}}


# What a form refuses in a sponsor's name, a title may still hold.
TYPED = '=HYPERLINK("http://x") <b>bold</b> & {{ 7*7 }} {% raw %} {\\rtf1 '
HOSTILE = TYPED + "\x07\x1b\u202e "


def test_hostile_words_are_words_in_every_file(facts: PackFacts) -> None:
    named = {"meta": {"sponsor_name": (TYPED + "sponsor " * 30)[:250], "location": (TYPED + "place " * 30)[:250]}}
    own = facts_of(facts, facts.detail.levers, inputs=named, title=HOSTILE + "long " * 2000)
    shown = 0
    for name, content in pack_of(own).items():
        words = words_of(name, content, pages=1)
        assert not any(mark in words for mark in "\x07\x1b\u202e"), name
        assert "=HYPERLINK" in words, name
        shown += '=HYPERLINK("http://x") <b>bold</b> & {{ 7*7 }} {% raw %}' in words
        if name.endswith(".xlsx") and name != "live-model.xlsx":
            assert not any(
                cell.data_type == "f"
                for sheet in openpyxl.load_workbook(BytesIO(content))
                for row in sheet
                for cell in row
            ), name
    assert shown >= 12
