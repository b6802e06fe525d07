"""Who sees and manages an organisation: members see it, its owners and administrators manage it, internal people read all."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Invitation, Member, Organisation, OrganisationRole, User
from lib.errors import Forbidden, NotFound


def visible_organisations(user: User) -> QuerySet[Organisation]:
    """The organisations this person may see: a sponsor their own."""
    if not user.may_sign_in:
        return Organisation.objects.none()
    return Organisation.objects.filter(memberships__person=user) if user.is_sponsor else Organisation.objects.all()


def get_organisation(user: User, code: UUID | str) -> Organisation:
    """The organisation of this code; NotFound where there is none this person may see."""
    found = visible_organisations(user).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


def get_member(user: User, code: UUID | str) -> Member:
    """The member of this code; NotFound where there is none this person may see."""
    members = Member.objects.select_related("organisation", "person")
    found = members.filter(organisation__in=visible_organisations(user), code=code).first()
    if found is None:
        raise NotFound("There is no such member.")
    return found


def get_invitation(user: User, code: UUID | str) -> Invitation:
    """The invitation of this code, to who is invited and to who may see the organisation; else NotFound."""
    found = Invitation.objects.select_related("organisation", "invited_by").filter(code=code).first()
    if found is None or not (
        is_invited(user, found) or visible_organisations(user).filter(pk=found.organisation_id).exists()
    ):
        raise NotFound("There is no such invitation.")
    return found


def invitations_to(user: User) -> QuerySet[Invitation]:
    """What this person is invited to, by the e-mail they confirmed."""
    return Invitation.objects.select_related("organisation", "invited_by").filter(email=user.email)


def is_invited(user: User, invitation: Invitation) -> bool:
    """True for whoever has confirmed the e-mail that was invited: nobody signs in with another."""
    return user.may_sign_in and user.email == invitation.email


def membership_of(user: User) -> Member | None:
    """Where the person belongs, as it stands now."""
    return Member.objects.select_related("organisation").filter(person=user).first()


def has_role(user: User, organisation_id: int | None, roles: Collection[str] = tuple(OrganisationRole)) -> bool:
    """True where the person is a member of the organisation in one of these roles."""
    return Member.objects.filter(organisation=organisation_id, person=user, role__in=roles).exists()


def can_manage(user: User, organisation: Organisation) -> bool:
    """True for the organisation's owners, and for administrators."""
    return user.may_sign_in and (user.is_platform_admin or has_role(user, organisation.pk, (OrganisationRole.OWNER,)))


def require_manager(user: User, organisation: Organisation) -> None:
    """Nothing; NotFound for outsiders, Forbidden for those who may only read."""
    get_organisation(user, organisation.code)
    if not can_manage(user, organisation):
        raise Forbidden("Only the organisation's owners and administrators say who belongs to it.")
