"""The page on which a version is worked on: its cells, its faults, and who may decide."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from ratings.models import RuleSet
from ratings.queries import current_rule_set
from ratings.rules import RULES
from records.cells import changes
from records.models import Status
from records.screen import Grids
from records.services import submit_version

SignIn = Callable[[User], Client]
# Django refuses a form of more fields.
LARGEST_FORM = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
FLOOR = "criteria.UK.BBB.dscr_minimum"


def form(draft: RuleSet, part: str, **typed: str) -> dict[str, Any]:
    """The page's form as a browser sends it back, with some fields typed over."""
    fields: dict[str, Any] = {"part": part, "revision": str(draft.revision), "do": "save"}
    for grid in Grids(RULES, draft.content).part(part):
        for cell in (cell for row in grid.rows for cell in row.cells if cell):
            chosen = [option.value for option in cell.options if option.is_chosen]
            fields[f"{cell.place}|value"] = (
                ["", *chosen] if cell.kind == "many" else chosen[0] if chosen else cell.typed
            )
            place = cell.row_place if grid.by_row else cell.place
            fields[f"{place}|provenance"] = next(option.value for option in cell.provenances if option.is_chosen)
            fields[f"{place}|source"] = cell.mark.source
    return {**fields, **typed}


PARTS = ("general", "stress", "banks", "UK", "EU", "US", "scale", "agencies", "published", "eligibility", "eligibility-1", "eligibility-2", "eligibility-3", "eligibility-4")  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_sending_a_part_back_as_it_is_changes_nothing(
    draft: RuleSet, admin: User, signed_in: SignIn, part: str
) -> None:
    client = signed_in(admin)
    page = client.get(draft.admin_url(), {"part": part})
    sent = form(draft, part)
    assert set(PARTS) == set(Grids(RULES, draft.content).parts())
    missing = [name for name in sent if "|" in name and f'name="{escape(name)}"' not in page.content.decode()]
    assert (missing, len(sent) < LARGEST_FORM) == ([], True)
    client.post(draft.admin_url(), sent)
    draft.refresh_from_db()
    assert changes(RULES, current_rule_set().content, draft.content) == []
    assert draft.revision == 1


def test_a_cell_is_changed_and_marked(draft: RuleSet, admin: User, signed_in: SignIn) -> None:
    client = signed_in(admin)
    typed = {f"{FLOOR}|value": "1.20", f"{FLOOR}|provenance": "assumption", f"{FLOOR}|source": "Committee\r\nof May"}
    page = client.post(draft.admin_url(), form(draft, "UK", **typed), follow=True).content.decode()
    draft.refresh_from_db()
    (change,) = changes(RULES, current_rule_set().content, draft.content)
    assert change.place == FLOOR
    assert change.new
    assert (change.new.value, change.new.source) == (1.2, "Committee\nof May")
    assert 'class="is-changed"' in page
    assert "was 1.15x, sourced: Rule book of the source platform: lowest DSCR by rating, UK, BBB" in page


def test_shares_are_typed_in_percent(draft: RuleSet, admin: User, signed_in: SignIn) -> None:
    place = "criteria.EU.A.max_advance_ratio"
    signed_in(admin).post(draft.admin_url(), form(draft, "EU", **{f"{place}|value": "62.5%"}))
    draft.refresh_from_db()
    assert [(c.place, c.new and c.new.value) for c in changes(RULES, current_rule_set().content, draft.content)] == [
        (place, 0.625)
    ]


# A cell of each table that stands row by row, what is typed, and what then stands there.
ROW_CELLS = [
    ("scale", "rating_scale.10.moodys", "Baa3*", "Baa3*"),
    ("scale", "rating_scale.13.crr_cqs", "", None),
    ("agencies", "agency_bands.S&P.minimum.OPBA 1-2.aa.low", "1.8", 1.8),
    ("published", "central_banks.EU.haircuts.asset-backed securities.V.CQS 1-2.any.any.haircut_pct", "12.5", "12.5"),
    ("eligibility-1", "collateral_criteria.boe_level_c.desk_advance.limit", "0.7", 0.7),
    ("eligibility-1", "collateral_criteria.boe_level_c.agency_ratings.binding", "yes", True),
    ("eligibility-2", "collateral_haircuts.eurosystem_general.cmbs..3.haircut_ratio", "6.5", 0.065),
]


@pytest.mark.parametrize(("part", "place", "typed", "value"), ROW_CELLS, ids=[case[1] for case in ROW_CELLS])
def test_tables_are_typed_cell_by_cell(
    draft: RuleSet, admin: User, signed_in: SignIn, part: str, place: str, typed: str, value: Any
) -> None:
    row = place.rpartition(".")[0]
    said = {f"{row}|provenance": "sourced", f"{row}|source": "the agency's page"}
    signed_in(admin).post(draft.admin_url(), form(draft, part, **{f"{place}|value": typed}, **said))
    draft.refresh_from_db()
    found = {c.place: c for c in changes(RULES, current_rule_set().content, draft.content)}
    assert {p for p, c in found.items() if c.value_differs} == {place}
    # The row says once where all its cells come from.
    assert {p.rpartition(".")[0] for p in found} == {row}
    new = found[place].new
    assert new
    assert (new.value, new.provenance, new.source) == (value, "sourced", "the agency's page")


