"""The papers of a run as files, and the pack of them: made by a worker, as drafts and for good."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from time import monotonic

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts import audit
from documents.archive import ManifestFile, hash_text, pack_zip
from documents.models import PackStatus
from documents.signatures import sign
from engine import ENGINE_VERSION
from jobs.registry import Answer
from jobs.work import Held
from lib.storage import keep_content
from securitisation.issuing import require_issuable
from securitisation.models import NotesPack
from securitisation.papers.facts import NotesFacts, facts_of
from securitisation.papers.investor_report import investor_paper, investor_workbook
from securitisation.papers.paper import FOLDER
from securitisation.papers.presentation import TEMPLATE, presentation_of
from securitisation.papers.report import report_of
from securitisation.papers.term_sheet import term_sheet_of
from securitisation.waterfall_book import waterfall_book

HOUSE_TEMPLATE = "house template"


@dataclass(frozen=True, slots=True)
class Paper:
    """One file of a pack: where it lies in the ZIP, what it is, how it is made, and the house's template it is filled into."""

    file: str
    title: str
    kind: str
    make: Callable[[NotesFacts], bytes]
    template: str = ""


def papers_of(facts: NotesFacts) -> Iterator[Paper]:
    """Every file of the pack, in its order."""
    yield Paper("new-issue-report.pdf", "New-issue report", "notes_report", report_of, "report.html")
    for at, each in enumerate(facts.deal.structure.classes, 1):
        yield _term_sheet(at, each.code, each.name)
    yield Paper("2 Investors/investor-presentation.pptx", "Investor presentation", "notes_presentation", presentation_of, TEMPLATE.name)  # fmt: skip
    day = facts.payment_date.isoformat()
    yield Paper(f"3 Reporting/investor-report-{day}.pdf", "Investor report", "investor_report", investor_paper, "investor_report.html")  # fmt: skip
    yield Paper(f"3 Reporting/investor-report-{day}.xlsx", "Investor report, workbook", "investor_report_book", investor_workbook)  # fmt: skip
    yield Paper("4 Cash flows/waterfall.xlsx", "Live waterfall", "notes_waterfall", live_waterfall)


def _term_sheet(at: int, code: str, name: str) -> Paper:
    file = f"1 Term sheets/term-sheet-{at}-{slugify(name) or 'class'}.pdf"
    return Paper(
        file, f"Term sheet, {name}", "notes_term_sheet", lambda facts: term_sheet_of(facts, code), "term_sheet.html"
    )


def live_waterfall(facts: NotesFacts) -> bytes:
    """The live workbook of the run, which says whether it is a draft."""
    standing = facts.marks.version_words
    about = [*facts.about, ("Standing", f"{standing}. {facts.marks.confidentiality}")]
    return waterfall_book(facts.result, f"{facts.run.version}. {standing}", facts.made_at.replace(tzinfo=None), about)


def made(facts: NotesFacts, paper: Paper) -> tuple[ManifestFile, bytes]:
    """One file with its line of the manifest."""
    content = paper.make(facts)
    return ManifestFile(
        paper.file, paper.title, paper.kind, sha256(content).hexdigest(), len(content),
        HOUSE_TEMPLATE if paper.template else "", _template_hash(paper.template),
    ), content  # fmt: skip


def _template_hash(name: str) -> str:
    if not name:
        return ""
    path = TEMPLATE if name == TEMPLATE.name else FOLDER / name
    return sha256(path.read_bytes()).hexdigest()


def manifest_of(facts: NotesFacts, files: list[ManifestFile]) -> bytes:
    """The manifest as JSON: what is in the pack, what it was made from, by what."""
    run, marks = facts.run, facts.marks
    version = run.version
    said = {
        "pack": {
            "number": marks.number,
            "status": "draft" if marks.is_draft else "issued",
            "organisation": marks.organisation,
            "confidentiality": marks.confidentiality,
            "close_date": facts.deal.structure.closing_date.isoformat(),
        },
        "structure": {"code": str(version.structure.code), "name": facts.title, "version": version.number, "sha256": version.content_hash},
        "pool": {"code": str(version.pool.code), "name": str(version.pool), "sha256": version.pool.content_hash},
        "run": {"code": str(run.code), "terms": {name: run.terms[name] for name in sorted(run.terms)}},
        "engine": {"run": run.engine_version, "documents": ENGINE_VERSION},
        "files": [asdict(each) for each in files],
        "missing": [],
    }  # fmt: skip
    return f"{json.dumps(said, indent=2, ensure_ascii=False)}\n".encode()


def archive_of(facts: NotesFacts) -> bytes:
    """The ZIP of the papers, without a row of it: the same bytes as the draft of the same terms made in the portal."""
    found = [made(facts, paper) for paper in papers_of(facts)]
    contents = {line.sha256: content for line, content in found}
    return pack_zip(manifest_of(facts, [line for line, _ in found]), contents.__getitem__)


def make_papers(pack: NotesPack, held: Held) -> Answer:
    """The work of the job: every file made and kept, then the manifest; an issue seals them."""
    if not pack.is_open:
        return dict(pack.summary)
    begun = monotonic()
    if pack.status == PackStatus.ISSUING:
        require_issuable(pack)
    facts = facts_of(pack.run, pack.marks, pack.period)
    papers, files = list(papers_of(facts)), []
    for number, paper in enumerate(papers):
        held.report(number, len(papers))
        line, content = made(facts, paper)
        keep_content(content)
        files.append(line)
    manifest = manifest_of(facts, files)
    _keep(pack, manifest)
    return {"documents": len(files), "seconds": monotonic() - begun}


@transaction.atomic
def _keep(pack: NotesPack, manifest: bytes) -> None:
    """The manifest kept; of an issue it seals the row, which the database changes no more."""
    values = {"manifest": manifest.decode(), "manifest_hash": hash_text(manifest)}
    rows = NotesPack.objects.filter(id=pack.pk, status=pack.status, number=pack.number)
    if pack.status != PackStatus.ISSUING:
        rows.update(**values)
        return
    if rows.update(**values, status=PackStatus.ISSUED, issued_at=timezone.now()):
        sign(manifest)
        after = {"number": pack.number, "manifest_sha256": values["manifest_hash"]}
        audit.record(by=pack.issued_by, action="notes_pack.issued", target=pack, after=after)
