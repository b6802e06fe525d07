"""Papers: what a reader of the PDF sees is what the run found, whatever people typed, and the same each time."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from time import process_time
from typing import Any

import pdfplumber
import pytest
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from documents.errors import TemplateFault
from documents.facts import Marks, PackFacts
from documents.facts.cash import cash_life
from documents.facts.charts import cover as cover_chart
from documents.kinds import KINDS, parts_of
from documents.kinds.kind import DocumentKind, Part
from documents.kinds.legal import legal_fields
from documents.rendering.pdf import render_pdf
from documents.rendering.stamp import WATERMARK_COLOUR
from documents.rendering.templating import day_short
from lib.figures import amount, millions, number_format, percent, share, times
from permutations.models import Run
from tests.documents.conftest import facts_of_best
from tests.documents.deals import BALLOON, facts_of

pytestmark = pytest.mark.django_db
CLOSE = date(2027, 1, 31)
PAPER = {
    "title": "Test paper", "project": "Campus", "organisation": "House", "confidentiality": "Private",
    "version": "Draft, not issued", "lineage": "Run 1, lineage 2", "is_draft": True, "as_of": "2026-01-05T09:30:00",
    "close_date": "2027-01-31", "currency": "GBP", "about": [],
}  # fmt: skip
HOSTILE = "<script>alert(1)</script>\x07\u202e =1+1 {{ 7*7 }} & שלום عالم Łódź द " + "W" * 10_000


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """What the first test that asked has made: facts read no database once they are gathered."""
    return {}


@pytest.fixture
def facts(known: dict[str, Any], request: pytest.FixtureRequest) -> PackFacts:
    if "facts" not in known:
        run: Run = request.getfixturevalue("done")
        known["facts"] = facts_of_best(run, CLOSE)
    found: PackFacts = known["facts"]
    return found


@pytest.fixture
def drafts(known: dict[str, Any], facts: PackFacts) -> dict[tuple[str, str], bytes]:
    """Every paper of the run by its kind and part, made once."""
    if "drafts" not in known:
        known["drafts"] = {(kind.code, part.code): kind.make(facts, part) for kind, part in papers(facts)}
    found: dict[tuple[str, str], bytes] = known["drafts"]
    return found


def papers(facts: PackFacts) -> Iterator[tuple[DocumentKind, Part]]:
    return ((kind, part) for kind, part in parts_of(facts) if part.filename.endswith(".pdf"))


def words(content: bytes) -> str:
    with pdfplumber.open(BytesIO(content)) as book:
        return " ".join("\n".join(page.extract_text() for page in book.pages).split())


def paper(template: str, **more: Any) -> bytes:
    return render_pdf({"paper": PAPER, **more}, template.encode())


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def watermarked(content: bytes) -> list[bool]:
    """Whether each page, as it looks, has a good part of the watermark's colour on it."""
    colour = tuple(int(WATERMARK_COLOUR[at : at + 2], 16) for at in (1, 3, 5))
    looks = [page.render(scale=0.5, rev_byteorder=True).to_numpy() for page in PdfDocument(content)]
    return [(look[:, :, :3] == colour).all(axis=2).mean() > 0.02 for look in looks]


# What a note with an anticipated repayment date says


@pytest.fixture
def swept(facts: PackFacts) -> PackFacts:
    """An interest-only note of seven years on the same lease, its tail two years."""
    return facts_of(facts, {**BALLOON, "senior_tenor_years": 7})


