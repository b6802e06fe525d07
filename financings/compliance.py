"""The compliance report of one financing, as data: every check with its value, limit, headroom, verdict and source.

JSON-able throughout; documents and pages render it. Shares and rates are fractions, amounts in the project's currency.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.deal.axes import Lever
from engine.deal.detail import Check, StressRow
from engine.deal.reasons import PASSED_BOTH
from engine.permutations import AXES, GATES, REASONS, TIERS, PermutationDetail
from engine.permutations.remedies import Remedy
from engine.ratings import rating_label
from engine.ratings.repo import CriterionResult, RepoAssessment
from engine.ratings.scale import NOT_RATED
from engine.stress import run_scenarios
from financings.evaluation import Evaluation
from financings.evidence import Fact
from financings.models import Financing, Simulation
from financings.origins import Origin
from jobs.models import JobState
from ratings.collateral import collateral_hash, collateral_rules
from ratings.models import ScenarioSet
from ratings.origins import Origins
from ratings.scales import symbols_of_notch
from records.provenance import Mark

DSCR_CRITERION = "criterion_1"
FORM = "atlas-nexus/compliance/1"


@dataclass(frozen=True, slots=True)
class ReportCheck(Check):
    """One rule tested, and where it stands."""

    is_binding: bool
    provenance: str
    source: str


@dataclass(frozen=True, slots=True)
class Section:
    """Checks that belong together, and whether all of them passed."""

    code: str
    title: str
    passed: bool
    is_judged: bool
    checks: tuple[ReportCheck, ...]


@dataclass(frozen=True, slots=True)
class Remediation:
    """What would reach the target: single moves, and the cheapest pair where it costs less."""

    target_rating: str
    cures: tuple[str, ...]
    single_moves: tuple[Remedy, ...]
    pair: tuple[Remedy, ...]
    pair_rating: str


@dataclass(frozen=True, slots=True)
class RepoVerdict:
    """What one facility says of the senior notes, and what is missing for a better verdict."""

    bank: str
    facility: str
    verdict: str
    criteria: tuple[CriterionResult, ...]
    missing: tuple[str, ...]
    haircut_ratio: float | None
    haircut_source: str
    lendable_amount: float | None


@dataclass(frozen=True, slots=True)
class StressSummary:
    """The stress grid in short."""

    scenario_count: int
    passed: bool
    floor_dscr: float | None
    worst_dscr: float | None
    worst_scenario: str
    notches_lost: int | None
    rating_counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A fact that central banks ask for: "shown", "refuted" or "missing", and by what."""

    fact: str
    label: str
    asked_by: tuple[str, ...]
    state: str
    symbol: str
    source: str
    seen_on: str
    entered_by: str
    is_of_project: bool


@dataclass(frozen=True, slots=True)
class TrancheLoss:
    """Default and loss of one tranche over the paths of a simulation."""

    tranche: str
    default_probability: float
    expected_loss: float
    loss_given_default: float | None
    worst_loss: float


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """The latest simulation of the financing; shares of paths are fractions, errors are standard errors."""

    code: str
    finished_at: str
    engine_version: str
    paths: int
    seed: int
    dscr_minimum: float | None
    dscr_minimum_error: float | None
    dscr_minimum_percentiles: dict[str, float]
    below_one_ratio: float
    locked_up_ratio: float
    equity_lost_ratio: float | None
    tranches: tuple[TrancheLoss, ...]


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """The financing under one scenario of somebody's own; breach month 0 is none."""

    name: str
    dscr_minimum: float | None
    dscr_average: float | None
    breach_month: int
    rating: str
    notches_moved: int
    equity_irr_rate: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScenarioSetResult:
    """The financing under one set of scenarios, evaluated for this report."""

    code: str
    name: str
    owner: str
    is_shared: bool
    breaches: int
    scenarios: tuple[ScenarioLine, ...]


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    """All that was checked of one financing, under which rules, on which inputs, by which engine.

    `run` and `permutation` say where it was found first, with its rank and tier there; None where nothing was searched.
    """

    form: str
    project: dict[str, str]
    financing: dict[str, str]
    run: dict[str, Any] | None
    snapshot: dict[str, Any]
    rule_set: dict[str, Any]
    engine_version: str
    permutation: int | None
    levers: dict[str, Lever]
    lever_labels: dict[str, str]
    currency: str
    jurisdiction: str
    verdict: dict[str, Any]
    binding: ReportCheck | None
    sections: tuple[Section, ...]
    stress: StressSummary
    flags: tuple[str, ...]
    remediation: Remediation
    repo: tuple[RepoVerdict, ...]
    agency_readings: tuple[dict[str, Any], ...]
    # The achieved rating in each agency's letters, by the rule set's scale.
    rating_symbols: dict[str, str]
    evidence: tuple[EvidenceLine, ...]
    simulation: SimulationResult | None
    scenario_sets: tuple[ScenarioSetResult, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON takes it: no NaN, no infinity."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def compliance_report(
    evaluation: Evaluation, scenario_sets: Sequence[ScenarioSet] = (), origin: Origin | None = None
) -> ComplianceReport:
    """The report of a financing, found in `origin` if anywhere.

    The sets of scenarios are evaluated beside its own grid: the caller says which the reader may see.
    """
    financing, detail = evaluation.financing, evaluation.detail
    snapshot = financing.snapshot
    origins = Origins(financing.rule_set.content, snapshot.content["country"])
    sections = tuple(_sections(detail, origins, str(financing.terms["minimum_rating"])))
    judged = next((section for section in sections if section.is_judged), None)
    return ComplianceReport(
        form=FORM,
        project={"code": str(financing.project.code), "title": financing.project.title},
        financing={"code": str(financing.code), "name": str(financing), "hash": financing.content_hash},
        run=_run(origin) if origin else None,
        snapshot={"code": str(snapshot.code), "version": snapshot.version, "hash": snapshot.content_hash},
        rule_set=_rule_set(financing),
        engine_version=financing.engine_version,
        permutation=origin.number if origin else None,
        levers=dict(detail.levers),
        lever_labels={code: AXES[code].label for code in detail.levers},
        currency=financing.currency,
        jurisdiction=origins.jurisdiction,
        verdict=_verdict(detail, origin.row if origin else {}),
        binding=next((check for check in judged.checks if check.is_binding), None) if judged else None,
        sections=sections,
        stress=_stress(detail),
        flags=tuple(event.flag for event in detail.flags),
        remediation=_remediation(detail),
        repo=tuple(_repo(item) for item in evaluation.collateral),
        agency_readings=tuple(asdict(reading) for reading in detail.agency_readings),
        rating_symbols=_symbols(financing, detail),
        evidence=tuple(_evidence(fact) for fact in evaluation.facts),
        simulation=_simulation(financing),
        scenario_sets=tuple(_scenario_set(evaluation, each) for each in scenario_sets),
    )