def test_a_fault_of_the_scale_is_shown_at_its_cell(draft: RuleSet, admin: User, signed_in: SignIn) -> None:
    sent = {**form(draft, "scale", **{"rating_scale.6.moodys|value": "A1"}), "do": "submit"}
    response = signed_in(admin).post(draft.admin_url(), sent)
    assert response.status_code == 400
    page = response.content.decode()
    assert page.count('class="is-wrong"') == 1
    assert "notch 6: Moody&#x27;s A1 stands at notch 5 already" in page


def test_a_fault_is_shown_at_its_cell_and_keeps_from_submitting(draft: RuleSet, admin: User, signed_in: SignIn) -> None:
    client = signed_in(admin)
    sent = {**form(draft, "UK", **{f"{FLOOR}|value": "0.9"}), "do": "submit"}
    response = client.post(draft.admin_url(), sent)
    assert response.status_code == 400
    page = response.content.decode()
    assert 'class="is-wrong"' in page
    assert "UK BBB: DSCR floor, minimum year: expected 1 to 10, got 0.9." in page
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_an_outdated_page_keeps_what_was_typed(draft: RuleSet, admin: User, signed_in: SignIn) -> None:
    client = signed_in(admin)
    client.post(draft.admin_url(), form(draft, "UK", **{f"{FLOOR}|value": "1.2"}))
    response = client.post(draft.admin_url(), form(draft, "UK", **{f"{FLOOR}|value": "1.22"}))
    assert response.status_code == 400
    assert 'value="1.22"' in response.content.decode()
    assert "Somebody saved this draft meanwhile" in response.content.decode()


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-02-30"])
def test_a_day_that_is_none(draft: RuleSet, admin: User, signed_in: SignIn, day: str) -> None:
    response = signed_in(admin).post(draft.admin_url(), form(draft, "general", effective_from=day))
    assert response.status_code == 400
    assert "expected a date as YYYY-MM-DD" in response.content.decode()


def test_the_whole_way_by_hand(draft: RuleSet, admin: User, second_admin: User, signed_in: SignIn) -> None:
    ada, amir = signed_in(admin), signed_in(second_admin)
    typed = {f"{FLOOR}|value": "1.2", f"{FLOOR}|source": "the committee"}
    ada.post(draft.admin_url(), {**form(draft, "UK", **typed), "do": "submit"})
    assert "A second administrator decides: Ada Administrator wrote" in ada.get(draft.admin_url()).content.decode()
    assert ada.post(draft.admin_url(), {"do": "approve"}).status_code == 403
    review = amir.get(draft.admin_url()).content.decode()
    assert "Approve" in review
    assert "the committee" in review
    amir.post(draft.admin_url(), {"do": "approve"})
    assert current_rule_set() == draft
    page = ada.get(draft.get_absolute_url()).content.decode()
    assert "In force" in page
    assert "1.2x" in page


def test_copy_send_back_and_delete(draft: RuleSet, admin: User, second_admin: User, signed_in: SignIn) -> None:
    waiting = submit_version(by=admin, version=draft)
    amir = signed_in(second_admin)
    assert amir.post(draft.admin_url(), {"do": "reject", "reason": ""}).status_code == 400
    amir.post(draft.admin_url(), {"do": "reject", "reason": "no source"})
    assert "no source" in signed_in(admin).get(waiting.admin_url()).content.decode()
    copy = amir.post(draft.admin_url(), {"do": "copy"})
    assert RuleSet.objects.get(version=4).admin_url() == copy.headers["Location"]
    amir.post(copy.headers["Location"], {"do": "delete"})
    assert not RuleSet.objects.filter(version=4).exists()


def test_what_no_button_sends(draft: RuleSet, admin: User, signed_in: SignIn) -> None:
    client = signed_in(admin)
    assert client.post(draft.admin_url(), {"do": "shred"}).status_code == 400
    assert client.post(draft.admin_url(), {"do": "save", "revision": "one"}).status_code == 400
    assert client.get("/admin/ratings/ruleset/x/change/").status_code == 404


@pytest.mark.parametrize("person", ["sponsor", "internal"])
def test_readers_see_what_is_active_and_no_drafts(
    draft: RuleSet, person: str, request: pytest.FixtureRequest, signed_in: SignIn
) -> None:
    client = signed_in(request.getfixturevalue(person))
    active = current_rule_set()
    listing = client.get("/rules/").content.decode()
    assert active.get_absolute_url() in listing
    assert draft.get_absolute_url() not in listing
    page = client.get(active.get_absolute_url()).content.decode()
    assert "Rule book of the source platform: lowest DSCR by rating, UK, BBB" in page
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(f"{active.get_absolute_url()}changes/", {"from": str(draft.code)}).status_code == 200
    assert str(draft.code) not in client.get(f"{active.get_absolute_url()}changes/").content.decode()
