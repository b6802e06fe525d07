"""What runs add to the house."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet

from accounts import audit
from accounts.audit_pages.targets import show_at
from accounts.models import Role
from financings.catalogue import RESULTS
from jobs.registry import register_sweep
from lib import navigation, personal, slots
from lib.finding import find_by
from lib.panels import show
from notifications import kinds
from permutations import finding, news, panels
from permutations.access import can_run
from permutations.kept import sweep_aside
from permutations.kinds import register_kinds
from permutations.models import Run, RunComparison, TopResult
from permutations.origins import runs_with
from permutations.views.migration import migration
from projects.access import can_review
from projects.models import Project
from records.declare import on_pages_of
from tables.registry import register

RUNS_SHOWN = 20
WORDS = {
    "impact.cancelled": "Impact cancelled",
    "impact.requested": "Impact requested",
    "run.cancelled": "Run cancelled",
    "run.failed": "Run failed",
    "run.finished": "Run finished",
    "run.named": "Run named",
    "run.rejudged": "Run rejudged",
    "run.requested": "Run requested",
    "run.resumed": "Run resumed",
    "run_comparison.dropped": "Comparison of runs dropped",
    "run_comparison.kept": "Comparison of runs kept",
    "run_comparison.noted": "Comparison of runs named or noted",
    "search.cancelled": "Search cancelled",
    "search.requested": "Search requested",
    "trial.cancelled": "Rule set trial cancelled",
}


def join() -> None:
    """The room's lines, panels, fragments, words, and what it holds of people, are known from now on."""
    find_by("Runs", finding.runs, 20)
    find_by("Comparisons of runs", finding.comparisons, 25)
    kinds.declare(news.LABELS)
    audit.declare(WORDS)
    personal.hold(Run, by=("requested_by",), also=("given_name",))
    personal.hold(RunComparison, also=("codes",), goes=True)
    register_kinds()
    register_sweep("folders of ended rankings dropped", sweep_aside)
    show_at("permutations.Run", "run-detail")
    show_at("permutations.RunComparison", "run-comparison")
    show_at("permutations.Search", "search")
    register(RESULTS)
    readers = lambda person: not person.is_sponsor  # noqa: E731
    navigation.add(navigation.Entry("runs", "Runs", "runs-list", 20, is_for=readers))
    show(panels.finished_runs, (Role.SPONSOR,), 30)
    show(panels.latest_runs, (Role.INTERNAL,), 10)
    show(panels.running_and_failed, (Role.ADMIN,), 30)
    slots.fill("project.actions", "permutations/fragments/new_run.html", new_run, 10)
    slots.fill("project.body", "permutations/fragments/project_runs.html", project_runs, 10)
    slots.fill("submission.actions", "permutations/fragments/run_again.html", run_again, 10)
    slots.fill("submission.body", "permutations/fragments/impact_slot.html", impact, 10)
    slots.fill("version.actions", "permutations/fragments/trial_link.html", on_pages_of("rule_set"), 10)
    slots.fill("financing.actions", "permutations/fragments/neighbours.html", neighbours, 5)
    slots.fill("financing.stress", "permutations/fragments/migration.html", migration)
    slots.fill("financing.found", "permutations/fragments/found_by_search.html", found_by_search)
    slots.answer("project.parts", runs_of)
    slots.answer("financing.origins", runs_with)


def runs_of(project: Project) -> QuerySet[Run]:
    """The runs of a project."""
    return Run.objects.filter(project=project)


def may_run(page: Mapping[str, Any]) -> bool:
    """True where the reader of a project's page may start a run of it now."""
    return page["overview"].can_be_financed and can_run(page["request"].user)


def new_run(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Nothing to add; None for those who may not run."""
    return {} if may_run(page) else None


def project_runs(page: Mapping[str, Any]) -> Mapping[str, Any]:
    """The latest runs of a project with what a line of a list shows of their summary."""
    runs = runs_of(page["project"]).select_related("requested_by", "snapshot").defer("summary", "lever_set", "terms")
    best = F("summary__best__metrics__day_one_value")
    found = runs.annotate(best_amount=best, tier_counts=F("summary__tiers")).order_by("-created_at")
    return {"runs": found[:RUNS_SHOWN], "can_run": may_run(page)}


def run_again(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Whether the project was run before; None unless the approved inputs are still to be run."""
    submission = page["submission"]
    if not can_review(page["request"].user) or submission != page["review"].approved:
        return None
    runs = runs_of(submission.project)
    if runs.filter(snapshot=submission.snapshot).exists():
        return None
    return {"was_run": runs.exists()}


def neighbours(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The run in which the financing was found first, and who stands before and behind it there; None without a run."""
    origin = next((origin for origin, _ in page.get("origins", ())), None)
    if origin is None:
        return None
    rank = origin.row.get("rank") or 0
    beside = TopResult.objects.filter(run__code=origin.code, rank__in=(rank - 1, rank + 1)) if rank else ()
    indices = {each.rank - rank: each.permutation_index for each in beside}
    return {"found_in": origin.code, "rank": rank, "better": indices.get(-1), "worse": indices.get(1)}


def found_by_search(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The searches from which a financing was opened; None where there is none."""
    searches = page["financing"].searches.order_by("pk")
    return {"searches": searches} if searches else None


def impact(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Nothing to add; None for a first submission, which changes nothing."""
    return {} if page["submission"].base else None
