"""A version's life: copied, edited, submitted, sent back or approved by somebody else, and then never changed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import AuditEntry, User
from lib.errors import AppendOnlyError, Forbidden, Invalid
from notifications.models import Notification
from permutations.services.request_run import request_run
from projects.demo import demo_document
from projects.services import create_project
from ratings.models import RuleSet
from ratings.queries import current_rule_set
from ratings.rules import RULES
from ratings.seeding import AGENCY_VALUE
from records.cells import changes
from records.editing import Typed
from records.models import Status
from records.services import approve_version, copy_version, delete_draft, edit_version, reject_version, submit_version
from tests.projects.reviewed import approved

FLOOR = "criteria.UK.BBB.dscr_minimum"


def edited(draft: RuleSet, by: User, value: str = "1.2", place: str = FLOOR, **head: Any) -> RuleSet:
    cells = {place: Typed(value, "assumption", "the committee's view")}
    return edit_version(by=by, version=draft, revision=draft.revision, cells=cells, **head)


def test_a_copy_is_the_next_version_with_the_same_content(draft: RuleSet, admin: User) -> None:
    assert (draft.label, draft.status, draft.based_on) == ("agency-value/3", Status.DRAFT, current_rule_set())
    assert changes(RULES, current_rule_set().content, draft.content) == []
    assert draft.content["version"] == "agency-value/3"
    assert copy_version(by=admin, version=draft).version == 4


def test_an_edit_changes_one_cell_and_the_trail_says_which(draft: RuleSet, admin: User) -> None:
    after = edited(draft, admin)
    (change,) = changes(RULES, draft.content, after.content)
    assert change.place == FLOOR
    assert change.old
    assert change.new
    assert (change.old.value, change.old.provenance) == (1.15, "sourced")
    assert (change.new.value, change.new.provenance, change.new.source) == (1.2, "assumption", "the committee's view")
    entry = AuditEntry.objects.get(action="rule_set.edited")
    assert entry.before == {FLOOR: [1.15, "sourced", "platform_rules.json: dscr_min_by_rating.UK.BBB"]}
    assert entry.after == {FLOOR: [1.2, "assumption", "the committee's view"]}
    assert after.terms().rows_for("UK")[4].dscr_minimum == 1.2


def test_saving_what_is_there_changes_nothing(draft: RuleSet, admin: User) -> None:
    row = next(r for r in draft.content["criteria"] if (r["jurisdiction"], r["rating"]) == ("UK", "BBB"))
    said = row["sources"]["max_advance_ratio"]
    typed = {"criteria.UK.BBB.max_advance_ratio": Typed("75", said["provenance"], said["source"])}
    assert edit_version(by=admin, version=draft, revision=1, cells=typed).revision == 1
    assert not AuditEntry.objects.filter(action="rule_set.edited").exists()


def test_an_edit_of_what_somebody_else_changed_is_refused(draft: RuleSet, admin: User, second_admin: User) -> None:
    edited(draft, admin)
    with pytest.raises(Invalid, match="meanwhile"):
        edited(draft, second_admin, "1.3")


def test_a_draft_with_faults_is_kept_but_not_submitted(draft: RuleSet, admin: User) -> None:
    faulty = edited(draft, admin, "one and a half")
    with pytest.raises(Invalid, match="UK BBB: DSCR floor, minimum year: expected a number, got 'one and a half'"):
        submit_version(by=admin, version=faulty)


def test_a_second_administrator_approves(draft: RuleSet, admin: User, second_admin: User) -> None:
    waiting = submit_version(by=admin, version=edited(draft, admin))
    assert current_rule_set().version == 2
    (told,) = Notification.objects.all()
    assert (told.person, told.kind, told.url) == (second_admin, RULES.waiting, waiting.admin_url())
    with pytest.raises(Forbidden, match="second administrator"):
        approve_version(by=admin, version=waiting)
    active = approve_version(by=second_admin, version=waiting)
    assert current_rule_set() == active
    assert active.decided_by == second_admin
    assert Notification.objects.get(person=admin).kind == RULES.decided
    actions = AuditEntry.objects.filter(target_code=draft.code).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["rule_set.copied", "rule_set.edited", "rule_set.submitted", "rule_set.approved"]


def test_whoever_edited_a_part_does_not_approve_the_whole(draft: RuleSet, admin: User, second_admin: User) -> None:
    waiting = submit_version(by=admin, version=edited(draft, second_admin))
    for author in (admin, second_admin):
        with pytest.raises(Forbidden):
            approve_version(by=author, version=waiting)
    waiting.refresh_from_db()
    assert waiting.is_waiting


def test_an_approved_version_stays_as_it_is(draft: RuleSet, admin: User, second_admin: User) -> None:
    active = approve_version(by=second_admin, version=submit_version(by=admin, version=draft))
    with pytest.raises(Invalid, match="only a version that is draft"):
        edited(active, admin)
    with pytest.raises(Invalid):
        delete_draft(by=admin, version=active)
    active.name = "Other"
    with pytest.raises(AppendOnlyError):
        active.save()
    for statement in ("UPDATE ratings_ruleset SET content = '{}'", "DELETE FROM ratings_ruleset"):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{statement} WHERE version = 3")


def test_a_waiting_version_is_not_edited(draft: RuleSet, admin: User) -> None:
    waiting = submit_version(by=admin, version=draft)
    with pytest.raises(Invalid, match="waiting for approval"):
        edited(waiting, admin)


def test_sent_back_with_a_reason(draft: RuleSet, admin: User, second_admin: User) -> None:
    waiting = submit_version(by=admin, version=draft)
    with pytest.raises(Invalid, match="Say why"):
        reject_version(by=second_admin, version=waiting, reason="  ")
    back = reject_version(by=second_admin, version=waiting, reason="The BBB floor has no source.")
    assert (back.status, back.decision_reason) == (Status.DRAFT, "The BBB floor has no source.")
    assert Notification.objects.get(person=admin).body == "The BBB floor has no source."
    again = submit_version(by=admin, version=edited(back, admin))
    assert again.decision_reason == ""


def test_a_draft_may_be_deleted(draft: RuleSet, admin: User) -> None:
    copy = copy_version(by=admin, version=draft)
    with pytest.raises(Invalid, match="delete that first"):
        delete_draft(by=admin, version=draft)
    delete_draft(by=admin, version=copy)
    delete_draft(by=admin, version=draft)
    assert not RuleSet.objects.filter(version__gt=2, family=AGENCY_VALUE).exists()
    assert AuditEntry.objects.filter(action="rule_set.deleted").count() == 2


@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2024, 6, 1)])
def test_overlapping_dates_are_refused(draft: RuleSet, admin: User, day: date) -> None:
    moved = edit_version(by=admin, version=draft, revision=1, effective_from=day)
    with pytest.raises(Invalid, match="would overlap"):
        submit_version(by=admin, version=moved)


def test_of_two_that_would_overlap_only_the_first_is_approved(draft: RuleSet, admin: User, second_admin: User) -> None:
    other = copy_version(by=admin, version=draft)
    assert other.effective_from == draft.effective_from == timezone.localdate()
    for each in (draft, other):
        submit_version(by=admin, version=each)
    approve_version(by=second_admin, version=draft)
    with pytest.raises(Invalid, match=r"agency-value/4 would be effective .* agency-value/3"):
        approve_version(by=second_admin, version=other)
    assert copy_version(by=admin, version=draft).effective_from == timezone.localdate() + timedelta(days=1)


@pytest.mark.parametrize("person", ["internal", "sponsor"])
def test_only_administrators_work_on_rules(draft: RuleSet, person: str, request: pytest.FixtureRequest) -> None:
    user = request.getfixturevalue(person)
    for attempt in (
        lambda: copy_version(by=user, version=draft),
        lambda: edited(draft, user),
        lambda: submit_version(by=user, version=draft),
        lambda: approve_version(by=user, version=draft),
        lambda: reject_version(by=user, version=draft, reason="no"),
        lambda: delete_draft(by=user, version=draft),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_a_run_takes_approved_rules_only(draft: RuleSet, admin: User, sponsor: User) -> None:
    inputs = demo_document(timezone.localdate())["inputs"]
    project = approved(create_project(by=sponsor, title="Campus", inputs=inputs), by=admin)
    with pytest.raises(Invalid, match="a run takes approved rules"):
        request_run(by=admin, project=project, rule_set=draft, enqueue=False)
