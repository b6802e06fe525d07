"""The legal drafts: clauses that apply and no others, numbers that lead where they say, placeholders instead of names."""

import re
from io import BytesIO
from typing import Any

import docx
import pdfplumber
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from documents.errors import TemplateFault
from documents.facts import Marks, PackFacts
from documents.kinds import kind_of
from documents.kinds.kind import DocumentKind
from documents.rendering.templating import day, day_short
from documents.rendering.word import Numbering
from engine.debt.kinds import BY_DSCR
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
    assert f"“Maturity Date” means {day(operations.replace(year=operations.year + lease_years - 2))}" in swept
    assert "rises by 200\N{NO-BREAK SPACE}bps" in swept
    assert "Anticipated" not in refinanced
    assert "seek to refinance" in refinanced
    assert "seek to refinance" not in swept


def test_half_is_repaid_in_instalments_and_half_as_the_balloon(facts: PackFacts) -> None:
    swept = words_of(draft("note_conditions", facts_of(facts, PARTIAL, {"balloon_mode": "sweep"})))
    refinanced = words_of(draft("note_conditions", facts_of(facts, PARTIAL, {"balloon_mode": "refinance"})))
    for words, when in (
        (swept, "the Anticipated Repayment Date; failure to pay it"),
        (refinanced, "the Maturity Date."),
    ):
        assert "in level payments of interest and principal that leave a balloon" in words
        assert "the last of them" in words
        assert when in words
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
            table.rows[-1].cells[3 if table.rows[-1].cells[3].text else 0].text == f"{day_short(tranche.maturity_date)}"
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


# What the drafts must not tell in two ways


def items_after(words: str, start: str) -> list[str]:
    """The items of the list that begins with this line, to the next heading or clause."""
    lines = words.split("\n")
    first = next(at for at, line in enumerate(lines, 1) if line.endswith(start))
    last = next(at for at in range(first, len(lines)) if lines[at].endswith("."))
    return lines[first : last + 1]


BEFORE, AFTER = "applies cash on each Payment Date in this order:", "After enforcement, in this order:"
HEDGES = "scheduled amounts due to the Hedge Counterparty and interest on the Senior Notes, equally"
LOSSES = "other sums due to the Hedge Counterparty on termination, price losses beyond the margin among them"


def test_all_drafts_pay_in_one_order_and_losses_of_a_swap_behind_senior(facts: PackFacts) -> None:
    own = facts_of(facts, FULL)
    long_form, conditions = words_of(draft("long_form", own)), words_of(draft("note_conditions", own))
    security = words_of(draft("security_summary", own))

    def plain(items: list[str]) -> list[str]:
        return [
            re.sub(r"(item|clause|Condition) [\d.()a-z]+", r"\1", item).replace("Condition", "clause") for item in items
        ]

    before = plain(items_after(long_form, BEFORE))
    assert before == plain(items_after(conditions, "applies Available Cash in this order:"))
    after = plain(items_after(long_form, AFTER))
    assert after == plain(items_after(conditions, "After an Enforcement Notice all money is applied in this order:"))
    assert after == plain(items_after(security, "applies proceeds of the Charged Assets in this order:"))
    for order, senior in (
        (before, "scheduled principal of the Senior Notes"),
        (after, "principal of the Senior Notes"),
    ):
        places = [next(at for at, item in enumerate(order) if item.startswith(words))
                  for words in (HEDGES, senior, LOSSES, "interest on the Mezzanine Notes")]  # fmt: skip
        assert places == sorted(places)


