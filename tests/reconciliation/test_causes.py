"""Causes learned from resolutions: measured on later breaks beside the hints, off until it beats them, the same each time."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from sklearn.linear_model import LogisticRegression

from accounts.models import User
from engine.reconciliation.ranking import Cause, Seen, features_of, hinted
from jobs.work import work
from lib.errors import Forbidden, Invalid
from lib.storage import content_of
from reconciliation.learning import Example, examples_of_resolutions, last_learning, learned, ranking_of
from reconciliation.models import Break, BreakState
from reconciliation.services.request_learning import request_learning
from reconciliation.services.work_on_breaks import resolve_breaks

pytestmark = pytest.mark.django_db
UNITS = "Units: rate 0.02 against 2, factor 100: percent or cents for units?"


def difference(field: str, ours: str, theirs: str, *hints: str) -> dict[str, Any]:
    return {"field": field, "internal": ours, "external": theirs, "weight": "Error", "hints": list(hints)}


def example(counterparty: str, kind: str, cause: str, hint: str = "", *differences: dict[str, Any]) -> Example:
    return Example(Seen(kind, "swap", counterparty, 1_000.0, hint, differences), cause)


def habits(count: int, seed: int = 7) -> list[Example]:
    """What counterparties do: Bravo sends late, Charlie does not send, all of them err in units; a tenth is otherwise."""
    draw, found = Random(seed), []
    for _ in range(count):
        who = draw.choice(["ALPHA", "BRAVO", "CHARLIE"])
        made = {
            "ALPHA": example(who, "PRICE_BREAK", "units", UNITS, difference("rate", "0.02", "2", "factor 100")),
            "BRAVO": example(who, "DATE_BREAK", "late", "", difference("trade_date", "2026-06-16", "2026-06-19")),
            "CHARLIE": example(who, "MISSING_EXTERNAL", "not_sent"),
        }[who]
        found.append(Example(made.seen, "other") if draw.random() < 0.1 else made)
    return found


def test_habits_are_learned_and_beat_the_hints():
    found = learned(habits(200))
    assert (found["taught"], found["held_back"], found["is_on"]) == (150, 50, True)
    later = habits(200)[150:]
    assert found["right_by_hints"] == sum(each.cause == "units" for each in later)
    assert found["right"] == sum(each.cause != "other" for each in later)  # all that follows a habit
    assert found["accuracy"] == found["right"] / 50


def test_the_same_resolutions_give_the_same_weights():
    one, other = learned(habits(80)), learned(habits(80))
    assert one == other
    assert learned(habits(80, seed=8))["data_sha256"] != one["data_sha256"]


def test_what_is_kept_are_numbers():
    kept = json.loads(content_of(learned(habits(80))["weights_sha256"]))
    assert set(kept) == {"causes", "features", "intercepts", "weights"}
    assert np.array(kept["weights"]).shape == (len(kept["causes"]), len(kept["features"]))


@pytest.mark.parametrize("kinds", [2, 4])
def test_the_kept_weights_rank_as_the_library_does(kinds: int):
    examples = [each for each in habits(120) if kinds == 4 or each.cause in {"late", "units"}]
    ranking = ranking_of(learned(examples)["weights_sha256"])
    taught = examples[: len(examples) - int(len(examples) * 0.25)]
    said = [features_of(each.seen) for each in taught]
    table = np.array([[each.get(name, 0.0) for name in ranking.features] for each in said])
    model = LogisticRegression(C=10.0, max_iter=2_000, random_state=0).fit(table, [each.cause for each in taught])
    assert len(model.classes_) == kinds
    for each, expected in zip(taught[:20], model.predict_proba(table)[:20], strict=True):
        shares = dict(ranking.shares(each.seen))
        assert [shares[name] for name in model.classes_] == pytest.approx(list(expected), abs=1e-4)
        assert sum(shares.values()) == pytest.approx(1.0)


def test_it_stays_off_where_the_hints_are_as_good():
    plain = [
        example("ALPHA", "PRICE_BREAK", "units", UNITS, difference("rate", "0.02", "2", "factor 100")),
        example(
            "ALPHA",
            "DATE_BREAK",
            "one_day",
            "One day: trade_date",
            difference("trade_date", "2026-06-16", "2026-06-17"),
        ),
    ]
    found = learned(plain * 30)
    assert (found["accuracy"], found["accuracy_of_hints"], found["is_on"]) == (1.0, 1.0, False)


@pytest.mark.parametrize(("examples", "said"), [(39, "at least 40"), (0, "there are 0")])
def test_too_little_is_said(examples: int, said: str):
    found = learned(habits(examples))
    assert not found["is_on"]
    assert said in found["missing"]


def test_one_cause_alone_is_nothing_to_tell_apart():
    assert "two causes" in learned([example("A", "DATE_BREAK", "late")] * 60)["missing"]


def test_days_sizes_and_amounts_are_seen():
    far = features_of(
        Seen(
            "DATE_BREAK, QTY_BREAK", "fra", "A", 1e6, "One day: trade_date: roll?",
            [difference("trade_date", "2026-06-16", "2026-06-19"), difference("notional", "100", "50")],
        )
    )  # fmt: skip
    assert far["days"] == 0.3
    assert far["amount"] == pytest.approx(0.5, abs=1e-6)
    assert far["relative"] == pytest.approx(np.tanh(-0.5))
    assert far["cause one_day"] == far["type QTY_BREAK"] == far["field notional"] == 1.0
    assert hinted("Lost") == ""


def settled(day: Any, by: User, examples: list[Example]) -> None:
    """The examples as breaks that were resolved, one a minute."""
    begun = timezone.now() - timedelta(days=2)
    rows = [
        Break(
            definition=day.definition, identity=f"{at}", type=each.seen.type, severity="LOW", score=1, amount=1_000,
            product=each.seen.product, counterparty=each.seen.counterparty, reference=f"T{at}", cause=each.seen.hint,
            team="operations", answer_by=begun, resolve_by=begun,
        )
        for at, each in enumerate(examples)
    ]  # fmt: skip
    Break.objects.bulk_create(rows)
    for at, (row, each) in enumerate(zip(rows, examples, strict=True)):
        resolve_breaks(by=by, breaks=[row], reason="Looked into", cause=each.cause)
        Break.objects.filter(pk=row.pk).update(settled_at=begun + timedelta(minutes=at))


def test_people_resolve_a_job_learns_the_page_says_how_right_it_is(day, analyst: User, client: Client):
    settled(day, analyst, habits(60))
    assert [each.cause for each in examples_of_resolutions()] == [each.cause for each in habits(60)]
    client.force_login(analyst)
    assert "Nothing was learned yet" in client.get(reverse("recon-causes")).content.decode()
    job = request_learning(by=analyst, enqueue=False)
    assert work(job.code) == 1
    assert work(job.code) == 0
    learning = last_learning()
    assert learning is not None
    assert learning.summary["is_on"]
    page = client.get(reverse("recon-causes")).content.decode()
    assert f"{learning.summary['right']} of 15 breaks held back" in page
    assert f"{learning.summary['right_by_hints']} of the same" in page
    broken = day.definition.breaks.filter(state=BreakState.OPEN).first()
    assert "Likely causes" in client.get(reverse("recon-break", args=[broken.code])).content.decode()
    summary = {**learning.summary, "is_on": False}
    type(learning).objects.filter(code=learning.code).update(summary=summary)
    assert "Likely causes" not in client.get(reverse("recon-break", args=[broken.code])).content.decode()


def test_a_cause_is_one_of_the_list_and_learning_is_for_those_who_set_up(day, analyst: User, officer: User):
    row = day.definition.breaks.filter(state=BreakState.OPEN).first()
    with pytest.raises(Invalid, match="Cause: expected"):
        resolve_breaks(by=analyst, breaks=[row], reason="Why", cause="moonlight")
    with pytest.raises(Forbidden):
        request_learning(by=officer, enqueue=False)
    assert {str(each) for each in Cause} >= {"units", "late", "not_sent"}
