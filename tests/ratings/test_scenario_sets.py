"""Scenario sets: kept, shared, changed by their owner alone, and refused with the scenario's place."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from engine.stress import FIELDS, StressScenario
from lib.errors import Forbidden, Invalid
from ratings.models import ScenarioSet
from ratings.scenario_access import visible_scenario_sets
from ratings.services.scenario_sets import (
    create_scenario_set,
    delete_scenario_set,
    edit_scenario_set,
    share_scenario_set,
)

pytestmark = pytest.mark.django_db

LATE = {"name": "Late", "delay_months": 6}
SLOW = {"name": "Slow", "cpi_rates": [0.0, 0.01], "vacancy_ratio": 0.1}


def posted(*rows: dict[str, str], **more: str) -> dict[str, str]:
    """A form as a browser sends it: every field of every row."""
    data = {"action": "save", **more}
    for number, row in enumerate(rows, start=1):
        data |= {f"{number}-{spec.path}": row.get(spec.path, "") for spec in FIELDS}
    return data


def test_a_set_keeps_every_term_of_its_scenarios(sponsor: User):
    kept = create_scenario_set(by=sponsor, name=" Mine ", scenarios=[LATE, SLOW])
    assert kept.name == "Mine"
    assert kept.terms() == (
        StressScenario("Late", delay_months=6),
        StressScenario("Slow", (0.0, 0.01), vacancy_ratio=0.1),
    )
    entry = AuditEntry.objects.get(action="scenario_set.created")
    assert (entry.actor, entry.target_code) == (sponsor, kept.code)


@pytest.mark.parametrize(
    ("name", "scenarios", "place"),
    [("", [LATE], "name"), ("Mine", [], "scenarios"), ("Other", [LATE, LATE], "scenarios"),
     ("Other", [{**LATE, "delay_months": -1}], "scenarios.0.delay_months"), ("Taken", [LATE], "name")],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(sponsor: User, name: str, scenarios: list[Any], place: str):
    create_scenario_set(by=sponsor, name="Taken", scenarios=[LATE])
    with pytest.raises(Invalid) as caught:
        create_scenario_set(by=sponsor, name=name, scenarios=scenarios)
    assert place in {problem.place for problem in caught.value.problems}


def test_two_people_may_use_one_name(sponsor: User, other_sponsor: User):
    create_scenario_set(by=sponsor, name="Mine", scenarios=[LATE])
    assert create_scenario_set(by=other_sponsor, name="Mine", scenarios=[SLOW]).pk


def test_sharing_lets_others_read_and_the_owner_write(sponsor: User, other_sponsor: User):
    kept = create_scenario_set(by=sponsor, name="Mine", scenarios=[LATE])
    assert not visible_scenario_sets(other_sponsor).exists()
    kept = share_scenario_set(by=sponsor, scenario_set=kept, is_shared=True)
    assert visible_scenario_sets(other_sponsor).get() == kept
    for refused in (
        lambda: edit_scenario_set(by=other_sponsor, scenario_set=kept, name="Theirs", scenarios=[SLOW]),
        lambda: share_scenario_set(by=other_sponsor, scenario_set=kept, is_shared=False),
        lambda: delete_scenario_set(by=other_sponsor, scenario_set=kept),
    ):
        with pytest.raises(Forbidden):
            refused()
    edited = edit_scenario_set(by=sponsor, scenario_set=kept, name="Renamed", scenarios=[SLOW])
    entry = AuditEntry.objects.get(action="scenario_set.edited")
    assert ((entry.before or {})["name"], (entry.after or {})["name"]) == ("Mine", "Renamed")
    delete_scenario_set(by=sponsor, scenario_set=edited)
    assert not ScenarioSet.objects.exists()
    deleted = AuditEntry.objects.get(action="scenario_set.deleted")
    assert (deleted.before or {})["name"] == "Renamed"


# Pages


def test_a_set_is_made_in_percent_and_read_back(client: Client, sponsor: User):
    client.force_login(sponsor)
    row = {"name": "Slow", "cpi_rates": "0.5 1%", "vacancy_ratio": "7.5", "short_shift_bps": "150", "relet_months": "9"}
    response = client.post(reverse("scenario-set-new"), posted(row, {}, name="Mine"))
    kept = ScenarioSet.objects.get()
    assert response.headers["Location"] == reverse("scenario-set", args=[kept.code])
    scenario = kept.terms()[0]
    assert scenario == StressScenario("Slow", (0.005, 0.01), 150.0, vacancy_ratio=0.075, relet_months=9)
    page = client.get(reverse("scenario-set", args=[kept.code])).content.decode()
    assert 'value="7.5"' in page
    assert 'value="0.5 1"' in page


def test_a_fault_is_told_at_its_field_and_nothing_is_saved(client: Client, sponsor: User):
    client.force_login(sponsor)
    response = client.post(reverse("scenario-set-new"), posted({"name": "Slow", "vacancy_ratio": "120"}, name="Mine"))
    assert response.status_code == 422
    assert "Vacancy: expected 0% to 100%, got 120%." in response.content.decode()
    assert not ScenarioSet.objects.exists()


def test_a_row_is_removed_on_saving(client: Client, sponsor: User):
    kept = create_scenario_set(by=sponsor, name="Mine", scenarios=[LATE, SLOW])
    client.force_login(sponsor)
    data = posted({"name": "Late", "delay_months": "6"}, {"name": "Slow"}, name="Mine") | {"1-remove": "yes"}
    client.post(reverse("scenario-set", args=[kept.code]), data)
    kept.refresh_from_db()
    assert [each["name"] for each in kept.scenarios] == ["Slow"]


def test_a_shared_set_is_read_and_copied_by_others(client: Client, sponsor: User, other_sponsor: User):
    kept = create_scenario_set(by=sponsor, name="Mine", scenarios=[LATE])
    client.force_login(sponsor)
    client.post(reverse("scenario-set-share", args=[kept.code]), {"shared": "yes"})
    client.force_login(other_sponsor)
    url = reverse("scenario-set", args=[kept.code])
    page = client.get(url).content.decode()
    assert 'value="save"' not in page
    assert client.post(url, posted({"name": "X"}, name="Theirs")).status_code == 403
    copy = client.get(reverse("scenario-set-new"), {"from": str(kept.code)}).content.decode()
    assert 'value="Mine, copy"' in copy
    assert 'value="Late"' in copy
    assert reverse("scenario-set", args=[kept.code]) in client.get(reverse("scenario-sets")).content.decode()


def test_administrators_find_sets_and_change_none(admin: User, sponsor: User, signed_in: Any) -> None:
    shared = create_scenario_set(by=sponsor, name="House", scenarios=[{"name": "Late", "delay_months": 6}])
    create_scenario_set(by=admin, name="Drawer", scenarios=[{"name": "Dear", "opex_overrun_ratio": 0.1}])
    share_scenario_set(by=sponsor, scenario_set=shared, is_shared=True)
    client, listing = signed_in(admin), reverse("admin:ratings_scenarioset_changelist")
    found = client.get(listing, {"is_shared__exact": "1"}).content.decode()
    assert ("House" in found, "Drawer" in found) == (True, False)
    assert "Drawer" in client.get(listing, {"q": admin.email}).content.decode()
    url = reverse("admin:ratings_scenarioset_change", args=[shared.pk])
    assert "&quot;delay_months&quot;: 6" in client.get(url).content.decode()
    assert client.post(url, {"is_shared": ""}).status_code == 403
    shared.refresh_from_db()
    assert shared.is_shared