def test_a_sweep_pays_behind_the_mezzanine_and_ahead_of_the_lock_up(facts: PackFacts) -> None:
    levers = {**BALLOON, "mezzanine": "sized", "mezz_dscr": 1.1, "senior_dscr": 1.6}
    own = facts_of(facts, levers, {"balloon_mode": "sweep"})
    senior, mezzanine = own.tranches
    words = words_of(draft("note_conditions", own))
    order = items_after(words, "applies Available Cash in this order:")
    starts = (
        "scheduled principal of the Mezzanine Notes",
        "from the anticipated repayment date",
        "while a Lock-up Event",
    )
    places = [next(at for at, item in enumerate(order) if item.startswith(start)) for start in starts]
    assert places == sorted(places)
    assert "once these are repaid, of the Mezzanine Notes" in order[places[1]]
    due = f"due {day(senior.legal_final_date)} (anticipated repayment {day(senior.maturity_date)})"
    assert due in words
    assert mezzanine.legal_final_date == senior.legal_final_date
    long_form = words_of(draft("long_form", own))
    assert "with final maturity on" not in long_form
    assert f"anticipated repayment on {day(senior.maturity_date)}" in long_form


def test_interest_falls_due_monthly_from_close(facts: PackFacts) -> None:
    """Close on Sunday 31 January 2027: the first month ends on 28 February, a Sunday, so it is paid on the Friday before."""
    for code in ("long_form", "note_conditions"):
        words = words_of(draft(code, facts_of(facts, PLAIN)))
        assert "“Payment Date” means 26 February 2027 and the same day of each month after it" in words, code
        assert "the one before where the next falls in another month" in words, code


def test_completion_is_certified_and_has_a_long_stop(facts: PackFacts) -> None:
    for code in ("long_form", "note_conditions"):
        words = words_of(draft(code, facts_of(facts, PLAIN)))
        assert "“Completion Date” means the day on which the technical adviser certifies" in words
        assert "the Completion Date has not occurred by the Long-stop Date" in words


def test_cover_counts_no_release_from_an_account(facts: PackFacts) -> None:
    for code in ("long_form", "note_conditions"):
        words = words_of(draft(code, facts_of(facts, FULL)))
        assert "“DSCR” means, for a Test Period, Net Cash Flow divided by interest, the insurer's premium" in words
        assert "Amounts released from or standing to the credit of an account do not count." in words


