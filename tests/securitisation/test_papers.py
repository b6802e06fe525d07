"""The papers of a run: one set of figures in every file, made to the same bytes, issued for good, refused with reasons."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pdfplumber
import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pptx import Presentation

from accounts.models import AuditEntry, User
from documents.archive import MANIFEST, pack_zip
from documents.facts.comparables import comparables
from documents.facts.marks import Marks
from documents.models import PackStatus
from documents.services.make_link import make_link
from documents.services.withdraw_pack import withdraw_pack
from documents.sharing import address_of
from jobs.models import JobState
from jobs.work import work
from lib import figures
from lib.errors import AppendOnlyError, Forbidden, Invalid
from lib.storage import content_of
from securitisation.access import ANALYST
from securitisation.models import NotesPack, NotesPackLink, NotesRun
from securitisation.papers.collateral import stratifications
from securitisation.papers.facts import NotesFacts, facts_of
from securitisation.papers.investor_report import class_stands, collections_of, investor_workbook, trigger_stands
from securitisation.papers.judged import risks_of, strengths_of
from securitisation.papers.presentation import presentation_of
from securitisation.papers.report import report_of
from securitisation.queries import latest_version
from securitisation.sending import files_of
from securitisation.services.issue_notes_pack import issue_notes_pack
from securitisation.services.request_notes_pack import request_notes_pack
from securitisation.services.write_structure import change_structure
from tests import libreoffice
from tests.securitisation.cast import finished_run, made_papers, tape_structure

pytestmark = pytest.mark.django_db
RECESSION = {"name": "Recession", "behaviour": {"default_kind": "cdr", "default": 0.3, "severity_ratio": 0.9}}


@pytest.fixture
def run(admin: User) -> NotesRun:
    """A run of the proposal for two loans, with a scenario."""
    return finished_run(admin, tape_structure(admin), scenarios=[RECESSION])


@pytest.fixture
def facts(run: NotesRun) -> NotesFacts:
    """Its facts, on the third payment date."""
    return facts_of(run, Marks(), 3)


def text_of(name: str, content: bytes) -> str:
    """All words of a file on one line, spaces of any kind as one."""
    readers = {"pdf": _paper_words, "pptx": _slide_words, "xlsx": _cell_words}
    return re.sub(r"\s+", " ", " ".join(readers[name.rpartition(".")[2]](content)))


def _paper_words(content: bytes) -> Iterator[str]:
    with pdfplumber.open(BytesIO(content)) as paper:
        yield from (page.extract_text() for page in paper.pages)


def _slide_words(content: bytes) -> Iterator[str]:
    for slide in Presentation(BytesIO(content)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.has_table:
                yield from (" ".join(cell.text for cell in row.cells) for row in shape.table.rows)


def _cell_words(content: bytes) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(BytesIO(content), data_only=True):
        yield from (str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


def test_every_file_says_the_same_of_each_class(admin: User, run: NotesRun):
    pack = made_papers(admin, run, 3)
    said = {each["file"]: text_of(each["file"], content_of(each["sha256"])) for each in files_of(pack)}
    facts = facts_of(run, Marks(), 3)
    sheets = {name: text for name, text in said.items() if name.startswith("1 Term sheets/")}
    assert len(sheets) == len(facts.classes) == 2
    for each, sheet in zip(facts.classes, sheets.values(), strict=True):
        quoted = {
            "balance": figures.amount(each["balance_amount"]),
            "coupon": figures.agreed(each["coupon_rate"], "rate"),
            "attachment": figures.share(each["attachment_ratio"]),
            "detachment": figures.share(each["detachment_ratio"]),
            "enhancement": figures.share(each["enhancement_ratio"]),
            "life": " ".join(figures.years(each["wal_years"]).split()),
            "rating": each["rating"],
            "break-even": figures.percent(each["break_even"]["cdr"]),
            "risk weight": figures.share(each["risk_weight"]),
        }
        row = rf"{each['name']} (.*?)(?=Class|Equity|$)"
        table = re.search(row, said["new-issue-report.pdf"])
        slide = re.search(rf"Indicated .*?{row}", said["2 Investors/investor-presentation.pptx"])
        assert table is not None
        assert slide is not None
        for name in ("balance", "coupon", "attachment", "detachment", "enhancement", "life", "rating"):
            assert quoted[name] in table[1], name
            assert quoted[name] in slide[1], name
        for name, words in quoted.items():
            assert words in sheet, name
            assert words in said["new-issue-report.pdf"], name
            assert words in said["2 Investors/investor-presentation.pptx"], name


def test_the_reports_of_a_payment_date_agree_with_each_other_and_with_the_engine(admin: User, run: NotesRun):
    pack = made_papers(admin, run, 3)
    facts = facts_of(run, Marks(), 3)
    by_suffix = {
        each["file"].rpartition(".")[2]: content_of(each["sha256"])
        for each in files_of(pack)
        if each["kind"].startswith("investor_report")
    }
    paper = text_of("a.pdf", by_suffix["pdf"])
    book = openpyxl.load_workbook(BytesIO(by_suffix["xlsx"]), data_only=True)
    rows = list(book["Classes"].iter_rows(min_row=5, values_only=True))
    assert len(rows) == 3 * 2
    for each, cells in zip(class_stands(facts), rows[-2:], strict=True):
        assert list(cells[2:8]) == pytest.approx(list(each[1:7]))
        for amount in each[1:7]:
            assert figures.amount(amount, 2) in paper
    priority = list(book["Priority"].iter_rows(min_row=5, values_only=True))
    for line, cells in zip(facts.payments(), priority, strict=True):
        assert cells[3] == pytest.approx(line.paid_amount)
        assert figures.amount(line.paid_amount, 2) in paper
        assert cells[4]
    # What came in went out: to fees, classes, the reserve and equity.
    came_in = sum(amount for _, amount in collections_of(facts))
    m, result = 2, facts.result
    fees = sum(p.paid_amount for p in facts.payments() if "Servicer" in p.words or "Trustee" in p.words)
    classes = float(result.interest_paid[:, m].sum() + result.principal_paid[:, m].sum())
    kept = float(result.reserve[m] - result.reserve[m - 1])
    assert came_in == pytest.approx(fees + classes + kept + float(result.residual[m]))
    (trigger,) = trigger_stands(facts)
    assert trigger.value is not None
    assert trigger.limit is not None
    assert trigger.margin == pytest.approx(trigger.value - trigger.limit)
    assert figures.factor(trigger.value) in paper


@pytest.mark.skipif(libreoffice.find() is None, reason=libreoffice.MISSING)
def test_the_workbook_of_the_pack_recalculates_to_the_figures_of_its_papers(admin: User, run: NotesRun, tmp_path: Path):
    pack = made_papers(admin, run)
    facts = facts_of(run, Marks())
    (line,) = (each for each in files_of(pack) if each["kind"] == "notes_waterfall")
    path = tmp_path / "waterfall.xlsx"
    path.write_bytes(content_of(line["sha256"]))
    book = libreoffice.recalculated(path, {}, tmp_path)
    for k, each in enumerate(facts.classes):
        for name, wanted in (
            ("life", each["wal_years"]),
            ("total_interest", each["interest_amount"]),
            ("total_principal", each["principal_amount"]),
        ):
            sheet, place = book.defined_names[f"class_{k}_{name}"].attr_text.split("!")
            assert book[sheet.strip("'")][place.replace("$", "")].value == pytest.approx(wanted, abs=1e-6)


def test_the_same_run_makes_the_same_bytes(admin: User, run: NotesRun):
    first, second = made_papers(admin, run), made_papers(admin, run)
    assert first.manifest == second.manifest
    assert first.manifest_hash


def test_issued_papers_lose_the_mark_and_change_no_more(admin: User, run: NotesRun, client: Client, tmp_path: Path):
    pack = made_papers(admin, run)
    draft = content_of(files_of(pack)[0]["sha256"])
    assert "Draft, not issued" in text_of("a.pdf", draft)
    issue_notes_pack(by=admin, pack=pack, enqueue=False)
    work(pack.code)
    issued = NotesPack.objects.get(code=pack.code)
    assert (issued.status, issued.state) == (PackStatus.ISSUED, JobState.DONE)
    assert re.fullmatch(r"AN-\d{4}-0001", issued.number)
    words = text_of("a.pdf", content_of(files_of(issued)[0]["sha256"]))
    assert issued.number in words
    assert "Draft, not issued" not in words
    assert issued.successor is None
    assert AuditEntry.objects.filter(action="notes_pack.issued").count() == 1
    for change in ({"manifest": "{}"}, {"organisation": "Other"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            NotesPack.objects.filter(code=issued.code).update(**change)
    with pytest.raises(AppendOnlyError):
        issued.delete()
    with pytest.raises(Invalid, match="issued already"):
        issue_notes_pack(by=admin, pack=issued, enqueue=False)
    client.force_login(admin)
    archive = client.get(reverse("notes-pack-archive", args=[issued.code])).content
    path = tmp_path / "notes.zip"
    path.write_bytes(archive)
    told = io.StringIO()
    call_command("verify_pack", str(path), manifest_sha256=issued.manifest_hash, stdout=told)
    assert f"Pack      {issued.number}" in told.getvalue()
    assert f"Structure {run.version.structure}, version 1" in told.getvalue()
    with ZipFile(BytesIO(archive)) as held:
        assert json.loads(held.read(MANIFEST))["pack"]["status"] == "issued"
        assert len(held.namelist()) == 1 + 1 + 2 + 1 + 2 + 1 + 1
    keys = tmp_path / "keys.pem"
    keys.write_bytes(client.get(reverse("signing-keys")).content)
    signed = io.StringIO()
    call_command("verify_pack", str(path), keys=keys, stdout=signed)
    assert "a key of those given" in signed.getvalue()
    with pytest.raises(Invalid, match="superseded by another"):
        withdraw_pack(by=admin, pack=issued)
    _read_by_link(client, admin, issued, archive)


def _read_by_link(client: Client, admin: User, issued: NotesPack, archive: bytes) -> None:
    """A link made on the page, opened by somebody without an account, taken back."""
    made = client.post(reverse("notes-pack-link-make", args=[issued.code]), {"recipient": "Quay Bank", "days": 7})
    assert made["Location"] == f"{reverse('notes-pack', args=[issued.code])}#links"
    assert client.post(reverse("notes-pack-link-make", args=[issued.code]), {"days": 0}).status_code == 422
    link = NotesPackLink.objects.get()
    shown = client.get(reverse("notes-pack", args=[issued.code])).content.decode()
    assert address_of(link) in shown
    stranger = Client()
    page = stranger.get(address_of(link))
    assert page.headers["Cache-Control"] == "private, no-store"
    words = page.content.decode()
    assert all(each in words for each in (issued.number, "Quay Bank", issued.run.version.structure.name))
    assert stranger.get(f"{address_of(link)}pack.zip").content == archive
    first = files_of(issued)[0]
    assert stranger.get(f"{address_of(link)}1/").content == content_of(first["sha256"])
    assert [stranger.get(f"{address_of(link)}{key}/").status_code for key in ("0", "99", str(link.code))] == [404] * 3
    opened = AuditEntry.objects.filter(action="pack_link.opened", target_code=link.code)
    assert [(entry.after or {})["what"] for entry in opened.order_by("sequence")][:3] == ["page", "archive", "1"]
    client.post(reverse("pack-link-revoke", args=[link.code]))
    assert (stranger.get(address_of(link)).status_code, NotesPackLink.objects.get().is_valid) == (410, False)


def test_a_withdrawn_pack_is_neither_made_nor_issued(admin: User, internal: User, run: NotesRun, client: Client):
    pack = request_notes_pack(by=admin, run=run, organisation="House", confidentiality="Private", enqueue=False)
    with pytest.raises(Forbidden):
        withdraw_pack(by=internal, pack=pack)
    with pytest.raises(Invalid, match="drafts do not leave"):
        make_link(by=admin, pack=pack, recipient="Quay Bank", days=7)
    client.force_login(admin)
    address = reverse("notes-pack-withdraw", args=[pack.code])
    assert "Withdraw this draft?" in client.get(address).content.decode()
    assert client.post(address)["Location"] == reverse("notes-pack", args=[pack.code])
    assert client.post(address).status_code == 422
    withdrawn = NotesPack.objects.get(code=pack.code)
    assert (withdrawn.status, withdrawn.standing_words) == (PackStatus.WITHDRAWN, "Withdrawn")
    assert "This pack was withdrawn" in client.get(reverse("notes-pack", args=[pack.code])).content.decode()
    work(pack.code)
    assert NotesPack.objects.get(code=pack.code).manifest == ""
    with pytest.raises(Invalid, match="withdrawn: its documents stay"):
        issue_notes_pack(by=admin, pack=withdrawn, enqueue=False)
    assert AuditEntry.objects.filter(action="notes_pack.withdrawn", target_code=pack.code).count() == 1


def test_a_pack_is_issued_only_of_the_structure_as_it_is(admin: User, run: NotesRun):
    pack, version = made_papers(admin, run), run.version
    change_structure(
        by=admin,
        structure=version.structure,
        content={**version.content, "clean_up_ratio": 0.05},
        behaviour=version.behaviour,
        based_on=1,
    )
    with pytest.raises(Invalid, match=f"the structure is at version {latest_version(version.structure).number}"):
        issue_notes_pack(by=admin, pack=pack, enqueue=False)
    assert NotesPack.objects.get(code=pack.code).number == ""


def test_an_analyst_makes_papers_and_does_not_issue_them(admin: User, sponsor: User, run: NotesRun):
    sponsor.further_roles = [ANALYST]
    sponsor.save()
    pack = made_papers(sponsor, run)
    assert pack.is_there
    with pytest.raises(Forbidden, match="Only administrators"):
        issue_notes_pack(by=sponsor, pack=pack, enqueue=False)


def test_terms_that_cannot_be_are_refused_with_their_places(admin: User, run: NotesRun):
    with pytest.raises(Invalid) as refused:
        request_notes_pack(by=admin, run=run, organisation=" ", confidentiality="", period=99, enqueue=False)
    assert [each.place for each in refused.value.problems] == ["organisation", "confidentiality", "period"]


def test_papers_are_refused_where_the_engine_finds_other_figures(run: NotesRun):
    run.summary["classes"][0]["wal_years"] += 0.01
    with pytest.raises(Invalid, match="run the version again"):
        facts_of(run, Marks())


def test_what_is_said_of_an_issue_follows_its_figures(facts: NotesFacts):
    assert any("25.0% of the pool stands below Class A" in each for each in strengths_of(facts))
    assert any("40.0% of the pool is repaid with the loans' last instalments" in each for each in risks_of(facts))
    assert not any("float" in each for each in risks_of(facts))
    rich = replace(
        facts,
        deal=replace(
            facts.deal,
            structure=replace(facts.deal.structure, reserve=replace(facts.deal.structure.reserve, initial_amount=0.0)),
        ),
    )
    assert any("A reserve of" in each for each in strengths_of(facts))
    assert not any("A reserve of" in each for each in strengths_of(rich))


def test_an_issue_with_little_equity_is_told_what_must_be_retained(facts: NotesFacts):
    assert not any("retained" in each for each in risks_of(facts))
    first, second = facts.deal.structure.classes
    thick = replace(
        facts.deal.structure, classes=(first, replace(second, balance_amount=second.balance_amount + 70_000.0))
    )
    assert any(
        "Equity is 3.0% of the pool" in each
        for each in risks_of(replace(facts, deal=replace(facts.deal, structure=thick)))
    )


def test_stratifications_add_up_and_losses_rise_with_defaults(facts: NotesFacts):
    for title, groups in stratifications(facts):
        assert sum(group.share for group in groups) == pytest.approx(1.0), title
        assert sum(group.loans for group in groups) == len(facts.loans), title
    for series in facts.charts["losses"].series:
        values = [value or 0.0 for value in series.values]
        assert values == sorted(values)
    base, *others = facts.sensitivities
    assert base["loss_ratios"] == pytest.approx([each["loss_ratio"] for each in facts.classes])
    assert max(row["pool_loss_ratio"] for row in others) > base["pool_loss_ratio"]


def test_the_report_names_the_published_deals_and_its_scenario(facts: NotesFacts):
    words = text_of("a.pdf", report_of(facts))
    assert {each.deal for each in comparables()} >= {"Vantage UK 2024-1", "DATA 2023-CNTR"}
    for each in comparables():
        assert each.deal in words
    assert "Recession" in words


def test_the_command_writes_the_papers_as_the_portal_makes_them(admin: User, run: NotesRun, tmp_path: Path):
    path, out = tmp_path / "notes.zip", io.StringIO()
    call_command("run_structure", structure=[str(run.version.structure.code)], papers=path, stdout=out)
    assert "Papers, as drafts" in out.getvalue()
    made = run.version.runs.latest("created_at")
    marks = Marks()
    pack = request_notes_pack(
        by=admin, run=made, organisation=marks.organisation, confidentiality=marks.confidentiality, enqueue=False
    )
    work(pack.code)
    assert path.read_bytes() == pack_zip(NotesPack.objects.get().manifest.encode(), content_of)


def test_the_slides_number_the_priority_and_keep_its_names(facts: NotesFacts):
    words = text_of("a.pptx", presentation_of(facts))
    assert "3 Interest due on Class A." in words
    assert "10 All that is left, to the residual holder." in words


def test_the_diagrams_arrows_join_its_boxes(facts: NotesFacts):
    deck = Presentation(BytesIO(presentation_of(facts)))
    slide = next(each for each in deck.slides if each.shapes.title.text == "Structure")
    ids = [shape.shape_id for shape in slide.shapes]
    assert len(ids) == len(set(ids))
    names = {shape.shape_id: shape.name for shape in slide.shapes}
    joined = {
        (names[int(start.get("id"))], names[int(end.get("id"))])
        for connector in slide.shapes
        for start in connector._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}stCxn")
        for end in connector._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}endCxn")
    }
    assert joined == {
        ("Box loan_0", "Box issuer"), ("Box loan_1", "Box issuer"), ("Box issuer", "Box fees"), ("Box issuer", "Box reserve"),
        ("Box issuer", "Box class_A"), ("Box issuer", "Box class_B"), ("Box issuer", "Box equity"),
    }  # fmt: skip


def test_figures_are_in_the_houses_format_whoever_reads(facts: NotesFacts):
    before = investor_workbook(facts)
    token = figures.number_format.set("point_comma")
    try:
        assert investor_workbook(facts) == before
    finally:
        figures.number_format.reset(token)


def test_the_pages_lead_from_the_run_to_the_files(client: Client, admin: User, run: NotesRun):
    client.force_login(admin)
    assert (
        reverse("notes-papers", args=[run.code]) in client.get(reverse("notes-run", args=[run.code])).content.decode()
    )
    wrong = client.post(
        reverse("notes-papers", args=[run.code]), {"organisation": "", "confidentiality": "x", "period": 1}
    )
    assert wrong.status_code == 422
    asked = client.post(
        reverse("notes-papers", args=[run.code]), {"organisation": "House", "confidentiality": "Private", "period": 2}
    )
    pack = NotesPack.objects.get()
    assert asked.headers["Location"] == reverse("notes-pack", args=[pack.code])
    assert client.get(reverse("notes-pack-archive", args=[pack.code])).status_code == 404
    work(pack.code)
    page = client.get(reverse("notes-pack", args=[pack.code])).content.decode()
    assert "new-issue-report.pdf" in page
    assert client.get(reverse("notes-pack-file", args=[pack.code, 1])).content.startswith(b"%PDF")
    assert client.get(reverse("notes-pack-file", args=[pack.code, 99])).status_code == 404
    report = client.get(reverse("notes-investor-paper", args=[run.code]), {"date": 2})
    assert report.content.startswith(b"%PDF")
    assert client.get(reverse("notes-investor-workbook", args=[run.code]), {"date": 99}).status_code == 404
