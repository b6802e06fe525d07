"""Colleagues of one organisation: what each role sees and does of its projects, everywhere, and what of joining and leaving."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Invitation, Member, Organisation, OrganisationRole, User
from accounts.organisations import membership_of
from accounts.services import erase_user
from accounts.services.organisations import (
    accept_invitation,
    change_member,
    found_organisation,
    invite_member,
    remove_member,
    withdraw_invitation,
)
from lib.errors import Forbidden, Invalid, NotFound
from permutations.access import visible_runs
from permutations.services.request_run import request_run
from projects.access import can_create, can_edit, can_keep, keepers_of, visible_projects, visible_series
from projects.listing import Asked, list_projects
from projects.models import Project, Status
from projects.services import (
    create_project,
    create_series,
    delete_project,
    duplicate_project,
    edit_project,
    move_project,
    reject_submission,
    submit_project,
)
from ratings.services import seed_market_sets, seed_rule_sets
from tests.api.cast import Program
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


@pytest.fixture
def organisation(sponsor: User, project: Project) -> Organisation:
    """Sofia's, who had a project before."""
    assert project.organisation is None
    return found_organisation(by=sponsor, name="  Sponsor  and Sons ")


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


@pytest.fixture
def joined(organisation: Organisation, sponsor: User, other_sponsor: User) -> Callable[[str], Member]:
    """Otto as a member in this role."""

    def join(role: str) -> Member:
        invitation = invite_member(by=sponsor, organisation=organisation, email=other_sponsor.email, role=role)
        return accept_invitation(by=other_sponsor, invitation=invitation)

    return join


def test_what_a_founder_had_belongs_to_the_organisation(organisation: Organisation, project: Project, sponsor: User):
    project.refresh_from_db()
    assert (organisation.name, project.organisation) == ("Sponsor and Sons", organisation)
    assert create_project(by=sponsor, title="New", inputs={}).organisation == organisation
    assert AuditEntry.objects.filter(action="project.shared", target_code=project.code).count() == 1


@pytest.mark.parametrize("role", OrganisationRole.values)
def test_every_member_sees_everything(
    role: str, joined: Callable[[str], Member], project: Project, other_sponsor: User, admin: User, signed_in: SignedIn
):
    seed_rule_sets()
    seed_market_sets()
    project.refresh_from_db()
    approved(project, by=admin)
    levers = {"axes": {"senior_tenor_years": [15], "senior_dscr": [1.35]}}
    run = request_run(by=admin, project=project, levers=levers, enqueue=False)
    client, program = signed_in(other_sponsor), Program(other_sponsor, ["read"])
    page = reverse("project-detail", args=[project.code])
    assert not visible_projects(other_sponsor).exists()
    assert client.get(page).status_code == 404
    assert program.get(f"projects/{project.code}").status_code == 404
    joined(role)
    assert client.get(page).status_code == 200
    assert program.get(f"projects/{project.code}").status_code == 200
    assert [each["title"] for each in program.get("projects").json()["items"]] == ["Quay"]
    assert list(visible_runs(other_sponsor)) == [run]
    assert client.get(reverse("job", args=[run.code]), follow=True).status_code == 200
    assert "Quay" in client.get(reverse("projects-list")).content.decode()
    assert "Quay" in client.get(reverse("home")).content.decode()
    assert "Quay" in client.get(reverse("find"), {"q": "Quay"}).content.decode()
    assert client.get(reverse("project-attachments", args=[project.code])).status_code == 200
    assert client.get(reverse("project-history", args=[project.code])).status_code == 200
    assert client.get(reverse("submission-detail", args=[project.submissions.get().code])).status_code == 200