def test_both_long_drafts_have_the_same_events_of_default(facts: PackFacts) -> None:
    own = facts_of(facts, FULL)
    found = [
        items_after(words_of(draft(code, own)), start)
        for code, start in (
            ("long_form", "Events of default:"),
            ("note_conditions", "Each of these is an event of default:"),
        )
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 11


@pytest.mark.parametrize(
    ("country", "currency", "said", "not_said"),
    [
        ("UK", "GBP", ("full title guarantee", "[English law]"), ("deed of trust", "member state")),
        ("US", "USD", ("[deed of trust or mortgage]", "State of New York"), ("full title guarantee", "floating charge")),
        ("EU", "EUR", ("[pledge]", "[member state], the European Union"), ("full title guarantee", "deed of trust", "floating charge")),
    ],
)  # fmt: skip
def test_each_law_has_its_own_security(
    country: str, currency: str, said: tuple[str, ...], not_said: tuple[str, ...], facts: PackFacts
) -> None:
    words = words_of(draft("security_summary", facts_of(facts, PLAIN, inputs=_at_home(country, currency))))
    assert all(each in words for each in said)
    assert not any(each in words for each in not_said)


def _at_home(country: str, currency: str) -> dict[str, Any]:
    return {"country": country, "currency": currency}


def test_notes_float_where_the_terms_say_so(facts: PackFacts) -> None:
    fixed, floating = (
        words_of(draft("long_form", facts_of(facts, PLAIN, {"unfixed_ratio": ratio}))) for ratio in (0.0, 1.0)
    )
    assert "a fixed rate of" in fixed
    assert "floating" not in fixed
    assert "a floating rate of" in floating
    assert "[until reference rate, margin, floor and day count are agreed]" in floating


def test_the_amount_is_said_to_be_limited_by_what_limits_it(facts: PackFacts) -> None:
    """The first edition said that an interest-only note's cash covers its service by the DSCR it was sized on."""
    own = facts_of(facts, BALLOON)
    assert own.tranches[0].sized_by != BY_DSCR
    words = words_of(draft("long_form", own))
    assert "Sizing: the principal amount is sized so that" not in words
    assert re.search(r"Sizing: the principal amount is (sized on what can be refinanced|limited by)", words)


def test_a_name_that_ends_in_a_stop_gets_no_second_one(facts: PackFacts) -> None:
    inputs = facts.deal.inputs.to_dict()
    named = {"meta": {**inputs.get("meta", {}), "sponsor_name": "Lone Star Holdings, L.P."}}
    words = words_of(draft("note_conditions", facts_of(facts, PLAIN, inputs=named)))
    assert "means Lone Star Holdings, L.P." in words
    assert "L.P.." not in words


def test_the_cover_of_interest_only_notes_is_told_as_it_is_defined(facts: PackFacts) -> None:
    """Interest alone is due before maturity; the notional DSCR that ratings read may lie below the lock-up."""
    own = facts_of(facts, {**BALLOON, "senior_tenor_years": 7}, {"balloon_mode": "sweep"})
    first_year = {name: own.detail.years[name][0] for name in ("gross_income", "opex", "senior_interest")}
    paid = (first_year["gross_income"] - first_year["opex"]) / first_year["senior_interest"]
    notional = own.detail.row["notional_dscr_minimum"]
    assert notional is not None
    assert paid > notional
    for code in ("long_form", "note_conditions"):
        words = words_of(draft(code, own))
        assert figures.times(paid) in words, code
    assert f"a notional amortising DSCR, which is {figures.times(notional)}; the lock-up does not" in words_of(
        draft("long_form", own)
    )


# Parties, property and accounts: each draft points to the clause of its own that sets them up.
OWN_WORDS = {
    "DSRA", "Hedging Agreements", "Hedge Counterparty", "Insurer", "Lease", "Mezzanine Notes", "Property", "Senior Notes",
}  # fmt: skip
DEFINED = re.compile(r"^“([^”]+)” means,? (.+)$", re.MULTILINE)


def as_one(words: str) -> str:
    """The words without the numbers of clauses, which each draft counts for itself."""
    return re.sub(r"(item|clause|Condition) [\d.()a-z]+", r"clause", words).replace("Conditions", "clauses")


@pytest.mark.parametrize("levers", [FULL, SWEPT, BALLOON], ids=["full", "swept", "balloon"])
def test_all_files_say_one_thing_of_terms_defined_dates_and_denominations(
    levers: dict[str, Any], facts: PackFacts
) -> None:
    own = facts_of(facts, levers)
    senior, cur = own.tranches[0], own.currency
    drafts = {code: words_of(draft(code, own)) for code in ("long_form", "note_conditions")}
    defined = {code: dict(DEFINED.findall(as_one(words))) for code, words in drafts.items()}
    shared = defined["long_form"].keys() & defined["note_conditions"].keys()
    assert {"Payment Date", "Business Day", "Completion Date", "Long-stop Date", "DSCR"} <= shared
    differ = {name for name in shared if defined["long_form"][name] != defined["note_conditions"][name]}
    assert differ <= OWN_WORDS

    texts = {**drafts, "term_sheet": sheet_of(own)}
    convention = {"term_sheet": "Modified following"}
    for code, words in texts.items():
        assert re.search(rf"inimum denomination (?:of )?\[{cur} 100,000\] and multiples of \[{cur} 1\]", words), code
        assert convention.get(code, "the one before where the next falls in another month") in words, code
        for agreed in (
            day(own.calendar.payment_date(1 - own.deal.inputs.construction.months_from_close)),
            day(senior.maturity_date),
            figures.agreed(senior.coupon_rate, "rate"),
            figures.money(senior.amount, cur).replace("\xa0", " "),
        ):
            assert agreed in words.replace("\xa0", " "), (code, agreed)


def sheet_of(facts: PackFacts) -> str:
    kind = kind_of("term_sheet")
    with pdfplumber.open(BytesIO(kind.make(facts, kind.parts(facts)[0]))) as book:
        return " ".join(" ".join(page.extract_text() for page in book.pages).replace("\xa0", " ").split())
