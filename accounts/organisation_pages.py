"""The pages of an organisation: who belongs to it and in which role, who is invited, and what one is invited to."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import ORGANISATION_NAME_LENGTH, Organisation, OrganisationRole
from accounts.organisations import (
    can_manage,
    get_invitation,
    get_member,
    get_organisation,
    invitations_to,
    membership_of,
    visible_organisations,
)
from accounts.requests import PersonRequest, signed_in
from accounts.services.organisations import (
    accept_invitation,
    change_member,
    found_organisation,
    invite_member,
    remove_member,
    rename_organisation,
    withdraw_invitation,
)
from lib.errors import Invalid


@require_safe
@signed_in
def own_organisation(request: PersonRequest) -> HttpResponse:
    """The person's organisation; without one, what they are invited to and the form that founds one."""
    member = membership_of(request.user)
    if member:
        return _page(request, member.organisation)
    context = {"tab": "organisation", "invitations": invitations_to(request.user), "length": ORGANISATION_NAME_LENGTH}
    return render(request, "accounts/no_organisation.html", context)


@require_safe
@signed_in
def organisation(request: PersonRequest, code: UUID) -> HttpResponse:
    """An organisation, to its members, internal people and administrators."""
    return _page(request, get_organisation(request.user, code))


@require_POST
@signed_in
def organisation_new(request: PersonRequest) -> HttpResponse:
    """The person's own organisation, founded."""
    name = request.POST.get("name", "")
    return _done(request, None, partial(found_organisation, by=request.user, name=name), "Your organisation is there.")


@require_POST
@signed_in
def organisation_rename(request: PersonRequest, code: UUID) -> HttpResponse:
    """The organisation under another name."""
    found, name = get_organisation(request.user, code), request.POST.get("name", "")
    rename = partial(rename_organisation, by=request.user, organisation=found, name=name)
    return _done(request, found, rename, "The organisation is renamed.")


@require_POST
@signed_in
def organisation_invite(request: PersonRequest, code: UUID) -> HttpResponse:
    """One invitation more, on its way."""
    found, email = get_organisation(request.user, code), request.POST.get("email", "")
    role = request.POST.get("role", "")
    send = partial(invite_member, by=request.user, organisation=found, email=email, role=role)
    return _done(request, found, send, f"An invitation is on its way to {email.strip()}.")


@require_POST
@signed_in
def member_role(request: PersonRequest, code: UUID) -> HttpResponse:
    """A member in another role."""
    member = get_member(request.user, code)
    change = partial(change_member, by=request.user, member=member, role=request.POST.get("role", ""))
    return _done(request, member.organisation, change, f"The role of {member.person} is changed.")


@require_POST
@signed_in
def member_remove(request: PersonRequest, code: UUID) -> HttpResponse:
    """A member fewer: somebody else's going, or one's own."""
    member = get_member(request.user, code)
    said = "You have left" if member.person == request.user else f"{member.person} has left"
    leave = partial(remove_member, by=request.user, member=member)
    return _done(request, member.organisation, leave, f"{said} {member.organisation}.")


@require_POST
@signed_in
def invitation_accept(request: PersonRequest, code: UUID) -> HttpResponse:
    """The organisation that one has joined."""
    found = get_invitation(request.user, code)
    accept = partial(accept_invitation, by=request.user, invitation=found)
    return _done(request, found.organisation, accept, f"You belong to {found.organisation}.")


@require_POST
@signed_in
def invitation_withdraw(request: PersonRequest, code: UUID) -> HttpResponse:
    """An invitation fewer: taken back by those who sent it, or declined."""
    found = get_invitation(request.user, code)
    withdraw = partial(withdraw_invitation, by=request.user, invitation=found)
    return _done(request, found.organisation, withdraw, "The invitation is gone.")


def _page(request: PersonRequest, found: Organisation) -> HttpResponse:
    manages = can_manage(request.user, found)
    context = {
        "tab": "organisation",
        "organisation": found,
        "members": found.memberships.select_related("person"),
        "invitations": found.invitations.select_related("invited_by") if manages else (),
        "manages": manages,
        "roles": OrganisationRole.choices,
        "reader": OrganisationRole.READER.value,
        "length": ORGANISATION_NAME_LENGTH,
    }
    return render(request, "accounts/organisation.html", context)


def _done(request: PersonRequest, about: Organisation | None, verb: Callable[[], object], said: str) -> HttpResponse:
    """Back to the organisation, or to one's own page of it, with what was done or why it was not."""
    try:
        verb()
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    if about and visible_organisations(request.user).filter(pk=about.pk).exists():
        return redirect("organisation", about.code)
    return redirect("account-organisation")
