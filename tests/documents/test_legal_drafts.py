"""The legal drafts: clauses that apply and no others, numbers that lead where they say, placeholders instead of names."""

import re
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from documents.errors import TemplateFault
from documents.facts import Marks, PackFacts
from documents.kinds import kind_of
from documents.kinds.kind import DocumentKind
from documents.kinds.legal import in_words
from documents.rendering.word import Numbering
from lib import figures
from tests.documents.deals import BALLOON, FULL, PARTIAL, PLAIN, SWEPT, facts_of

pytestmark = pytest.mark.django_db
DRAFTS = ("long_form", "note_conditions", "security_summary")


def draft(code: str, facts: PackFacts) -> Document:
    kind: DocumentKind = kind_of(code)
    return docx.Document(BytesIO(kind.make(facts, kind.parts(facts)[0])))


def words_of(document: Document) -> str:
    """Every word of the body, references included, a line for each paragraph."""
    paragraphs = document.element.body.iter(qn("w:p"))
    return "\n".join("".join(text.text or "" for text in each.iter(qn("w:t"))) for each in paragraphs)


@pytest.mark.parametrize("code", DRAFTS)
def test_clauses_appear_only_where_the_structure_has_what_they_speak_of(code: str, facts: PackFacts) -> None:
    plain, full = words_of(draft(code, facts_of(facts, PLAIN))), words_of(draft(code, facts_of(facts, FULL)))
    for word in ("Mezzanine", "Hedg", "the Insurer", "total return", "inflation"):
        assert word.lower() not in plain.lower(), word
    for word in ("Mezzanine Notes", "Hedge Counterparty", "[insurer]"):
        assert word in full, word
    assert "[Issuer]" in plain


def test_a_balloon_is_refinanced_or_swept_as_the_run_says(facts: PackFacts) -> None:
    swept = words_of(draft("note_conditions", facts_of(facts, BALLOON, {"balloon_mode": "sweep"})))
    refinanced = words_of(draft("note_conditions", facts_of(facts, BALLOON, {"balloon_mode": "refinance"})))
    assert "“Anticipated Repayment Date” means" in swept
    # The notes end two years before the lease, which ends long after the anticipated repayment date.
    operations, lease_years = facts.operations_date, int(facts.deal.inputs.lease.term_years)
    assert f"“Maturity Date” means {in_words(operations.replace(year=operations.year + lease_years - 2))}" in swept
    assert "rises by 200\N{NO-BREAK SPACE}bps" in swept
    assert "Anticipated" not in refinanced
    assert "seek to refinance" in refinanced
    assert "seek to refinance" not in swept


def test_half_is_repaid_in_instalments_and_half_as_the_balloon(facts: PackFacts) -> None:
    swept = words_of(draft("note_conditions", facts_of(facts, PARTIAL, {"balloon_mode": "sweep"})))
    refinanced = words_of(draft("note_conditions", facts_of(facts, PARTIAL, {"balloon_mode": "refinance"})))
    for words, day in (
        (swept, "the Anticipated Repayment Date; failure to pay it"),
        (refinanced, "the Maturity Date."),
    ):
        assert "in level payments of interest and principal that leave a balloon" in words
        assert "the last of them" in words
        assert day in words
        assert "redeemed in one amount" not in words


@pytest.mark.parametrize("code", ["note_conditions", "long_form"])
def test_a_cash_sweep_stands_in_the_priority_of_payments(code: str, facts: PackFacts) -> None:
    words = words_of(draft(code, facts_of(facts, SWEPT, {"sweep_ratio": 0.4})))
    assert "40.0% of what is left" in words
    assert "of what is left" not in words_of(draft(code, facts_of(facts, PLAIN)))


@pytest.mark.parametrize("code", DRAFTS)
@pytest.mark.parametrize("levers", [PLAIN, FULL, BALLOON, SWEPT], ids=["plain", "full", "balloon", "swept"])
def test_each_reference_shows_the_number_of_the_clause_it_names(
    code: str, levers: dict[str, Any], facts: PackFacts
) -> None:
    """Numbers counted here paragraph by paragraph, as Word counts them."""
    document = draft(code, facts_of(facts, levers))
    numbering, numbers = Numbering.of(document), {}
    for paragraph in document.element.body.iter(qn("w:p")):
        number = numbering.next_of(paragraph)
        for mark in paragraph.iter(qn("w:bookmarkStart")):
            numbers[mark.get(qn("w:name"))] = number
    shown = {
        field.get(qn("w:instr")).split()[1]: field.findtext(f".//{qn('w:t')}")
        for field in document.element.body.iter(qn("w:fldSimple"))
    }
    assert len(shown) >= 2
    assert shown == {name: numbers[name] for name in shown}
    assert all(re.fullmatch(r"\d+(\.\d+(\([a-z]+\))?)?", number) for number in shown.values())


