"""Organisations of sponsors: who belongs to them in which role, and who is invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import ORGANISATION_NAME_LENGTH, Invitation, Member, Organisation, OrganisationRole, Scope
from accounts.organisations import (
    get_invitation,
    get_member,
    get_organisation,
    invitations_to,
    require_manager,
    visible_organisations,
)
from accounts.services.organisations import (
    accept_invitation,
    change_member,
    found_organisation,
    invite_member,
    remove_member,
    rename_organisation,
    withdraw_invitation,
)
from api.operations import ApiView, Caller, operation
from api.v1.shared import Of, Person, code_of


class MemberShown(Of):
    """Somebody who belongs to an organisation, and what they may do in it."""

    code = serializers.UUIDField()
    organisation = code_of("organisation")
    person = Person()
    role = serializers.ChoiceField(OrganisationRole.choices)
    since = serializers.DateTimeField()


class OrganisationLine(Of):
    """An organisation in a list."""

    code = serializers.UUIDField()
    name = serializers.CharField()


class OrganisationShown(OrganisationLine):
    """An organisation with its members."""

    members = MemberShown(many=True, source="memberships.all")


class OrganisationNamed(Of):
    name = serializers.CharField(max_length=ORGANISATION_NAME_LENGTH)


class RoleInOrganisation(Of):
    role = serializers.ChoiceField(OrganisationRole.choices)


class Invited(Of):
    """Whose confirmed e-mail joins, and as what."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(OrganisationRole.choices, default=OrganisationRole.READER)


class InvitationShown(Of):
    """An invitation that waits for its answer."""

    code = serializers.UUIDField()
    organisation = OrganisationLine()
    email = serializers.EmailField()
    role = serializers.ChoiceField(OrganisationRole.choices)
    invited_by = Person(allow_null=True)
    invited_at = serializers.DateTimeField()


class Organisations(ApiView):
    tag = "organisations"

    @operation("list_organisations", answer=OrganisationLine, pages="pk")
    def get(self, request: Caller) -> QuerySet[Organisation]:
        """Lists the organisations the caller may see: a sponsor their own, internal people and administrators all."""
        return visible_organisations(request.user)

    @operation(
        "found_organisation", scope=Scope.WRITE, body=OrganisationNamed, answer=OrganisationShown, status=201,
        example={"name": "North Parks"},
    )  # fmt: skip
    def post(self, request: Caller, data: dict[str, Any]) -> Organisation:
        """Founds the caller's organisation, which their projects belong to from now on. For sponsors without one."""
        return found_organisation(by=request.user, name=data["name"])


class OrganisationDetail(ApiView):
    tag = "organisations"

    @operation("read_organisation", answer=OrganisationShown)
    def get(self, request: Caller, code: UUID) -> Organisation:
        """Reads an organisation with its members."""
        return get_organisation(request.user, code)

    @operation("rename_organisation", scope=Scope.WRITE, body=OrganisationNamed, answer=OrganisationShown)
    def patch(self, request: Caller, code: UUID, data: dict[str, Any]) -> Organisation:
        """Renames an organisation. For its owners and administrators."""
        return rename_organisation(
            by=request.user, organisation=get_organisation(request.user, code), name=data["name"]
        )


class OrganisationInvitations(ApiView):
    tag = "organisations"

    @operation("list_organisation_invitations", answer=InvitationShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Invitation]:
        """Lists who is invited and has not answered. For owners and administrators."""
        found = get_organisation(request.user, code)
        require_manager(request.user, found)
        return Invitation.objects.filter(organisation=found).select_related("organisation", "invited_by")

    @operation(
        "invite_member", scope=Scope.WRITE, body=Invited, answer=InvitationShown, status=201,
        example={"email": "ann@parks.example", "role": "editor"},
    )  # fmt: skip
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Invitation:
        """Invites a colleague by e-mail, with an account or without. For owners and administrators."""
        found = get_organisation(request.user, code)
        return invite_member(by=request.user, organisation=found, email=data["email"], role=data["role"])


class MemberDetail(ApiView):
    tag = "organisations"

    @operation("read_member", answer=MemberShown)
    def get(self, request: Caller, code: UUID) -> Member:
        """Reads a member of an organisation that the caller may see."""
        return get_member(request.user, code)

    @operation("change_member", scope=Scope.WRITE, body=RoleInOrganisation, answer=MemberShown)
    def patch(self, request: Caller, code: UUID, data: dict[str, Any]) -> Member:
        """Gives a member another role; the last owner stays one. For owners and administrators."""
        return change_member(by=request.user, member=get_member(request.user, code), role=data["role"])

    @operation("remove_member", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Removes a member, or oneself; what they entered stays with the organisation."""
        remove_member(by=request.user, member=get_member(request.user, code))


class Invitations(ApiView):
    tag = "organisations"

    @operation("list_invitations", answer=InvitationShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Invitation]:
        """Lists what the caller is invited to, by the e-mail they confirmed."""
        return invitations_to(request.user)


class InvitationDetail(ApiView):
    tag = "organisations"

    @operation("read_invitation", answer=InvitationShown)
    def get(self, request: Caller, code: UUID) -> Invitation:
        """Reads an invitation: whoever is invited, and those who see the organisation."""
        return get_invitation(request.user, code)

    @operation("withdraw_invitation", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Takes an invitation back, or declines one's own."""
        withdraw_invitation(by=request.user, invitation=get_invitation(request.user, code))


class InvitationAccept(ApiView):
    tag = "organisations"

    @operation("accept_invitation", scope=Scope.WRITE, answer=MemberShown)
    def post(self, request: Caller, code: UUID) -> Member:
        """Joins the organisation that the caller is invited to, with their projects."""
        return accept_invitation(by=request.user, invitation=get_invitation(request.user, code))
