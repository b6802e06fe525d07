"""The border between a run's rows and the documents about it."""

from datetime import UTC

from documents.live_model import ModelSource
from permutations.models import Run
from permutations.results import result_row
from permutations.translate import engine_case


def model_source(run: Run, index: int) -> ModelSource:
    """What a live model of one permutation is made from; NotFound for one the run did not evaluate."""
    result_row(run, index)
    about = (
        ("Project", run.project.title),
        ("Permutation", f"{index:,} of {int(run.space_size):,}"),
        ("Run", str(run.code)),
        ("Snapshot", f"Version {run.snapshot.version}, SHA-256 {run.snapshot.content_hash}"),
        ("Rule set", f"{run.rule_set}, SHA-256 {run.rule_set.content_hash}"),
        ("Engine", run.engine_version),
        ("Scope", "Cash, debt, waterfall, cover and returns. Ratings and gates are the run's, not the workbook's."),
    )
    made_at = (run.finished_at or run.created_at).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return ModelSource(engine_case(run), index, run.project.title, made_at, about)