def test_a_swept_note_names_both_dates_and_both_lives(swept: PackFacts) -> None:
    lease_years, tail_months = swept.deal.inputs.lease.term_years, swept.deal.resolved.terms.lease_tail_months
    senior = swept.tranches[0]
    assert senior.ard is not None
    operations = swept.operations_date
    assert senior.maturity_date == operations.replace(year=operations.year + 7)
    assert tail_months == 24
    assert senior.ard.legal_final_date == operations.replace(year=operations.year + int(lease_years) - 2)
    # Nothing is repaid before: the construction months and seven years.
    assert senior.ard.wal_years == pytest.approx(swept.deal.inputs.construction.months_from_close / 12 + 7)
    assert senior.wal_years is None or senior.wal_years > senior.ard.wal_years
    sheet = words(_made(swept, "term_sheet"))
    assert f"Anticipated repayment date {senior.maturity_date:%-d %B %Y}" in sheet
    assert f"Legal final maturity {senior.ard.legal_final_date:%-d %B %Y}" in sheet
    assert "LLCR" not in sheet
    summary = words(_made(swept, "executive_summary"))
    assert f"legal final maturity {senior.ard.legal_final_date:%-d %B %Y}" in summary
    assert "LLCR" not in summary


def test_the_cash_trap_told_is_the_one_that_traps(swept: PackFacts, facts: PackFacts) -> None:
    assert swept.cash_trap == (swept.deal.terms.ard_trap_steps, 3)
    sheet = words(_made(swept, "term_sheet"))
    assert "Below 1.35x, 100.0%" in sheet
    assert "trailing 3 months" in sheet
    assert [each.values[0] for each in cover_chart(swept).series if each.name == "Lock-up"] == [1.35]
    assert facts.cash_trap == (facts.deal.terms.lock_up_steps, facts.deal.terms.lock_up_window_months)
    assert legal_fields(swept)["lock_up"] == {"steps": [{"dscr": 1.35, "share": 1.0}], "window_months": 3}


def test_a_mezzanine_refinanced_behind_a_loan_has_no_anticipated_date(facts: PackFacts) -> None:
    """Its balloon is refinanced, whatever happens to one of the senior notes'."""
    mezzanine = {"mezzanine": "sized", "mezz_amortisation": "interest_only", "mezz_dscr": 1.1, "mezz_coupon_rate": 0.09}
    found = facts_of(
        facts, {"senior_amortisation": "annuity", "senior_tenor_years": 15, "senior_dscr": 1.4, **mezzanine}
    )
    senior, mezz = found.tranches
    assert found.deal.terms.balloon_mode == "sweep"
    assert (senior.ard, mezz.ard) == (None, None)
    assert mezz.balloon_amount == mezz.amount > 0.0


def _made(facts: PackFacts, code: str) -> bytes:
    kind = next(kind for kind in KINDS if kind.code == code)
    return kind.make(facts, kind.parts(facts)[0])


# What every paper has


def test_every_page_says_what_it_belongs_to(facts: PackFacts, drafts: dict[tuple[str, str], bytes]) -> None:
    for place, draft in drafts.items():
        seen = pages(draft)
        for number, text in enumerate(seen, start=1):
            said = (facts.title, facts.marks.confidentiality, facts.lineage, f"Page {number} of {len(seen)}")
            for phrase in (*said, "Draft, not issued"):
                assert phrase in text, f"{place}, page {number}: {phrase}"
        assert all(watermarked(draft)), place


def test_an_issued_paper_has_its_number_and_no_watermark(facts: PackFacts) -> None:
    issued = replace(facts, marks=Marks(number="AN-2026-0001"))
    kind, part = next(papers(issued))
    content = kind.make(issued, part)
    assert not any(watermarked(content))
    assert all("AN-2026-0001" in text for text in pages(content))


def test_a_paper_is_made_in_a_second(facts: PackFacts) -> None:
    """A long one, after the first; the bound is wide, for machines that do other work."""
    kind = next(kind for kind in KINDS if kind.code == "waterfall_summary")
    kind.make(facts, kind.parts(facts)[0])
    started = process_time()
    kind.make(facts, kind.parts(facts)[0])
    assert process_time() - started < 4.0


def test_samples_have_the_shape_of_real_fields(facts: PackFacts) -> None:
    """A template that fills from the sample fills from a run."""
    for kind, part in parts_of(facts):
        if kind.template and kind.fields:
            sample = json.loads(kind.template.sample.read_text())
            assert differences(sample, kind.fields(facts, part)) == [], kind.code
            assert kind.template.render(sample, kind.template.path.read_bytes())