@pytest.mark.parametrize(("role", "keeps"), [("owner", True), ("editor", True), ("reader", False)])
def test_owners_and_editors_change_and_readers_do_not(
    role: str, keeps: bool, joined: Callable[[str], Member], project: Project, other_sponsor: User, signed_in: SignedIn
):
    joined(role)
    project.refresh_from_db()
    changed = put(sound_inputs(), "power.pue", 1.31)
    program = Program(other_sponsor, ["read", "write"])
    verbs: dict[str, Callable[[], Any]] = {
        "edit": lambda: edit_project(by=other_sponsor, project=project, title="Quay", inputs=changed, version=1),
        "submit": lambda: submit_project(by=other_sponsor, project=project),
        "create": lambda: create_project(by=other_sponsor, title="Mine", inputs={}),
        "copy": lambda: duplicate_project(by=other_sponsor, project=project),
        "delete": lambda: delete_project(by=other_sponsor, project=project),
    }
    for verb in verbs.values():
        if keeps:
            verb()
        else:
            with pytest.raises(Forbidden):
                verb()
    assert can_create(other_sponsor) is can_keep(other_sponsor, project) is keeps
    assert (other_sponsor in keepers_of(project)) is keeps
    entered = program.post("projects", {"title": "By program", "inputs": {}})
    assert entered.status_code == (201 if keeps else 403)
    client = signed_in(other_sponsor)
    assert client.get(reverse("project-new")).status_code == (200 if keeps else 403)
    for page in ("home", "projects-list"):
        assert (reverse("project-new") in client.get(reverse(page)).content.decode()) is keeps
    edit = reverse("project-edit", args=[project.code])
    assert client.get(edit).status_code == (404 if keeps else 403)  # deleted above
    bin_of_otto = list_projects(other_sponsor, Asked(status=Status.DELETED)).projects
    assert [each.title for each in bin_of_otto] == (["Quay"] if keeps else [])


def test_the_order_of_ones_projects_stays_ones_own(
    joined: Callable[[str], Member], project: Project, sponsor: User, other_sponsor: User
):
    joined("editor")
    series = create_series(by=sponsor, title="North")
    assert not visible_series(other_sponsor).exists()
    project.refresh_from_db()
    with pytest.raises(Forbidden):
        move_project(by=other_sponsor, project=project, series=None)
    move_project(by=sponsor, project=project, series=series)


def test_colleagues_are_told_of_a_decision(
    joined: Callable[[str], Member], project: Project, sponsor: User, other_sponsor: User, admin: User
):
    joined("editor")
    project.refresh_from_db()
    submission = submit_project(by=sponsor, project=project)
    reject_submission(by=admin, submission=submission, reason="The rent is missing.")
    for person in (sponsor, other_sponsor):
        assert person.notifications.filter(title__contains="was rejected").count() == 1


def test_who_leaves_takes_nothing_along(
    joined: Callable[[str], Member], project: Project, sponsor: User, other_sponsor: User, signed_in: SignedIn
):
    joined("owner")
    own = create_project(by=other_sponsor, title="Otto's", inputs=sound_inputs())
    remove_member(by=sponsor, member=Member.objects.get(person=other_sponsor))
    assert not visible_projects(other_sponsor).exists()
    assert not can_edit(other_sponsor, own)
    assert set(visible_projects(sponsor)) == {project, own}
    assert keepers_of(own) == [sponsor]
    assert signed_in(other_sponsor).get(reverse("project-detail", args=[own.code])).status_code == 404
    later = create_project(by=other_sponsor, title="Alone again", inputs={})
    assert later.organisation is None
    assert list(visible_projects(other_sponsor)) == [later]


def test_an_organisation_keeps_an_owner(joined: Callable[[str], Member], organisation: Organisation, sponsor: User):
    joined("editor")
    mine = Member.objects.get(person=sponsor)
    for verb in (
        lambda: remove_member(by=sponsor, member=mine),
        lambda: change_member(by=sponsor, member=mine, role="reader"),
    ):
        with pytest.raises(Invalid, match="An organisation has an owner"):
            verb()
    change_member(by=sponsor, member=organisation.memberships.exclude(person=sponsor).get(), role="owner")
    remove_member(by=sponsor, member=mine)
    assert organisation.memberships.count() == 1


