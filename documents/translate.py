"""The border between a run's rows and the documents about it."""

from datetime import UTC, date, datetime

from documents.facts import Marks, PackFacts
from documents.live_model import ModelSource
from engine.permutations import evaluate_permutation
from permutations.compliance import compliance_report
from permutations.models import Run
from permutations.results import result_row
from permutations.translate import engine_case


def model_source(run: Run, index: int) -> ModelSource:
    """What a live model of one permutation is made from; NotFound for one the run did not evaluate."""
    result_row(run, index)
    return ModelSource(engine_case(run), index, run.project.title, _as_of(run), _about(run, index))


def pack_facts(run: Run, index: int, close_date: date, marks: Marks) -> PackFacts:
    """All that a pack says of one permutation; NotFound for one the run did not evaluate."""
    row, case = result_row(run, index), engine_case(run)
    detail = evaluate_permutation(case, index)
    return PackFacts(
        case=case,
        detail=detail,
        row=row,
        report=compliance_report(run, detail, row),
        title=run.project.title,
        close_date=close_date,
        as_of=_as_of(run),
        about=_about(run, index),
        marks=marks,
    )


def _as_of(run: Run) -> datetime:
    return (run.finished_at or run.created_at).astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _about(run: Run, index: int) -> tuple[tuple[str, str], ...]:
    return (
        ("Project", run.project.title),
        ("Permutation", f"{index:,} of {int(run.space_size):,}"),
        ("Run", str(run.code)),
        ("Snapshot", f"Version {run.snapshot.version}, SHA-256 {run.snapshot.content_hash}"),
        ("Rule set", f"{run.rule_set}, SHA-256 {run.rule_set.content_hash}"),
        ("Engine", run.engine_version),
        ("Scope", "Cash, debt, waterfall, cover and returns. Ratings and gates are the run's, not the workbook's."),
    )