def differences(sample: Any, real: Any, place: str = "") -> list[str]:
    """Where two JSON values are of different shapes; what is null in one may be anything in the other."""
    if sample is None or real is None:
        return []
    if isinstance(real, dict) and isinstance(sample, dict):
        missing = [f"{place}.{key}" for key in sample.keys() ^ real.keys()]
        return missing + [
            d for key in sample.keys() & real.keys() for d in differences(sample[key], real[key], f"{place}.{key}")
        ]
    if isinstance(real, list) and isinstance(sample, list):
        return differences(sample[0], real[0], f"{place}[0]") if sample and real else []
    numbers = isinstance(sample, int | float) and isinstance(real, int | float)
    return [] if numbers or type(sample) is type(real) else [place]


def test_whatever_is_typed_comes_out_as_text(facts: PackFacts) -> None:
    hostile = replace(facts, title=HOSTILE)
    tried = [
        (kind, part)
        for kind, part in papers(hostile)
        if kind.code in {"contents", "compliance_report", "inflation_swap"}
    ]
    assert len(tried) > 1
    for kind, part in tried:
        text = words(kind.make(hostile, part))
        assert "<script>alert(1)</script>" in text, part.filename
        assert "{{ 7*7 }}" in text
        assert "Łódź" in text
        assert "\N{REPLACEMENT CHARACTER}" in text
        assert text.replace(" ", "").count("W") >= 10_000


def test_nothing_runs_off_the_page() -> None:
    content = paper("<table><tr><td style='width: 30%'>{{ text }}</td><td style='width: 70%'>x</td></tr></table><p>{{ text }}</p>", text="W" * 10_000)  # fmt: skip
    with pdfplumber.open(BytesIO(content)) as book:
        letters = [char for page in book.pages for char in page.chars if char["text"] == "W"]
        assert len(letters) == 20_000
        assert max(char["x1"] for char in letters) < book.pages[0].width - 50


def test_long_tables_repeat_their_heads() -> None:
    rows = "".join(f"<tr><td>row {n}</td></tr>" for n in range(150))
    seen = pages(paper(f"<table><thead><tr><th>Unit head</th></tr></thead>{rows}</table>"))
    assert len(seen) > 2
    assert all("UNIT HEAD" in text.upper() for text in seen)


def test_letters_of_other_scripts() -> None:
    """Accents and signs as typed, Hebrew and Arabic in the order they are read, a mark for what no font has."""
    text = words(paper("<p>{{ text }}</p>", text="Ærø €£¥ Ω Жд ≥ שלום 漢 द"))
    assert "Ærø €£¥ Ω Жд ≥ םולש 漢 \N{REPLACEMENT CHARACTER}" in text


def test_figures_have_one_form_whoever_asks() -> None:
    token = number_format.set("point_comma")
    try:
        assert "1,234.50 12.50%" in words(paper("<p>{{ 1234.5|amount(2) }} {{ 0.125|percent }}</p>"))
    finally:
        number_format.reset(token)


def test_a_template_has_styles_of_its_own() -> None:
    with pdfplumber.open(BytesIO(paper("<style>p.own { color: #ff0000 }</style><p class='own'>Qq</p>"))) as book:
        colours = {char["non_stroking_color"] for char in book.pages[0].chars if char["text"] in "Qq"}
    assert colours == {(1, 0, 0)}


def test_all_fonts_are_embedded() -> None:
    content = paper("<p>Word <b>strong</b> <i>slanted</i> ☃ {{ 1.5|times }}</p>")
    with pdfplumber.open(BytesIO(content)) as book:
        assert {char["fontname"].split("+")[1] for page in book.pages for char in page.chars} <= {
            "SourceSans3-Regular", "SourceSans3-SemiBold", "SourceSans3-It", "SourceSans3-Italic", "DejaVuSans",
        }  # fmt: skip


