"""A tape of a thousand loans through the product: tape, pool, structure, run, and every page of it."""

from __future__ import annotations

import random
import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.models import JobState
from securitisation.class_risk import MOST_LOANS_EXACT, PATHS
from securitisation.services.tapes import open_tape, take_tape
from securitisation.services.write_structure import make_structure
from securitisation.translate import engine_deal
from tests.securitisation.cast import HEADER, finished_run

pytestmark = pytest.mark.django_db
COUNT = 1_000
MOST_SECONDS = 60.0  # of a run; two cores take a few


def thousand_loans() -> bytes:
    """Loans of every kind, 24 to 360 months, a few unequal in size."""
    draw = random.Random(11)  # a tape, no secret
    kinds, ratings = ("annuity", "straight line", "interest only"), ("A", "BBB", "BB", "B")
    rows = [
        f"L{n},GBP,{draw.randint(100_000, 5_000_000)},{draw.uniform(0.03, 0.09):.4%},{draw.randint(24, 360)},"
        f"{draw.choice(kinds)},Obligor {n % 400},Sector {n % 12},{draw.choice(ratings)}\n"
        for n in range(COUNT)
    ]
    return (HEADER + "".join(rows)).encode()


def test_a_thousand_loans_from_tape_to_every_page(admin: User, client: Client):
    client.force_login(admin)
    tape = open_tape(by=admin, name="Thousand", file_name="thousand.csv", content=thousand_loans())
    pool = take_tape(by=admin, tape=tape)
    structure = make_structure(by=admin, name="Thousand loan notes", pool=pool)
    began = time.process_time()
    run = finished_run(admin, structure)
    seconds = time.process_time() - began
    assert run.state == JobState.DONE, run.error
    assert seconds < MOST_SECONDS
    deal, summary = engine_deal(run.version), run.summary
    assert len(deal.pool.loans) == COUNT > MOST_LOANS_EXACT, PATHS
    assert summary["risk"]["paths"] == PATHS  # drawn, as pools above the exact recursion's are
    found = summary["pool"]
    assert found["scheduled"] + found["prepaid"] + found["recovered"] + found["loss"] == pytest.approx(
        deal.pool.balance_amount, rel=1e-9
    )
    pages = [
        ("loan-tapes", ()), ("loan-tape", (tape.code,)), ("loan-pool", (pool.code,)), ("structures", ()),
        ("structure", (structure.code,)), ("structure-edit", (structure.code,)), ("structure-size", (structure.code,)),
        ("structure-tap", (structure.code,)), ("structure-changes", (structure.code,)),
        ("notes-run-new", (structure.code,)), ("notes-run", (run.code,)), ("notes-payments", (run.code,)),
        ("notes-papers", (run.code,)), ("notes-workbook", (run.code,)),
        ("notes-investor-paper", (run.code,)), ("notes-investor-workbook", (run.code,)),
    ]  # fmt: skip
    slow = {}
    for name, arguments in pages:
        began = time.process_time()
        answer = client.get(reverse(name, args=arguments))
        assert answer.status_code == 200, name
        slow[name] = time.process_time() - began
    assert max(slow.values()) < MOST_SECONDS, slow
    last = client.get(reverse("loan-pool", args=[pool.code]) + "?page=10").content.decode()
    assert "L999" in last