def test_numbers_run_on_as_in_a_contract(facts: PackFacts) -> None:
    document = draft("note_conditions", facts_of(facts, PLAIN))
    numbering = Numbering.of(document)
    numbers = [number for each in document.element.body.iter(qn("w:p")) if (number := numbering.next_of(each))]
    heads = [number for number in numbers if "." not in number]
    assert heads == [str(at + 1) for at in range(len(heads))]
    assert {"1.1", "9.1(a)", "9.1(b)"} <= set(numbers)


def test_the_schedule_repays_the_whole_amount(facts: PackFacts) -> None:
    own = facts_of(facts, FULL)
    document = draft("note_conditions", own)
    tables = [table for table in document.tables if table.rows[0].cells[0].text == "Payment Date"]
    for table, tranche in zip(tables, own.tranches, strict=True):
        cells = [cell.text for row in table.rows[1:] for cell in (row.cells[1], row.cells[4])]
        paid = sum(int(cell.replace(",", "")) for cell in cells if cell)
        assert paid == pytest.approx(tranche.amount, abs=len(cells))
        assert (
            table.rows[-1].cells[3 if table.rows[-1].cells[3].text else 0].text == f"{tranche.maturity_date:%d.%m.%Y}"
        )


def test_definitions_are_bold_in_quotes_and_each_is_used(facts: PackFacts) -> None:
    document = draft("note_conditions", facts_of(facts, FULL))
    words = words_of(document)
    defined = [run.text for each in document.paragraphs for run in each.runs if run.style.name == "Defined Term"]
    assert len(defined) > 15
    for term in defined:
        assert re.fullmatch("“.+”", term)
        assert words.count(term.strip("“”")) > 1, term


def test_a_draft_is_marked_until_the_pack_is_issued(facts: PackFacts) -> None:
    def head(marks: Marks) -> str:
        own = facts_of(facts, PLAIN, marks=marks)
        return str(draft("long_form", own).sections[0].header._element.xml)

    assert 'string="DRAFT"' in head(Marks())
    assert 'string="DRAFT"' not in head(Marks(number="AN-2026-0007"))


def test_the_page_carries_its_marks(facts: PackFacts) -> None:
    section = draft("security_summary", facts_of(facts, PLAIN)).sections[0]
    assert facts.title in section.header.paragraphs[0].text
    foot = section.footer._element
    assert {field.get(qn("w:instr")).strip() for field in foot.iter(qn("w:fldSimple"))} == {"PAGE", "NUMPAGES"}
    assert "Strictly private and confidential" in section.footer.paragraphs[0].text


def test_figures_are_the_runs(facts: PackFacts) -> None:
    own = facts_of(facts, FULL)
    words = words_of(draft("long_form", own))
    senior = own.tranches[0]
    for shown in (
        figures.money(senior.amount, own.currency), figures.percent(senior.coupon_rate),
        figures.times(own.detail.row["dscr_minimum"]), figures.times(own.detail.row["llcr"]),
    ):  # fmt: skip
        assert shown in words


@pytest.mark.parametrize("content", [b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_word_file_is_refused(content: bytes, facts: PackFacts) -> None:
    kind = kind_of("long_form")
    with pytest.raises(TemplateFault, match="Expected a Word document"):
        kind.make(facts, kind.parts(facts)[0], content)


@pytest.mark.parametrize("words", ["{{ senior.nothing }}", "{{ senior.amount", "{{ ().__class__.__mro__ }}"])
def test_a_template_that_asks_for_what_is_not_there_is_refused(words: str, facts: PackFacts) -> None:
    document, out, kind = docx.Document(), BytesIO(), kind_of("long_form")
    document.add_paragraph(words)
    document.save(out)
    with pytest.raises(TemplateFault, match="cannot be filled"):
        kind.make(facts, kind.parts(facts)[0], out.getvalue())
