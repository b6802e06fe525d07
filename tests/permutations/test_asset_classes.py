"""Rules are written for an asset class: a run takes those of its project's class, and of no other."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid, NotFound
from permutations.forms import RunForm
from permutations.models import Run
from permutations.services.request_run import request_run
from projects.models import AssetClass, Project
from projects.services import add_asset_class, create_project, duplicate_project, set_asset_class
from ratings.models import RuleSet
from ratings.queries import current_rule_set, rule_set_choices, rule_set_for
from ratings.rules import RULES
from ratings.seeding import MARKET_COST
from ratings.services import seed_rule_sets
from records.cells import changes
from records.exchange import Reading, document_of
from records.services import approve_version, copy_version, import_version, submit_version
from tests.pages.test_run_form import posted
from tests.projects.cast import sound_inputs
from tests.projects.reviewed import approved

SignIn = Callable[[User], Client]
LEVERS = {"axes": {"senior_tenor_years": [15], "senior_dscr": [1.3], "senior_coupon_rate": [0.05]}}


@pytest.fixture
def project(sponsor: User, admin: User) -> Project:
    seed_rule_sets()
    return approved(create_project(by=sponsor, title="Campus", inputs=sound_inputs()), by=admin)


@pytest.fixture
def hotels(admin: User) -> AssetClass:
    return add_asset_class(by=admin, code="hotel", name="Hotels")


@pytest.fixture
def hotel_rules(project: Project, hotels: AssetClass, admin: User, second_admin: User) -> RuleSet:
    """Copied from the data centres' rules and approved."""
    draft = copy_version(by=admin, version=current_rule_set(), scope="hotel")
    return approve_version(by=second_admin, version=submit_version(by=admin, version=draft))


def run_of(project: Project, admin: User, rule_set: RuleSet | None = None) -> Run:
    return request_run(by=admin, project=project, levers=LEVERS, rule_set=rule_set, enqueue=False)


def test_a_second_classs_rules_are_a_copy_in_a_family_of_its_own(hotel_rules: RuleSet) -> None:
    assert (hotel_rules.label, hotel_rules.asset_class_name) == ("agency-value-hotel/1", "Hotels")
    assert changes(RULES, current_rule_set().content, hotel_rules.content) == []
    assert rule_set_choices("hotel") == [hotel_rules]
    assert hotel_rules not in rule_set_choices()


def test_the_next_copy_goes_on_in_that_family_and_back(hotel_rules: RuleSet, admin: User) -> None:
    assert copy_version(by=admin, version=hotel_rules).label == "agency-value-hotel/2"
    assert copy_version(by=admin, version=hotel_rules, scope="data_centre").label == "agency-value/3"


def test_a_data_centres_run_never_takes_them(project: Project, hotel_rules: RuleSet, admin: User) -> None:
    assert run_of(project, admin).rule_set == current_rule_set()
    with pytest.raises(Invalid, match="is for hotels, the project is one of data centres"):
        run_of(project, admin, hotel_rules)


def test_a_hotels_run_takes_them_and_no_other(project: Project, hotel_rules: RuleSet, admin: User) -> None:
    hotel = set_asset_class(by=admin, project=project, asset_class="hotel")
    assert run_of(hotel, admin).rule_set == hotel_rules
    with pytest.raises(Invalid, match="is for data centres, the project is one of hotels"):
        run_of(hotel, admin, current_rule_set())
    assert duplicate_project(by=admin, project=hotel).asset_class == "hotel"


def test_a_class_without_rules_is_not_run(project: Project, hotels: AssetClass, admin: User) -> None:
    set_asset_class(by=admin, project=project, asset_class="hotel")
    with pytest.raises(NotFound, match="no active rating rules for hotels"):
        run_of(project, admin)


def test_an_unknown_class_is_refused_everywhere(project: Project, admin: User) -> None:
    for attempt in (
        lambda: set_asset_class(by=admin, project=project, asset_class="yacht"),
        lambda: copy_version(by=admin, version=current_rule_set(), scope="yacht"),
    ):
        with pytest.raises(Invalid, match="expected one of data_centre, got 'yacht'"):
            attempt()


def test_a_family_is_of_one_class(hotel_rules: RuleSet, admin: User) -> None:
    document = {**document_of(hotel_rules), "asset_class": "data_centre"}
    with pytest.raises(Invalid, match="family agency-value-hotel is of another asset class"):
        import_version(by=admin, model=RuleSet, reading=Reading(document))


@pytest.mark.parametrize(("code", "name"), [("data_centre", "More data centres"), ("", "Empty"), ("two words", "Words"), ("hotel", "Again")])  # fmt: skip
def test_classes_that_are_refused(hotels: AssetClass, admin: User, code: str, name: str) -> None:
    with pytest.raises(Invalid):
        add_asset_class(by=admin, code=code, name=name)
    assert AssetClass.objects.get() == hotels


def test_only_administrators_add_and_set(project: Project, hotels: AssetClass, sponsor: User, internal: User) -> None:
    for person in (sponsor, internal):
        with pytest.raises(Forbidden):
            add_asset_class(by=person, code="yacht", name="Yachts")
        with pytest.raises(Forbidden):
            set_asset_class(by=person, project=project, asset_class="hotel")


def test_by_hand(project: Project, admin: User, signed_in: SignIn) -> None:
    """Added in the administration, copied for, set on the project's page, chosen on the run's."""
    client = signed_in(admin)
    assert "Set the class" not in client.get(project_url(project)).content.decode()
    client.post(reverse("admin:projects_assetclass_add"), {"code": "hotel", "name": "Hotels"})
    assert AuditEntry.objects.get(action="asset_class.added").after == {"code": "hotel", "name": "Hotels"}
    copy = client.post(current_rule_set().admin_url(), {"do": "copy", "scope": "hotel"})
    assert RuleSet.objects.get(asset_class="hotel").admin_url() == copy.headers["Location"]
    listed = client.get(reverse("admin:ratings_ruleset_changelist"), {"asset_class": "hotel"}).content.decode()
    assert ("agency-value-hotel/1" in listed, "market-cost/3" in listed) == (True, False)
    client.post(reverse("project-asset-class", args=[project.code]), {"asset_class": "hotel"})
    page = client.get(project_url(project)).content.decode()
    assert '<option value="hotel" selected>Hotels</option>' in page
    assert "None in force for this asset class" in client.get(reverse("run-new", args=[project.code])).content.decode()


def test_the_family_is_chosen_on_the_runs_page(project: Project, admin: User, signed_in: SignIn) -> None:
    url, client = reverse("run-new", args=[project.code]), signed_in(admin)
    market = current_rule_set(MARKET_COST)
    assert f'value="{market.code}"' in client.get(url).content.decode()
    sent = posted(RunForm.from_preset("quick"), action="start", budget="10", rule_set=str(market.code))
    client.post(url, dict(sent.lists()))
    sent["rule_set"] = "00000000-0000-4000-8000-000000000000"
    refused = client.post(url, dict(sent.lists()))
    assert "not in force for the project&#x27;s asset class" in refused.content.decode()
    assert [run.rule_set for run in Run.objects.all()] == [market]


def test_what_a_run_takes_where_nobody_chose(project: Project) -> None:
    assert rule_set_for("data_centre").label == "agency-value/2"


def project_url(project: Project) -> str:
    return reverse("project-detail", args=[project.code])
