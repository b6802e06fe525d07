"""A version tried on a past run: the counts are those of judging each permutation by itself, under both."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rq import Queue

from accounts.models import User
from engine.permutations import TIERS, Case, indices
from engine.permutations.detail import result_row
from financings.evaluation import Evaluation
from jobs.models import JobState, PartState
from jobs.queue import queued_entries
from jobs.recovery import Recovery, recover
from jobs.work import work
from lib.canonical import canonical_hash
from lib.errors import Forbidden, Invalid
from permutations import trials
from permutations.models import RuleSetTrial, Run
from permutations.results import rows_of
from permutations.services.try_rule_set import try_rule_set
from permutations.translate import engine_case, run_case
from ratings.collateral import collateral_hash
from ratings.models import RuleSet
from ratings.queries import current_rule_set
from records.editing import Typed
from records.services import approve_version, copy_version, edit_version, submit_version
from tests.financings.cast import opened
from tests.jobs.cast import in_hands

LEVERS = {
    "axes": {
        "senior_tenor_years": [10, 15, 18],
        "senior_amortisation": ["annuity", "sculpted"],
        "senior_coupon_rate": [0.0625, 0.07],
        "senior_dscr": [1.17, 1.3, 1.45, 1.6],
        "mezz_dscr": [1.1],
        "mezz_coupon_rate": [0.1],
        "equity_irr_rate": [0.12],
    }
}


@pytest.fixture
def stricter(admin: User, project: object) -> RuleSet:
    """Ada's draft: in the UK BBB asks for 1.2 in the worst year and lends 70%."""
    draft = copy_version(by=admin, version=current_rule_set())
    floors = {"BBB.dscr_minimum": "1.2", "BBB.max_advance_ratio": "70"}
    cells = {f"criteria.UK.{name}": Typed(value, "assumption", "a test") for name, value in floors.items()}
    return edit_version(by=admin, version=draft, revision=1, cells=cells)


@pytest.fixture
def small(requested: Callable[..., Run]) -> Run:
    """48 permutations, evaluated in this process."""
    run = requested(levers=LEVERS)
    work(run.code)
    run.refresh_from_db()
    return run


@pytest.fixture
def trial(admin: User, stricter: RuleSet, small: Run) -> RuleSetTrial:
    (trial,) = try_rule_set(by=admin, rule_set=stricter, runs=[small], enqueue=False)
    assert work(trial.code)
    trial.refresh_from_db()
    return trial


def judged(case: Case, index: int) -> tuple[int, str]:
    """Gate and rating of one permutation, by the detail's own way: of it only the row, without what would cure it."""
    row = result_row(case, index)
    notch = row["rating_notch"]
    return int(row["gate"] or 0), trials._rating(-1 if notch is None else int(notch))


def test_counts_are_those_of_each_permutation_by_itself(trial: RuleSetTrial, small: Run, stricter: RuleSet) -> None:
    old_case = engine_case(small)
    new_case = Case(old_case.inputs, old_case.terms, stricter.terms(), old_case.levers, market=old_case.market)
    pairs = [(judged(old_case, index), judged(new_case, index)) for index in range(small.evaluated_count)]
    assert trial.summary["is_whole"]
    assert trial.summary["compared"] == small.evaluated_count == 48
    changed = sum(old[1] != new[1] for old, new in pairs)
    assert trial.summary["changed_rating"] == changed > 0
    assert trial.summary["changed_gate"] == sum(old[0] != new[0] for old, new in pairs)
    assert (
        trial.summary["passed_before"]
        == sum(old[0] == 2 for old, _ in pairs)
        == small.summary["counts"]["gate_b_alive"]
    )
    assert trial.summary["passed_after"] == sum(new[0] == 2 for _, new in pairs)
    expected = Counter((old[1], new[1]) for old, new in pairs)
    matrix = trial.summary["ratings"]
    labels = matrix["labels"]
    found = {
        (a, b): n
        for a, row in zip(labels, matrix["counts"], strict=True)
        for b, n in zip(labels, row, strict=True)
        if n
    }
    assert found == dict(expected)


def test_what_it_was_is_what_the_run_stored(trial: RuleSetTrial, small: Run) -> None:
    rows = rows_of(small, range(small.evaluated_count))
    tiers = Counter(TIERS[row["tier"] or 0] for row in rows.values())
    matrix = trial.summary["tiers"]
    before = {label: sum(row) for label, row in zip(matrix["labels"], matrix["counts"], strict=True)}
    assert before == {label: tiers[label] for label in matrix["labels"]}
    assert trial.summary["best"]["before"]["index"] == small.summary["best"]["index"]
    best = small.summary["best"]["metrics"]
    assert trial.summary["best"]["before"]["day_one_value"] == best["day_one_value"]


def test_the_same_rules_change_nothing(admin: User, small: Run) -> None:
    same = copy_version(by=admin, version=small.rule_set)
    (trial,) = try_rule_set(by=admin, rule_set=same, runs=[small], enqueue=False)
    work(trial.code)
    trial.refresh_from_db()
    for count in ("changed_rating", "changed_gate", "changed_tier"):
        assert trial.summary[count] == 0
    assert trial.summary["best"]["before"] == trial.summary["best"]["after"]


def test_a_large_run_is_sampled_evenly_with_its_best(
    admin: User, stricter: RuleSet, small: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "WHOLE", 10)
    monkeypatch.setattr(trials, "SAMPLE", 8)
    (trial,) = try_rule_set(by=admin, rule_set=stricter, runs=[small], enqueue=False)
    work(trial.code)
    trial.refresh_from_db()
    assert (trial.summary["is_whole"], trial.summary["compared"], trial.summary["evaluated"]) == (False, 8, 48)
    assert trial.summary["top"]["compared"] == small.top_results.count()
    assert trial.summary["best"]["before"]["index"] == small.summary["best"]["index"]
    first = trials.visited(run_case(small))
    assert np.array_equal(first[0], trials.visited(run_case(small))[0])
    assert set(first[0]) <= set(indices(48, None, 0, 0, 48))


