"""Organisations of sponsors: founded, named, joined by invitation, left. What joins and leaves with a person, rooms above hear."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import signals
from accounts.audit import record
from accounts.letters import invite
from accounts.models import Invitation, Member, Organisation, OrganisationRole, User
from accounts.organisations import can_manage, get_member, is_invited, require_manager
from lib.errors import Forbidden, NotFound
from lib.verbs import refuse, save_checked

MOST_INVITED = 50


@transaction.atomic
def found_organisation(*, by: User, name: str) -> Organisation:
    """The organisation, with whoever founds it as its owner; their projects belong to it from now on."""
    _require_free(_locked(by))
    organisation = Organisation(name=_given(name))
    save_checked(organisation)
    record(by=by, action="organisation.founded", target=organisation, after={"name": organisation.name})
    _join(organisation, by, OrganisationRole.OWNER)
    return organisation


@transaction.atomic
def rename_organisation(*, by: User, organisation: Organisation, name: str) -> Organisation:
    """The organisation under another name."""
    require_manager(by, organisation)
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    before, current.name = {"name": current.name}, _given(name)
    save_checked(current)
    record(by=by, action="organisation.renamed", target=current, before=before, after={"name": current.name})
    return current


@transaction.atomic
def invite_member(*, by: User, organisation: Organisation, email: str, role: str) -> Invitation:
    """The invitation, sent by e-mail; the same whether or not somebody has an account under it."""
    require_manager(by, organisation)
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    address = User.objects.normalize_email(email.strip()).lower()
    _require_address(address)
    _require_role(role)
    if current.memberships.filter(person__email=address).exists():
        raise refuse("member", "email", f"{address} belongs to the organisation already.")
    if current.invitations.filter(email=address).exists():
        raise refuse("invited", "email", f"{address} is invited already. Take that invitation back to send another.")
    if current.invitations.count() >= MOST_INVITED:
        raise refuse("too_many", "email", f"{MOST_INVITED} invitations wait for an answer: take some back first.")
    invitation = Invitation(organisation=current, email=address, role=role, invited_by=by)
    save_checked(invitation)
    record(by=by, action="organisation.invited", target=current, after={"email": address, "role": role})
    invite(invitation)
    return invitation


@transaction.atomic
def withdraw_invitation(*, by: User, invitation: Invitation) -> None:
    """Nothing; the invitation is taken back, or declined by whoever was invited."""
    current = _still_open(invitation)
    if not is_invited(by, current):
        require_manager(by, current.organisation)
    told = {"email": current.email, "role": current.role}
    record(by=by, action="organisation.invitation_withdrawn", target=current.organisation, before=told)
    current.delete()


@transaction.atomic
def accept_invitation(*, by: User, invitation: Invitation) -> Member:
    """Whoever was invited, as a member; their projects belong to the organisation from now on."""
    current = _still_open(invitation)
    if not is_invited(by, current):
        raise NotFound("There is no such invitation.")
    _require_free(_locked(by))
    member = _join(current.organisation, by, OrganisationRole(current.role))
    current.delete()
    return member


@transaction.atomic
def change_member(*, by: User, member: Member, role: str) -> Member:
    """The member in another role; an organisation keeps an owner."""
    current = _managed(by, member)
    _require_role(role)
    before, current.role = current.role, role
    if before == role:
        return current
    save_checked(current)
    _require_an_owner(current.organisation)
    told = {"person": current.person.email}
    record(
        by=by,
        action="organisation.member_changed",
        target=current.organisation,
        before={**told, "role": before},
        after={**told, "role": role},
    )
    return current


@transaction.atomic
def remove_member(*, by: User, member: Member) -> None:
    """Nothing; the person has left, of themselves or by an owner. What they entered for the organisation stays with it."""
    current = get_member(by, member.code)
    _locked_organisation(current)
    if current.person_id != by.pk and not can_manage(by, current.organisation):
        raise Forbidden("Only the organisation's owners and administrators say who belongs to it.")
    told = {"person": current.person.email, "role": current.role}
    record(by=by, action="organisation.left", target=current.organisation, before=told)
    current.delete()
    if current.organisation.memberships.exists():
        _require_an_owner(current.organisation)


def _join(organisation: Organisation, person: User, role: OrganisationRole) -> Member:
    member = Member(organisation=organisation, person=person, role=role)
    save_checked(member)
    told = {"person": person.email, "role": str(role)}
    record(by=person, action="organisation.joined", target=organisation, after=told)
    signals.joined.send(sender=User, user=person, organisation=organisation)
    return member


def _managed(by: User, member: Member) -> Member:
    current = get_member(by, member.code)
    require_manager(by, current.organisation)
    _locked_organisation(current)
    return current


def _locked_organisation(member: Member) -> None:
    """Nothing; one at a time says who belongs to it: two owners cannot both leave as the last but one."""
    Organisation.objects.select_for_update().get(pk=member.organisation_id)


def _locked(person: User) -> User:
    return User.objects.select_for_update().get(pk=person.pk)


def _still_open(invitation: Invitation) -> Invitation:
    found = Invitation.objects.select_for_update(of=("self",)).select_related("organisation")
    current = found.filter(pk=invitation.pk).first()
    if current is None:
        raise NotFound("There is no such invitation: it was answered or taken back.")
    return current


def _require_free(person: User) -> None:
    if not (person.may_sign_in and person.is_sponsor):
        raise Forbidden("Organisations are for sponsors: internal people and administrators see all projects anyway.")
    member = Member.objects.select_related("organisation").filter(person=person).first()
    if member:
        raise refuse("member", "person", f"You belong to {member.organisation}. Leave it first.")


def _require_role(role: str) -> None:
    if role not in OrganisationRole.values:
        raise refuse("role", "role", f"Role: expected one of {', '.join(OrganisationRole.values)}, got {role}.")


def _require_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        raise refuse("email", "email", "E-mail: expected an address such as ann@company.example.") from None


def _require_an_owner(organisation: Organisation) -> None:
    if not organisation.memberships.filter(role=OrganisationRole.OWNER).exists():
        raise refuse("last_owner", "role", "An organisation has an owner: make another member one first.")


def _given(name: str) -> str:
    given = " ".join(name.split())
    if not given:
        raise refuse("missing", "name", "Name: give the organisation a name.")
    return given
