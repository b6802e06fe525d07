"""An open over-raise is said on every page of the financing, and of the run that opens it; a closed one nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from financings.models import Financing
from financings.over_raise import over_raise_of, over_raise_words
from financings.services.type_financing import type_financing
from projects.models import Project
from tests.permutations.cast import SMALL_LEVERS
from tests.permutations.conftest import small_run

SignIn = Callable[[User], Client]
PAGES = ("financing", "compliance", "financing-stress", "simulation-new", "evidence")
SAID = "may reach 115.0% of all uses at close, for a take-out after completion only."


@pytest.mark.parametrize(("headroom", "most"), [(0.0, "100.0%"), (0.15, "115.0%"), (0.205, "120.5%")])
def test_what_is_said(headroom: float, most: str) -> None:
    assert f"may reach {most} of all uses at close, for a take-out" in over_raise_words(headroom)
    assert f"may reach {most} of market cost, for a take-out" in over_raise_words(headroom, "market_cost")


@pytest.mark.parametrize("closed", [{}, {"over_raise_ratio": None}, {"over_raise_ratio": []}])
def test_nothing_is_said_of_a_closed_lever(closed: dict[str, Any]) -> None:
    assert over_raise_of(closed, {}) == ""


def test_a_run_says_the_most_that_it_opens() -> None:
    assert "115.0% of all uses" in over_raise_of({"over_raise_ratio": [0.0, 0.15]}, {})
    basis = {"general": {"gearing_basis": "market_cost"}}
    assert "100.0% of market cost" in over_raise_of({"over_raise_ratio": 0.0}, basis)


def test_every_page_of_a_financing_says_so(best: Financing, project: Project, admin: User, signed_in: SignIn) -> None:
    lifted = type_financing(by=admin, project=project, levers={**best.choice, "over_raise_ratio": 0.15})
    client = signed_in(admin)
    for name in PAGES:
        assert SAID in client.get(reverse(name, args=[lifted.code])).content.decode(), name
        assert "Over-raise:" not in client.get(reverse(name, args=[best.code])).content.decode(), name


def test_the_page_of_a_run_says_so(project: Project, smallest_chunk: int, admin: User, signed_in: SignIn) -> None:
    levers = {"axes": {**SMALL_LEVERS["axes"], "over_raise_ratio": [0.0, 0.15]}}
    lifted, plain = (small_run(project, smallest_chunk, levers=each) for each in (levers, SMALL_LEVERS))
    client = signed_in(admin)
    pages = [client.get(reverse("run-detail", args=[run.code])).content.decode() for run in (lifted, plain)]
    assert [SAID in page for page in pages] == [True, False]