def test_collateral_is_tried_with_the_rules_and_past_runs_keep_theirs(
    admin: User, second_admin: User, small: Run, signed_in: Callable[[User], Client]
) -> None:
    """The Bank's desk takes at most ten years: level C refuses structures of fifteen, and no other bank's door moves."""
    draft = copy_version(by=admin, version=small.rule_set)
    cells = {"collateral_criteria.boe_level_c.desk_tenor.limit": Typed("10", "assumption", "a test")}
    draft = edit_version(by=admin, version=draft, revision=1, cells=cells)
    (trial,) = try_rule_set(by=admin, rule_set=draft, runs=[small], enqueue=False)
    work(trial.code)
    trial.refresh_from_db()
    found = {each["name"]: each for each in trial.summary["collateral"]["facilities"]}
    level_c = found.pop("Bank of England, Level C")
    assert level_c["changed"] == trial.summary["collateral"]["changed"] > 0
    assert level_c["after"].get("not_eligible", 0) == level_c["before"].get("not_eligible", 0) + level_c["changed"]
    assert {each["changed"] for each in found.values()} == {0}
    page = signed_in(admin).get(reverse("rules-trial", args=[draft.code])).content.decode()
    assert "Bank of England, Level C" in page
    index = small.summary["best"]["index"]
    before = Evaluation(opened(small, index)).collateral
    newer = approve_version(by=second_admin, version=submit_version(by=admin, version=draft))
    assert Evaluation(opened(Run.objects.get(id=small.pk), index)).collateral == before
    assert collateral_hash(newer.content) != collateral_hash(small.rule_set.content)


def test_working_twice_is_once(trial: RuleSetTrial) -> None:
    summary = trial.summary
    assert not work(trial.code)
    trial.refresh_from_db()
    assert (trial.state, trial.parts.get().attempts, trial.summary) == (JobState.DONE, 1, summary)


def test_asking_again_keeps_what_is_known(admin: User, trial: RuleSetTrial, small: Run) -> None:
    assert try_rule_set(by=admin, rule_set=trial.rule_set, runs=[small], enqueue=False) == [trial]


def test_an_edit_makes_a_trial_outdated(admin: User, stricter: RuleSet, small: Run) -> None:
    (trial,) = try_rule_set(by=admin, rule_set=stricter, runs=[small], enqueue=False)
    cells = {"criteria.UK.BBB.icr": Typed("1.26", "assumption", "a test")}
    edited = edit_version(by=admin, version=stricter, revision=2, cells=cells)
    work(trial.code)
    trial.refresh_from_db()
    assert trial.state == JobState.FAILED
    assert "edited after" in trial.error
    (again,) = try_rule_set(by=admin, rule_set=edited, runs=[small], enqueue=False)
    assert again != trial


def test_rules_that_cannot_rate_the_run_fail_with_the_reason(admin: User, small: Run) -> None:
    content: dict[str, Any] = current_rule_set().content
    rows = [row for row in content["criteria"] if row["rating"] == "BB"]
    draft = copy_version(by=admin, version=current_rule_set())
    draft.content = {**content, "criteria": rows, "version": draft.label}
    draft.content_hash = canonical_hash(draft.content)
    draft.save()
    (trial,) = try_rule_set(by=admin, rule_set=draft, runs=[small], enqueue=False)
    work(trial.code)
    trial.refresh_from_db()
    assert trial.state == JobState.FAILED
    assert trial.error


def test_only_administrators_and_only_finished_runs(
    admin: User, internal: User, stricter: RuleSet, requested: Callable[..., Run]
) -> None:
    waiting = requested(levers=LEVERS)
    with pytest.raises(Forbidden):
        try_rule_set(by=internal, rule_set=stricter, runs=[waiting])
    with pytest.raises(Invalid, match="only finished runs"):
        try_rule_set(by=admin, rule_set=stricter, runs=[waiting])
    with pytest.raises(Invalid, match="at least one run"):
        try_rule_set(by=admin, rule_set=stricter, runs=[])


def test_a_dead_workers_trial_is_taken_up_again(admin: User, stricter: RuleSet, small: Run, redis_queue: Queue) -> None:
    (trial,) = try_rule_set(by=admin, rule_set=stricter, runs=[small], enqueue=False)
    long_ago = timezone.now() - timedelta(hours=1)
    part = in_hands(trial, heard_at=long_ago)
    assert recover() == Recovery(parts_freed=1, given_up=0, entries=1)
    part.refresh_from_db()
    assert part.state == PartState.PENDING
    assert queued_entries(trial) == 1
    assert recover() == Recovery(0, 0, 0)
    in_hands(trial, heard_at=long_ago, attempts=3)
    assert recover() == Recovery(parts_freed=1, given_up=1, entries=0)
    assert "lost its worker 3 times" in RuleSetTrial.objects.get(id=trial.pk).error


def test_the_page_asks_and_shows(
    admin: User, stricter: RuleSet, small: Run, redis_queue: Queue, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(admin)
    url = f"/rules/{stricter.code}/trial/"
    client.post(url, {"run": [str(small.code), "not-a-code"]})
    trial = RuleSetTrial.objects.get()
    assert reverse("job-stream", args=[trial.code]) in client.get(url).content.decode()
    work(trial.code)
    trial.refresh_from_db()
    page = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "data-follow" not in page
    assert f"All 48 permutations of the run: from agency-value/2 to {stricter.label}" in page
    assert str(trial.summary["changed_rating"]) in page