def is_wrapped(detail: PermutationDetail) -> bool:
    """True where the senior tranche is insured, and its floors so relieved."""
    return detail.levers.get("wrap") == "senior"


def dscr_floor(detail: PermutationDetail) -> float | None:
    """The lowest DSCR that the rating judged allows in any year; None where none was judged."""
    judged = next((rating for rating in detail.ratings if rating.rating == detail.judged_rating), None)
    found = next((check.limit for check in judged.checks if check.code == DSCR_CRITERION), None) if judged else None
    return float(found) if isinstance(found, float | int) else None


def _run(origin: Origin) -> dict[str, Any]:
    return {"code": str(origin.code), "created_at": origin.created_at.isoformat(), "seed": origin.seed}


def _rule_set(financing: Financing) -> dict[str, Any]:
    rules = financing.rule_set
    return {
        "code": str(rules.code),
        "family": rules.family,
        "version": rules.version,
        "name": rules.name,
        "asset_class": rules.asset_class,
        "effective_from": rules.effective_from.isoformat(),
        "hash": rules.content_hash,
        "collateral_rules": collateral_rules(rules.content).version,
        "collateral_hash": collateral_hash(rules.content),
    }


def _verdict(detail: PermutationDetail, row: Mapping[str, Any]) -> dict[str, Any]:
    computed = detail.row
    notch, reason = computed["rating_notch"], int(computed["reason"] or 0)
    return {
        "passed": computed["gate"] == PASSED_BOTH,
        "gate": GATES[int(computed["gate"] or 0)],
        "reason": REASONS[reason] if reason else "",
        "rating": "" if notch is None else rating_label(int(notch)),
        "judged_at": detail.judged_rating,
        "near_miss": bool(computed["near_miss"]),
        "tier": TIERS[int(row["tier"])] if row.get("tier") is not None else None,
        "rank": row.get("rank"),
    }


def _sections(detail: PermutationDetail, origins: Origins, minimum_rating: str) -> Iterable[Section]:
    gate_a = [_check(check, origins.gate_a(check.code)) for check in detail.gate_a_checks]
    yield Section("gate_a", "Gate A: the structure can be built", _all_passed(gate_a), False, tuple(gate_a))
    wrapped, mezz = is_wrapped(detail), detail.row["mezz_rating_notch"]
    mezz_notch = NOT_RATED if mezz is None else int(mezz)
    for rating in detail.ratings:
        is_judged = rating.rating == detail.judged_rating
        binding = detail.binding.code if detail.binding and is_judged else ""
        checks = [
            _check(check, origins.criterion(rating.rating, check.code, wrapped=wrapped, mezz_notch=mezz_notch), binding)
            for check in rating.checks
        ]
        yield Section(f"rating_{rating.rating}", f"Gate B: criteria of {rating.rating}", rating.passed, is_judged, tuple(checks))  # fmt: skip
    stressed = origins.stressed(minimum_rating)
    stress = [_check(check, stressed) for check in detail.stress_checks]
    yield Section("stress", "Stress grid: lowest DSCR", _all_passed(stress), False, tuple(stress))
    terms = [_check(check, origins.repo(check.code)) for check in detail.repo_checks]
    yield Section("repo", "Central bank: the rule set's terms", _all_passed(terms), False, tuple(terms))


