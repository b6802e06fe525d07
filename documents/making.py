"""Making the documents of a pack, one by one, as a job of a worker: what is made already is kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import isclose
from typing import Any

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from documents.access import visible_packs
from documents.chosen_templates import ChosenTemplate, chosen_template
from documents.errors import DocumentError
from documents.facts import PackFacts
from documents.hedge_trades import hedge_trades
from documents.issuing import require_issuable
from documents.kinds import kind_of, parts_of
from documents.kinds.kind import DocumentKind, Part
from documents.manifests import pack_manifest
from documents.models import DocumentState, Pack, PackDocument, PackStatus
from documents.notices import pack_ended
from documents.services.retry_pack import retry_pack
from documents.signatures import sign
from documents.translate import named_origin, pack_facts
from engine import ENGINE_VERSION
from engine.errors import EngineError, Problem
from financings.evaluation import Evaluation
from jobs.registry import Answer, Kind, register
from jobs.work import Held
from lib.errors import AtlasError, Invalid
from lib.storage import keep_content
from reconciliation.services.receive_hedges import Origin, receive_hedges

LABEL = "documents.Pack"
# What was found then; another engine may come to other figures, and then no document may be made from it.
HEADLINES = ("day_one_value", "senior_amount", "dscr_minimum")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A document as bytes, the template it was filled from, and how long that took."""

    content: bytes
    template: ChosenTemplate
    seconds: float


def register_kind() -> None:
    """Packs are known to the jobs."""
    register(
        Kind(
            model=Pack,
            label="Execution pack",
            queue="packs",
            work=make_documents,
            visible=visible_packs,
            address=lambda pack: reverse("pack", args=[pack.code]),
            related=(
                "financing__project__owner",
                "financing__snapshot",
                "financing__rule_set",
                "requested_by",
                "issued_by",
                "supersedes",
            ),
            unit="documents",
            most_active=20,
            ended=pack_ended,
            again=lambda by, pack: retry_pack(by=by, pack=pack),
        )
    )


def made(kind: DocumentKind, part: Part, facts: PackFacts) -> Made:
    """One document, from the template its organisation uses."""
    begun = time.monotonic()
    template = chosen_template(kind, facts.marks.organisation)
    content = kind.make(facts, part, template.replacement)
    return Made(content, template, time.monotonic() - begun)


def require_same_figures(facts: PackFacts) -> None:
    """Nothing; Invalid where this engine comes to other figures than were found, or may, since nobody kept them."""
    if not facts.row and facts.report.engine_version != ENGINE_VERSION:
        sentence = (
            f"The financing was made with engine {facts.report.engine_version}, and no run kept its figures: "
            "type it again for the engine of today and make the pack from that."
        )
        raise Invalid([Problem("other_engine", "financing", sentence)])
    if not facts.row:
        return
    for name in HEADLINES:
        then, now = float(facts.row.get(name) or 0.0), float(facts.detail.row.get(name) or 0.0)
        if not isclose(then, now, rel_tol=1e-9, abs_tol=1e-9):
            sentence = (
                f"The run found {name.replace('_', ' ')} {then:,.6g}, the engine of today {now:,.6g}: "
                "run the project again and make the pack from the new run."
            )
            raise Invalid([Problem("other_figures", "run", sentence)])


def make_documents(pack: Pack, held: Held) -> Answer:
    """What the pack's summary keeps; the documents made already are kept too."""
    if not pack.is_open:
        return dict(pack.summary)
    begun = time.monotonic()
    evaluation = Evaluation(pack.financing)
    if pack.status == PackStatus.ISSUING:
        # It may have waited, or failed and been tried again, while days went by and rules changed.
        require_issuable(pack, evaluation)
    facts = pack_facts(evaluation, pack.close_date, pack.marks, named_origin(evaluation, pack.origin))
    require_same_figures(facts)
    held.report()
    _lay_out(pack, facts)
    total = pack.documents.count()
    for row in pack.documents.exclude(state=DocumentState.DONE).order_by("position"):
        held.report(pack.documents.filter(state=DocumentState.DONE).count(), total)
        _make_document(row, facts)
    failed = pack.documents.filter(state=DocumentState.FAILED).count()
    if pack.status == PackStatus.ISSUING and not failed:
        _seal(pack, facts, held)
    return {"documents": total, "failed": failed, "seconds": time.monotonic() - begun}


def _lay_out(pack: Pack, facts: PackFacts) -> None:
    """A row for each document the structure needs; those made with another engine are made again."""
    with transaction.atomic():
        for position, (kind, part) in enumerate(parts_of(facts)):
            named = {"position": position, "title": part.title, "filename": part.filename}
            PackDocument.objects.get_or_create(pack=pack, kind=kind.code, part=part.code, defaults=named)
        if pack.engine_version != ENGINE_VERSION:
            pack.documents.update(state=DocumentState.WAITING)
            Pack.objects.filter(id=pack.pk).update(engine_version=ENGINE_VERSION)
            pack.engine_version = ENGINE_VERSION


def _make_document(row: PackDocument, facts: PackFacts) -> None:
    """The document made, or the reason kept why it could not be: the others go on."""
    _save(row, state=DocumentState.WORKING, error="")
    try:
        found = made(kind_of(row.kind), Part(row.part, row.title, row.filename), facts)
    except (DocumentError, EngineError, AtlasError) as error:
        _save(row, state=DocumentState.FAILED, error=str(error))
    except Exception as error:
        log.exception("document_failed", document=str(row))
        _save(row, state=DocumentState.FAILED, error=f"It could not be made. {type(error).__name__}: {error}")
    else:
        _save(
            row,
            state=DocumentState.DONE,
            content_hash=keep_content(found.content),
            size_bytes=len(found.content),
            seconds=found.seconds,
            template=found.template.row,
            template_hash=found.template.content_hash,
        )


def _save(row: PackDocument, **values: Any) -> None:
    PackDocument.objects.filter(pk=row.pk, is_sealed=False).update(**values)


@transaction.atomic
def _seal(pack: Pack, facts: PackFacts, held: Held) -> None:
    """The pack is issued: from here on the database refuses to change it, and its hedges are trades of ours."""
    held.report()
    pack.documents.update(is_sealed=True)
    pack.manifest_hash = sign(pack_manifest(pack)).manifest_hash
    pack.issued_at = timezone.now()
    Pack.objects.filter(id=pack.pk).update(
        status=PackStatus.ISSUED, issued_at=pack.issued_at, manifest_hash=pack.manifest_hash
    )
    after = {
        "number": pack.number,
        "manifest_sha256": pack.manifest_hash,
        "supersedes": pack.supersedes.number if pack.supersedes else "",
    }
    audit.record(by=pack.issued_by, action="pack.issued", target=pack, after=after)
    _book_hedges(pack, facts)


def _book_hedges(pack: Pack, facts: PackFacts) -> None:
    """The swaps go to reconciliation, under the close: the day on which they are executed."""
    origin = Origin(LABEL, pack.code, f"Pack {pack.number}", pack.financing.project.code)
    trades = hedge_trades(pack.number, facts.currency, facts.operations_date, facts.inflation_swap, facts.return_swap)
    receive_hedges(by=pack.issued_by, origin=origin, trades=trades, business_date=pack.close_date)