@pytest.mark.parametrize("role", ["editor", "reader"])
def test_only_owners_say_who_belongs_to_it(
    role: str, joined: Callable[[str], Member], organisation: Organisation, sponsor: User, other_sponsor: User
):
    member = joined(role)
    for verb in (
        lambda: invite_member(by=other_sponsor, organisation=organisation, email="x@y.example", role="owner"),
        lambda: change_member(by=other_sponsor, member=member, role="owner"),
        lambda: remove_member(by=other_sponsor, member=organisation.memberships.get(person=sponsor)),
    ):
        with pytest.raises(Forbidden):
            verb()
    assert member.role == Member.objects.get(pk=member.pk).role == role


def test_an_invitation_is_for_its_address(
    organisation: Organisation,
    sponsor: User,
    other_sponsor: User,
    internal: User,
    django_capture_on_commit_callbacks: Any,
):
    with django_capture_on_commit_callbacks(execute=True):
        sent = invite_member(by=sponsor, organisation=organisation, email=" New@Partner.example ", role="editor")
    assert (sent.email, mail.outbox[-1].to) == ("new@partner.example", ["new@partner.example"])
    assert reverse("account-organisation") in mail.outbox[-1].body
    for person in (other_sponsor, internal):
        with pytest.raises((NotFound, Forbidden)):
            accept_invitation(by=person, invitation=sent)
    with pytest.raises(Invalid, match="invited already"):
        invite_member(by=sponsor, organisation=organisation, email="new@partner.example", role="reader")
    with pytest.raises(Invalid, match="belongs to the organisation"):
        invite_member(by=sponsor, organisation=organisation, email=sponsor.email, role="reader")
    withdraw_invitation(by=sponsor, invitation=sent)
    with pytest.raises(NotFound):
        withdraw_invitation(by=sponsor, invitation=sent)


def test_nobody_belongs_to_two_and_the_house_to_none(
    organisation: Organisation, sponsor: User, other_sponsor: User, internal: User
):
    with pytest.raises(Invalid, match="Leave it first"):
        found_organisation(by=sponsor, name="Second")
    with pytest.raises(Forbidden):
        found_organisation(by=internal, name="House")
    found_organisation(by=other_sponsor, name="Others")
    sent = invite_member(by=sponsor, organisation=organisation, email=other_sponsor.email, role="reader")
    with pytest.raises(Invalid, match="Leave it first"):
        accept_invitation(by=other_sponsor, invitation=sent)
    assert Invitation.objects.filter(pk=sent.pk).exists()


def test_from_the_invitation_to_the_role_on_pages(
    organisation: Organisation, sponsor: User, other_sponsor: User, signed_in: SignedIn
):
    owner, guest = signed_in(sponsor), signed_in(other_sponsor)
    form = {"email": other_sponsor.email, "role": "reader"}
    page = owner.post(reverse("organisation-invite", args=[organisation.code]), form, follow=True).content.decode()
    assert "An invitation is on its way to otto@other.example." in page
    asked = guest.get(reverse("account-organisation")).content.decode()
    assert "Sponsor and Sons invites you" in asked
    guest.post(reverse("invitation-accept", args=[Invitation.objects.get().code]))
    member = membership_of(other_sponsor)
    assert member is not None
    assert "Remove" not in guest.get(reverse("account-organisation")).content.decode()
    owner.post(reverse("member-role", args=[member.code]), {"role": "editor"})
    assert Member.objects.get(person=other_sponsor).role == "editor"
    refused = owner.post(reverse("member-role", args=[member.code]), {"role": "king"}, follow=True).content.decode()
    assert "expected one of owner, editor, reader" in refused
    guest.post(reverse("member-remove", args=[member.code]))
    assert membership_of(other_sponsor) is None
    told = (
        AuditEntry.objects.filter(action__startswith="organisation.")
        .order_by("sequence")
        .values_list("action", flat=True)
    )
    assert [each.partition(".")[2] for each in told] == [
        "founded", "joined", "invited", "joined", "member_changed", "left",
    ]  # fmt: skip


def test_an_erased_member_is_none(joined: Callable[[str], Member], admin: User, other_sponsor: User):
    joined("editor")
    erase_user(by=admin, user=other_sponsor, email=other_sponsor.email)
    assert not Member.objects.filter(person=other_sponsor).exists()