def _check(check: Check, origin: Mark, binding: str = "") -> ReportCheck:
    return ReportCheck(
        check.code, check.label, check.unit, check.value, check.limit, check.headroom_ratio, check.passed,
        bool(binding) and check.code == binding, origin.provenance, origin.source,
    )  # fmt: skip


def _all_passed(checks: list[ReportCheck]) -> bool:
    return bool(checks) and all(check.passed for check in checks)


def worst_stress(detail: PermutationDetail) -> StressRow | None:
    """The scenario under which cover is lowest; None where no debt is stressed."""
    known = [row for row in detail.stress if row.stressed_dscr is not None]
    return min(known, key=lambda row: row.stressed_dscr or 0.0, default=None)


def _stress(detail: PermutationDetail) -> StressSummary:
    worst = worst_stress(detail)
    floor = detail.stress_checks[0].limit if detail.stress_checks else None
    counts: dict[str, int] = {}
    for row in detail.stress:
        counts[row.rating] = counts.get(row.rating, 0) + 1
    lost = detail.row["notches_lost"]
    return StressSummary(
        scenario_count=len(detail.stress),
        passed=bool(detail.row["stress_passed"]),
        floor_dscr=float(floor) if isinstance(floor, float | int) else None,
        worst_dscr=worst.stressed_dscr if worst else None,
        worst_scenario=worst.scenario.label if worst else "",
        notches_lost=None if lost is None else int(lost),
        rating_counts=counts,
    )


def _remediation(detail: PermutationDetail) -> Remediation:
    pair = detail.pair_remedy
    cures = pair.cures if pair else detail.remedies[0].cures if detail.remedies else ()
    return Remediation(
        target_rating=detail.remedy_target,
        cures=cures,
        single_moves=detail.remedies,
        pair=pair.parts if pair else (),
        pair_rating=pair.rating if pair else "",
    )


def _repo(item: RepoAssessment) -> RepoVerdict:
    return RepoVerdict(
        bank=item.bank,
        facility=item.name,
        verdict=str(item.verdict),
        criteria=item.criteria,
        missing=item.missing,
        haircut_ratio=item.haircut_ratio,
        haircut_source=item.haircut_source,
        lendable_amount=item.lendable_amount,
    )


def _symbols(financing: Financing, detail: PermutationDetail) -> dict[str, str]:
    notch = detail.row["rating_notch"]
    return {} if notch is None else symbols_of_notch(financing.rule_set.content, int(notch))


def _evidence(fact: Fact) -> EvidenceLine:
    entry = fact.entry
    return EvidenceLine(
        fact=fact.code,
        label=fact.label,
        asked_by=fact.asked_by,
        state=fact.stands,
        symbol=entry.symbol if entry else "",
        source=entry.source if entry else "",
        seen_on=entry.seen_on.isoformat() if entry else "",
        entered_by=str(entry.entered_by) if entry else "",
        is_of_project=bool(entry and entry.is_of_project),
    )


def _simulation(financing: Financing) -> SimulationResult | None:
    """The simulation that was finished last; None where none was made."""
    done = Simulation.objects.filter(financing__code=financing.code, state=JobState.DONE)
    found = done.order_by("-finished_at", "-pk").first()
    if found is None:
        return None
    said, low, lost = found.summary, found.summary["dscr_minimum"], found.summary["equity_lost"]
    return SimulationResult(
        code=str(found.code),
        finished_at=found.finished_at.isoformat() if found.finished_at else "",
        engine_version=found.engine_version,
        paths=found.total_count,
        seed=int(found.terms["seed"]),
        dscr_minimum=low["mean"] if low else None,
        dscr_minimum_error=low["standard_error"] if low else None,
        dscr_minimum_percentiles={str(name): value for name, value in said["dscr_minimum_percentiles"].items()},
        below_one_ratio=said["below_one"]["mean"],
        locked_up_ratio=said["locked_up"]["mean"],
        equity_lost_ratio=lost["mean"] if lost else None,
        tranches=tuple(_tranche(each) for each in said["tranches"]),
    )


def _tranche(said: Mapping[str, Any]) -> TrancheLoss:
    return TrancheLoss(
        said["tranche"],
        said["default_probability"]["mean"],
        said["expected_loss"]["mean"],
        said["loss_given_default"],
        said["worst_loss"],
    )


def _scenario_set(evaluation: Evaluation, chosen: ScenarioSet) -> ScenarioSetResult:
    outcomes = run_scenarios(evaluation.deal, chosen.terms()).outcomes
    return ScenarioSetResult(
        code=str(chosen.code),
        name=chosen.name,
        owner=str(chosen.owner),
        is_shared=chosen.is_shared,
        breaches=sum(found.breach_month > 0 for found in outcomes),
        scenarios=tuple(
            ScenarioLine(
                found.scenario.name, found.dscr_minimum, found.dscr_average, found.breach_month, found.rating,
                found.notches_moved, found.equity_irr_rate, found.flags,
            )
            for found in outcomes
        ),
    )  # fmt: skip


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(value) for value in node]
    if isinstance(node, StrEnum):
        return str(node)
    return None if isinstance(node, float) and not math.isfinite(node) else node
