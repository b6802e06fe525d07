"""What of the inputs is shown and offered, given the choices made beside them."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from engine.project import FIELDS
from projects.relevance import HANGS_ON, by_field_name, matters
from projects.services import create_project
from projects.views.shown import input_groups
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved


def labels(inputs: dict[str, object]) -> set[str]:
    return {label for _, rows in input_groups(inputs) for label, _, _ in rows}


def test_every_field_named_is_one_of_the_engine() -> None:
    paths = {spec.path for spec in FIELDS}
    assert {path for path, (choice, _) in HANGS_ON.items() if path not in paths or choice not in paths} == set()


@pytest.mark.parametrize(("lease", "is_shown"), [("triple_net", False), ("gross", True)])
def test_power_is_the_landlords_under_a_gross_lease_only(lease: str, is_shown: bool) -> None:
    inputs = put(put(sound_inputs(), "revenue.lease_type", lease), "revenue.electricity_price_per_mwh", 100)
    assert matters("revenue.electricity_price_per_mwh", inputs) is is_shown
    assert ("Electricity price" in labels(inputs)) is is_shown


def test_a_fixed_escalator_of_a_lease_with_cpi_is_not_told() -> None:
    inputs = put(put(sound_inputs(), "lease.indexation", "cpi"), "lease.fixed_indexation_rate", 0)
    assert "Fixed escalator" not in labels(inputs)
    assert "Fixed escalator" in labels(put(inputs, "lease.indexation", "fixed"))


def test_sponsor_and_location_stand_on_the_page(client: Client, sponsor: User) -> None:
    inputs = put(put(sound_inputs(), "meta.sponsor_name", "Harbour Data Ltd"), "meta.location", "Slough")
    project = create_project(by=sponsor, title="Quay", inputs=inputs)
    client.force_login(sponsor)
    page = client.get(reverse("project-detail", args=[project.code])).content.decode()
    assert "Harbour Data Ltd" in page
    assert "Slough" in page


def test_the_forms_script_reads_the_same_table(client: Client, sponsor: User) -> None:
    client.force_login(sponsor)
    page = client.get(reverse("project-new")).content.decode()
    told = re.search(r'<script id="field-needs" type="application/json">(.*?)</script>', page)
    assert told
    assert json.loads(told.group(1)) == json.loads(json.dumps(by_field_name()))


def test_a_refused_form_names_each_fault_and_leads_to_it(client: Client, sponsor: User) -> None:
    client.force_login(sponsor)
    answer = client.post(reverse("project-new"), {"action": "save", "door": "quick", "title": "Quay"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "data-faults" in page
    linked = set(re.findall(r'<a href="#(id_\w+)">', page))
    assert "id_power__gross_facility_mw" in linked
    assert all(f'id="{each}"' in page for each in linked)


def test_who_edits_an_approved_project_is_told_what_saving_does(client: Client, admin: User, sponsor: User) -> None:
    project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    client.force_login(sponsor)
    address = reverse("project-edit", args=[project.code])
    assert "as a change request" not in client.get(address).content.decode()
    approved(project, by=admin)
    assert "Save the changes as a change request" in client.get(address).content.decode()
