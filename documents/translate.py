"""The border between a financing and the documents about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from documents.facts import Marks, PackFacts
from documents.live_model import ModelSource
from engine.project.calendar import own_close
from financings.compliance import compliance_report
from financings.evaluation import Evaluation
from financings.models import Financing
from financings.origins import Origin


def model_source(evaluation: Evaluation) -> ModelSource:
    """What a live model of one financing is made from."""
    financing, origin = evaluation.financing, first_origin(evaluation)
    about = _about(financing, origin)
    as_of = _as_of(financing)
    close_date = own_close(evaluation.deal.inputs) or as_of.date()
    return ModelSource(evaluation.deal, financing.project.title, as_of, close_date, about, str(financing))


def pack_facts(evaluation: Evaluation, close_date: date, marks: Marks, origin: Origin | None) -> PackFacts:
    """All that a pack says of one financing, found in `origin` if anywhere."""
    financing = evaluation.financing
    return PackFacts(
        deal=evaluation.deal,
        detail=evaluation.detail,
        row=origin.row if origin else {},
        report=compliance_report(evaluation, (), origin),
        title=financing.project.title,
        close_date=close_date,
        as_of=_as_of(financing),
        about=_about(financing, origin),
        marks=marks,
    )


def first_origin(evaluation: Evaluation) -> Origin | None:
    """The search that found the financing first; None where none did."""
    return evaluation.origins[0] if evaluation.origins else None


def named_origin(evaluation: Evaluation, said: Mapping[str, Any]) -> Origin | None:
    """The search that a pack says its figures were found in."""
    code = said.get("run", {}).get("code")
    return next((origin for origin in evaluation.origins if str(origin.code) == code), None)


def said_origin(financing: Financing, origin: Origin | None) -> dict[str, Any]:
    """What a manifest says of where the figures come from."""
    said: dict[str, Any] = {"financing": {"code": str(financing.code), "sha256": financing.content_hash}}
    if origin is not None:
        finished = origin.finished_at.astimezone(UTC).isoformat()
        said["run"] = {"code": str(origin.code), "permutation": origin.number, "finished_at": finished}
    return said


def _as_of(financing: Financing) -> datetime:
    # Of what the hash names only the inputs have a day: the same financing says the same, whenever it is opened.
    return financing.snapshot.created_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _about(financing: Financing, origin: Origin | None) -> tuple[tuple[str, str], ...]:
    found: tuple[tuple[str, str], ...] = ()
    if origin is not None:
        found = (("Run", str(origin.code)), ("Permutation", f"{origin.number:,} of {origin.space_count:,}"))
    snapshot, rules, over_raise = financing.snapshot, financing.rule_set, financing.over_raise
    return (
        ("Project", financing.project.title),
        ("Financing", f"SHA-256 {financing.content_hash}"),
        *((("Over-raise", over_raise),) if over_raise else ()),
        *found,
        ("Snapshot", f"Version {snapshot.version}, SHA-256 {snapshot.content_hash}"),
        ("Rule set", f"{rules}, SHA-256 {rules.content_hash}"),
        ("Engine", financing.engine_version),
        (
            "Scope",
            "Cash, debt, waterfall, cover and returns. Ratings and gates are the platform's, not the workbook's.",
        ),
    )
