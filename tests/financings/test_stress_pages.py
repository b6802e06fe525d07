"""The stress page of a financing, where its run's ratings go, and what central banks say."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from financings.models import Financing
from ratings.services.scenario_sets import create_scenario_set

pytestmark = pytest.mark.django_db


def test_the_standard_grid_of_a_financing(client: Client, sponsor: User, best: Financing):
    client.force_login(sponsor)
    page = client.get(reverse("financing-stress", args=[best.code])).content.decode()
    assert "CPI 2.5%, rates +200 bps, default 10%" in page
    assert "How far until it breaks" in page
    assert "not within" in page
    assert "stress-charts" in page
    assert "Where the run&#x27;s ratings go" in page or "Where the run's ratings go" in page


def test_columns_in_which_no_scenario_has_anything_are_told_below_the_table(
    client: Client, sponsor: User, other_sponsor: User, best: Financing
):
    """The rating stands beside the name, and what is empty throughout does not push it off the screen."""
    empty = create_scenario_set(by=sponsor, name="Empty", scenarios=[{"name": "nobody", "vacancy_ratio": 0.9}])
    client.force_login(sponsor)
    url = reverse("financing-stress", args=[best.code])
    sound, hard = (client.get(url, asked).content.decode() for asked in ({}, {"set": str(empty.code)}))
    for page, has_breach in ((sound, False), (hard, True)):
        heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page[page.index('id="outcomes-title"') :])[:15]
        assert heads[:4] == ["Scenario", "Rating", "Notches", "DSCR, lowest"]
        assert ("Breach, month" in heads) is has_breach
        assert ("Nothing in any scenario: Breach, month" in page) is not has_breach
    assert '<th scope="row">Nobody</th>' in hard


def test_a_set_of_ones_own(client: Client, sponsor: User, other_sponsor: User, best: Financing):
    mine = create_scenario_set(by=sponsor, name="Mine", scenarios=[{"name": "Half empty", "vacancy_ratio": 0.5}])
    theirs = create_scenario_set(by=other_sponsor, name="Theirs", scenarios=[{"name": "Secret"}])
    client.force_login(sponsor)
    url = reverse("financing-stress", args=[best.code])
    page = client.get(url, {"set": str(mine.code), "across": "opex", "down": "delay"}).content.decode()
    assert "Half empty" in page
    assert "of 1 fall below 1.00x" in page
    assert "Secret" not in page
    for wrong in ({"set": str(theirs.code)}, {"set": "x"}, {"across": "x"}):
        assert client.get(url, wrong).status_code == 404


def test_the_financing_says_what_central_banks_ask(client: Client, sponsor: User, best: Financing):
    client.force_login(sponsor)
    page = client.get(reverse("financing", args=[best.code])).content.decode()
    for words in ("Bank of England: Level C", "Asset class named by the bank", "Platform&#x27;s repo grid", "Missing"):
        assert words in page