# What a template may not do


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ paper.nothing }}", "nothing"),
        ("{% if %}", "line 1"),
        ("{{ ''.__class__.__mro__ }}", "__class__"),
        ("{% include '/etc/hostname' %}", "hostname"),
        ("<img src='file:///etc/hostname'>", "names no chart"),
        ("<img src='http://127.0.0.1:9/x.png'>", "names no chart"),
        ("<img src='data:image/svg+xml,x'>", "names no chart"),
        ("<img src='chart:unknown:10x10'>", "the codes are: none"),
        ("<style>p { background-image: url(/etc/hostname) }</style>", "may not name files"),
        ("<style>@import 'x.css';</style>", "may not name files"),
        ("<p style='background: url(http://127.0.0.1/)'>x</p>", "not for papers"),
        ("<pdf:font name='x' src='/etc/hostname'/>", "<pdf:font>"),
        ("<script>x</script>", "<script>"),
        ("<link rel='stylesheet' href='x.css'>", "<link>"),
        ("<table background='x.png'><tr><td>x</td></tr></table>", "not for papers"),
        ("{{ 1 // 0 }}", "cannot be filled"),
    ],
)
def test_a_wrong_template_is_refused_with_its_reason(template: str, reason: str) -> None:
    with pytest.raises(TemplateFault, match=reason):
        paper(template)


FONT = "<pdf:font name='x' src='/etc/hostname'/>"


@pytest.mark.parametrize(
    "trick",
    [
        f"<![CDATA[ > {FONT} ]]>",
        f"<!--> {FONT} -->",
        f"<!---> {FONT} -->",
        f"<!-- x --!> {FONT} -->",
        f"<? x > {FONT} ?>",
        f"<! x > {FONT}",
        f"</ x > {FONT}",
        f"<style><!-- </style>{FONT} --> </style>",
        f"<style>/* </style>{FONT} */</style>",
        f"<title><!-- </title>{FONT} -->",
        f"<p title='>'>{FONT}",
        f"<div\x0c>{FONT}",
        f"<table>{FONT}</table>",
        "<img/src='file:///etc/hostname'>",
        "<img\x0csrc='file:///etc/hostname'>",
        "<image src='file:///etc/hostname'>",
        "<p/style='background:url(/etc/hostname)'>x</p>",
        "<p style='background:&#117;rl(/etc/hostname)'>x</p>",
        "<style/>p { background: url(/etc/hostname) }</style>",
        "<style>p { color: red }<!-- @import 'x.css'; --></style>",
        "<PDF:FONT src='/etc/hostname'>",
    ],
)
def test_what_only_the_converter_reads_as_a_tag_is_refused(trick: str) -> None:
    with pytest.raises(TemplateFault, match=r"not for papers|names no chart|may not name"):
        paper(f"<p>x</p>{trick}")


def test_a_comment_is_nothing_to_either() -> None:
    assert "shown" in words(paper(f"<!-- {FONT} --><p>shown</p>"))


def test_a_template_that_is_not_text_is_refused() -> None:
    with pytest.raises(TemplateFault, match="UTF-8"):
        render_pdf({"paper": PAPER}, b"\xff\xfe\x00")


def test_the_files_properties_say_what_it_is() -> None:
    told = PdfReader(BytesIO(paper("<p>x</p>"))).metadata
    assert told is not None
    assert (told.title, told.author) == ("Test paper: Campus", "House")
    assert str(told["/CreationDate"]) == "D:20260105093000Z"


# What each paper says


@pytest.fixture
def made(drafts: dict[tuple[str, str], bytes]) -> Callable[..., str]:
    """`made("term_sheet", "senior")`: the words of one paper."""
    return lambda code, part="": words(drafts[code, part])


