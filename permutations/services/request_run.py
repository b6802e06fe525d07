"""Asks for a run: checks everything a worker would trip over, freezes it, and invites the workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import InputProblems, Problem
from engine.market import CurrencyMarket
from engine.permutations import Case, LeverSet, default_levers, sample_size
from engine.project import ProjectInputs
from engine.terms import StructuringTerms
from financings.basis import require_approved_inputs, require_rules_for
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.errors import Invalid
from permutations.access import require_can_run
from permutations.estimates import estimate_of, require_room
from permutations.kept import ALL_ROWS_BY_DEFAULT, MOST_WITH_ALL_ROWS
from permutations.models import Run
from projects.access import get_project, require_edit, require_visible
from projects.models import Project, Snapshot
from ratings.models import RuleSet
from ratings.queries import market_in_force, rule_set_for

# More would take hours and a disk of its own.
LARGEST_BUDGET = 1_000_000_000
LARGEST_SEED = 2**63 - 1
WANTED_CHUNKS = 32
SMALLEST_CHUNK = 4_096
LARGEST_CHUNK = 65_536
# Where only what is alive has rows, a chunk is worked out block by block, and may be larger.
WANTED_WITHOUT_ALL, LARGEST_WITHOUT_ALL = 64, 524_288


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a run would be: its space, how much of it the budget allows, and in which chunks."""

    space: int
    evaluated: int
    chunk_size: int
    keeps_all_rows: bool = True

    @property
    def chunk_count(self) -> int:
        """How many chunks that makes; the last may be smaller."""
        return -(-self.evaluated // self.chunk_size)


def request_run(
    *,
    by: User,
    project: Project,
    levers: Mapping[str, Any] | None = None,
    terms: Mapping[str, Any] | None = None,
    rule_set: RuleSet | None = None,
    budget: int | None = None,
    seed: int = 0,
    may_sample: bool = True,
    all_rows: bool | None = None,
    enqueue: bool = True,
) -> Run:
    """The run of the approved snapshot, queued; raises Invalid with every problem, and then nothing is saved.

    `all_rows` says whether rows are kept of permutations that stopped too; None: of a run that is not large.
    """
    require_visible(by, project)
    require_can_run(by)
    budget = settings.ATLASNEXUS_RUN_BUDGET if budget is None else budget
    with transaction.atomic():
        project = get_project(by, project.code)
        require_edit(by, project)
        snapshot, rule_set = require_approved_inputs(project), rule_set or rule_set_for(project.asset_class)
        require_rules_for(project, rule_set)
        market_set, market = market_in_force(str(snapshot.inputs["currency"]))
        lever_set, read_terms = _read(levers, terms, budget, seed, market)
        plan = plan_run(lever_set, budget, may_sample, all_rows)
        require_room(estimate_of(plan.evaluated, project, all_rows=plan.keeps_all_rows))
        _require_resolvable(snapshot, rule_set, lever_set, read_terms)
        run = Run(
            title=project.title,
            total_count=plan.evaluated,
            project=project,
            snapshot=snapshot,
            rule_set=rule_set,
            market_set=market_set,
            lever_set=lever_set.to_dict(),
            terms=read_terms.to_dict(),
            engine_version=ENGINE_VERSION,
            seed=seed,
            budget=budget,
            space_size=str(plan.space),
            evaluated_count=plan.evaluated,
            objective=read_terms.objective,
            hard_filters=lever_set.to_dict()["filters"],
            chunk_size=plan.chunk_size,
            chunk_count=plan.chunk_count,
            keeps_all_rows=plan.keeps_all_rows,
            requested_by=by,
        )
        require_quota(by, run)
        run.full_clean()
        run.save()
        audit.record(by=by, action="run.requested", target=run, after=_audited(run))
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(run))
    return run


def plan_run(levers: LeverSet, budget: int, may_sample: bool = True, all_rows: bool | None = None) -> Plan:
    """The plan for a lever set under a budget.

    Raises Invalid for an empty space, for one that must not be sampled, and for all rows of too large a one.
    """
    space = levers.size
    if space < 1:
        raise Invalid([Problem("empty_space", "axes", "The space is empty: open at least one axis with a value.")])
    if space > budget and not may_sample:
        message = (
            f"The space has {space:,} permutations, the budget allows {budget:,}: raise it, thin an axis, or sample."
        )
        raise Invalid([Problem("space_above_budget", "budget", message)])
    evaluated = sample_size(space, budget)
    keeps_all = evaluated <= ALL_ROWS_BY_DEFAULT if all_rows is None else all_rows
    if not keeps_all:
        wanted = -(-evaluated // WANTED_WITHOUT_ALL)
        return Plan(space, evaluated, min(max(wanted, SMALLEST_CHUNK), LARGEST_WITHOUT_ALL), keeps_all_rows=False)
    if evaluated > MOST_WITH_ALL_ROWS:
        message = (
            f"All rows are kept of at most {MOST_WITH_ALL_ROWS:,} permutations, and {evaluated:,} are to be evaluated: "
            "thin an axis, lower the budget, or keep the rows of what passes alone."
        )
        raise Invalid([Problem("too_many_rows", "budget", message)])
    wanted = -(-evaluated // WANTED_CHUNKS)
    return Plan(space, evaluated, min(max(wanted, SMALLEST_CHUNK), LARGEST_CHUNK))


def _read(
    levers: Mapping[str, Any] | None, terms: Mapping[str, Any] | None, budget: int, seed: int,
    market: CurrencyMarket | None
) -> tuple[LeverSet, StructuringTerms]:  # fmt: skip
    """Levers and terms; those not given are the market's where there is one, else the defaults."""
    problems: list[Problem] = [
        *_whole("budget", "Budget", budget, 1, LARGEST_BUDGET),
        *_whole("seed", "Seed", seed, 0, LARGEST_SEED),
    ]
    lever_set, read_terms = default_levers(market), None
    try:
        lever_set = lever_set if levers is None else LeverSet.from_dict(levers)
    except InputProblems as error:
        problems.extend(error.problems)
    try:
        read_terms = StructuringTerms.from_dict({**(market.term_values() if market else {}), **(terms or {})})
    except InputProblems as error:
        problems.extend(error.problems)
    if problems or read_terms is None:
        raise Invalid(problems)
    return lever_set, read_terms


def _whole(place: str, label: str, value: Any, low: int, high: int) -> list[Problem]:
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return []
    return [Problem("out_of_range", place, f"{label}: expected a whole number from {low:,} to {high:,}, got {value}.")]


def _require_resolvable(snapshot: Snapshot, rule_set: RuleSet, levers: LeverSet, terms: StructuringTerms) -> None:
    try:
        inputs = ProjectInputs.from_dict(snapshot.inputs)
        _ = Case(inputs=inputs, terms=terms, rules=rule_set.terms(), levers=levers).resolved
    except InputProblems as error:
        raise Invalid(error.problems) from error


def _audited(run: Run) -> dict[str, Any]:
    return {
        "project": str(run.project.code),
        "snapshot": run.snapshot.content_hash,
        "rule_set": str(run.rule_set),
        "market_set": str(run.market_set or ""),
        "engine_version": run.engine_version,
        "space_size": run.space_size,
        "evaluated_count": run.evaluated_count,
        "budget": run.budget,
        "seed": run.seed,
        "keeps_all_rows": run.keeps_all_rows,
        "lever_set": run.lever_set,
        "terms": run.terms,
    }
