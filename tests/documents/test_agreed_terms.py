"""Terms that parties agree are printed as they were agreed, in every paper; names that a paper cannot set are told."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import pptx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from documents.facts import PackFacts
from documents.kinds import kind_of
from documents.lettering import unset_names
from documents.rendering.letters import unset
from tests.documents.deals import FULL, facts_of

pytestmark = pytest.mark.django_db
# Eighths of a percent, quarters of a basis point, cover in thousandths.
LEVERS: dict[str, Any] = {
    **FULL,
    "senior_coupon_rate": 0.05125,
    "mezz_coupon_rate": 0.09375,
    "senior_dscr": 1.345,
    "over_raise_ratio": 0.3,
}
TERMS: dict[str, Any] = {
    "lock_up_steps": [[1.125, 0.625]], "trs_spread_bps": 152.5, "trs_financing_rate": 0.04375, "refinance_spread_bps": 112.5,
    "trs_haircut_ratio": 0.1125, "structuring_fee_rate": 0.01625, "zcis_dealer_spread_bps": 12.5,
}  # fmt: skip
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture
def own(facts: PackFacts) -> PackFacts:
    return facts_of(facts, LEVERS, TERMS)


def words(code: str, facts: PackFacts) -> str:
    """The words of a document, spaces evened out."""
    kind = kind_of(code)
    assert kind.template is not None
    read = _READERS[kind.template.path.suffix]
    found = " ".join(read(kind.make(facts, part)) for part in kind.parts(facts))
    return " ".join(found.replace(SPACE, " ").split())


def _of_word(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    feet = [paragraph.text for section in document.sections for paragraph in section.footer.paragraphs]
    return " ".join([*(each.text or "" for each in document.element.body.iter(qn("w:t"))), *feet])


def _of_slides(content: bytes) -> str:
    deck: Any = pptx.Presentation(BytesIO(content))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    cells = [cell.text for s in shapes if s.has_table for row in s.table.rows for cell in row.cells]
    return " ".join([*(s.text_frame.text for s in shapes if s.has_text_frame), *cells])


def _of_pdf(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


_READERS: dict[str, Callable[[bytes], str]] = {
    ".docx": _of_word,
    ".pptx": _of_slides,
    ".html": _of_pdf,
}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("note_conditions", ("of 5.125% a year", "of 9.375% a year")),
        ("long_form", ("5.125% a year", "9.375% a year", "debt service 1.345x", "4.375% and a spread of 152.5 bps", "11.25% of the notional", "fees of 1.625%")),
        ("term_sheet", ("5.125%", "9.375%", "1.345x", "152.5 bps", "Below 1.125x, 62.5%", "fees of 1.625%")),
        ("presentation", ("5.125%", "9.375%", "4.375% and 152.5 bps", "1.125x (62.5% retained)", "12.5 bps below")),
        ("return_swap", ("5.125%", "4.375% plus a spread of 152.5 bps", "11.25% of the notional")),
        ("waterfall_summary", ("Below 1.125x, 62.5%",)),
    ],
)  # fmt: skip
def test_no_digit_of_a_term_is_lost(own: PackFacts, code: str, said: tuple[str, ...]) -> None:
    text = words(code, own)
    for term in said:
        assert term in text, term
    for rounded in ("5.12%", "5.13%", "9.37%", "9.38%", "152 bps", "153 bps"):
        assert rounded not in text, rounded


@pytest.mark.parametrize("code", ["long_form", "presentation"])
def test_the_day_of_a_paper_names_its_zone(own: PackFacts, code: str) -> None:
    on = f"{own.as_of.day} {own.as_of:%B %Y}"
    assert f"{on} (UTC)" in words(code, own)


# Letters


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Łódź Δέλτα Дата ₪ ₹", ""), ("東京 DC 서울", ""), ("दिल्ली DC दि", "दिल्ली"), ("Quay\u202e", "")],
)
def test_letters_that_no_font_has_are_found_once_each(name: str, letters: str) -> None:
    assert unset(name) == "".join(dict.fromkeys(letters))


def test_names_that_papers_cannot_set_are_told_where_a_pack_is_asked_for() -> None:
    class Named:
        class project:  # noqa: N801
            title = "Campus"

        class snapshot:  # noqa: N801
            content = {"meta": {"sponsor_name": "दिल्ली", "location": "Slough"}}  # noqa: RUF012

    assert unset_names(Named) == [("Sponsor", "दिल्ली", "".join(dict.fromkeys("दिल्ली")))]  # type: ignore[arg-type]