def test_a_term_sheet_says_what_its_tranche_pays(facts: PackFacts, made: Callable[..., str]) -> None:
    for tranche in facts.tranches:
        text = made("term_sheet", tranche.code)
        assert f"{facts.currency} {amount(tranche.amount)} outstanding" in text.replace("\xa0", " ")
        for year in tranche.years[: tranche.maturity_months // 12]:
            assert (
                f"{amount(year.interest_amount)} {amount(year.principal_amount)} {amount(year.closing_balance_amount)}"
                in text
            )
        interest = sum(year.interest_amount for year in tranche.years[: tranche.maturity_months // 12])
        assert f"Total {amount(interest)} {amount(tranche.amount)}" in text


def in_thousands(value: float) -> str:
    return amount(value / 1000.0)


def test_the_waterfall_adds_up_and_says_every_year(facts: PackFacts, made: Callable[..., str]) -> None:
    text, years = made("waterfall_summary"), facts.detail.years
    life = cash_life(facts.detail.periods)
    assert life.received_amount == pytest.approx(life.paid_amount, rel=1e-12)
    assert f"Cash in {amount(life.received_amount)}" in text
    assert f"Cash out {amount(life.paid_amount)}" in text
    for at, income in enumerate(years["gross_income"]):
        flows = [income, -years["opex"][at], years["hedge_net"][at], -years["wrap_premium"][at]]
        flows += [-years["senior_interest"][at], -years["senior_principal"][at]]
        assert " ".join(map(in_thousands, flows)) in text
        assert in_thousands(years["equity_distribution"][at]) in text
    assert amount(sum(line.amount for line in facts.detail.uses)) in text


def test_the_compliance_report_says_every_check(facts: PackFacts, made: Callable[..., str]) -> None:
    text, report = made("compliance_report"), facts.report
    assert f"Passed both gates, rating indication {report.verdict['rating']}" in text
    for section in report.sections:
        assert section.title in text
        assert text.count(times(section.checks[0].value)) or section.checks[0].unit != "times"
    for bank in report.repo:
        assert f"{bank.bank}, {bank.facility}" in text
        assert all(missing[:30] in text for missing in bank.missing)
    assert report.rule_set["hash"] in text.replace(" ", "")
    assert report.snapshot["hash"] in text.replace(" ", "")


def test_swaps_say_what_the_waterfall_pays(facts: PackFacts, made: Callable[..., str]) -> None:
    """The legs of both swaps add up to the hedge column of the waterfall."""
    inflation, total_return = facts.inflation_swap, facts.return_swap
    assert total_return is not None
    text = made("return_swap")
    for year in total_return.years:
        assert f"{amount(year.receipt_amount)} {amount(year.payment_amount)} {amount(year.net_amount)}" in text
    for shock in total_return.shocks:
        assert shock.loss_amount == pytest.approx(total_return.notional_amount * total_return.duration_years * shock.shift_bps / 1e4)  # fmt: skip
        assert (
            f"{amount(shock.loss_amount)} {amount(shock.margin_returned_amount)} {amount(shock.payable_amount)}" in text
        )
    hedged = float(facts.detail.years["hedge_net"].sum())
    if inflation is not None:
        text = made("inflation_swap")
        for leg in inflation.legs:
            assert f"{amount(leg.fixed_amount)} {amount(leg.index_amount)} {amount(leg.net_amount)}" in text
        hedged -= sum(leg.net_amount for leg in inflation.legs)
    assert sum(year.net_amount for year in total_return.years) == pytest.approx(hedged, rel=1e-9)


def test_the_summary_says_the_transaction_on_two_pages(facts: PackFacts, made: Callable[..., str]) -> None:
    text, row = made("executive_summary"), facts.detail.row
    assert "Page 2 of 2" in text
    for said in (
        millions(row["day_one_value"], facts.currency),
        times(row["dscr_minimum"]),
        share(row["agency_ltv_ratio"]),
    ):
        assert said.replace("\xa0", " ") in text.replace("\xa0", " ")
    assert amount(sum(line.amount for line in facts.detail.sources)) in text
    breaks = [row for row in facts.reverse_stress if row.target == "dscr" and row.amount and row.driver == "cpi"]
    assert all(percent(row.amount) in text for row in breaks)


def test_the_checklist_and_the_contents_leave_nothing_out(facts: PackFacts, made: Callable[..., str]) -> None:
    tasks, listed = made("checklist"), made("contents")
    for task in facts.checklist:
        assert task.code in tasks
        assert day_short(task.end_date) in tasks
    titles = [part.title for kind, part in parts_of(facts) if kind.code != "contents"]
    assert len(titles) > 8
    assert all(title in listed for title in titles)
