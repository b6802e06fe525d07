"""The caller, people on their way in, and the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import require_administrator
from accounts.audit import in_words
from accounts.models import ApiToken, AuditEntry, Role, Scope, User
from accounts.services import approve_user, decline_user, export_own_data, revoke_token
from accounts.tokens import get_token, visible_tokens
from accounts.views import own_data_file_name
from api.operations import ApiView, Caller, operation
from api.v1.shared import Of
from lib.errors import NotFound

STANDINGS = ("waiting", "approved", "declined", "closed")


class TokenShown(Of):
    """A token, without the text that opens."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    beginning = serializers.CharField()
    owner = serializers.EmailField(source="owner.email")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    standing = serializers.ChoiceField(["Valid", "Expired", "Revoked"])
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class Registration(Of):
    """A person on the way in, or in."""

    code = serializers.UUIDField()
    email = serializers.EmailField()
    full_name = serializers.CharField()
    organisation = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)
    standing = serializers.SerializerMethodField()
    registration_reason = serializers.CharField()
    decline_reason = serializers.CharField()
    date_joined = serializers.DateTimeField()

    def get_standing(self, user: User) -> str:
        if not user.is_active:
            return "closed"
        return "approved" if user.is_approved else "declined" if user.is_declined else "waiting"


class Me(Registration):
    """The caller, and what the token lets them do."""

    further_roles = serializers.ListField(child=serializers.CharField())
    token = serializers.SerializerMethodField()

    @extend_schema_field(TokenShown(allow_null=True))
    def get_token(self, user: User) -> Any:
        token = self.context["request"].auth
        return TokenShown(token).data if isinstance(token, ApiToken) else None


class RoleGiven(Of):
    role = serializers.ChoiceField(Role.choices, default=Role.SPONSOR)


class Declined(Of):
    reason = serializers.CharField(max_length=1_000)


class RegistrationQuery(Of):
    standing = serializers.ChoiceField(STANDINGS, required=False)


class AuditQuery(Of):
    action = serializers.CharField(required=False, max_length=100)
    target = serializers.UUIDField(required=False, help_text="The code of what it was done to.")


class Entry(Of):
    """One thing somebody did to one thing."""

    sequence = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(source="actor_label")
    action = serializers.CharField()
    words = serializers.SerializerMethodField()
    target_type = serializers.CharField()
    target_code = serializers.UUIDField(allow_null=True)
    before = serializers.JSONField()
    after = serializers.JSONField()
    address = serializers.CharField(allow_null=True)
    request_id = serializers.CharField()
    hash = serializers.CharField()

    def get_words(self, entry: AuditEntry) -> str:
        return in_words(entry.action)


class MeView(ApiView):
    tag = "accounts"

    @operation("me", answer=Me)
    def get(self, request: Caller) -> User:
        """Says who calls, with which standing, role and scopes."""
        return request.user


class OwnData(ApiView):
    tag = "accounts"

    @operation("export_own_data", file="application/zip")
    def get(self, request: Caller) -> FileResponse:
        """All that the platform holds of the caller: a ZIP file, each kind of row as JSON and as CSV. Once a minute."""
        file = export_own_data(by=request.user)
        return FileResponse(file, as_attachment=True, filename=own_data_file_name())


class Tokens(ApiView):
    tag = "accounts"

    @operation("list_tokens", answer=TokenShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[ApiToken]:
        """Lists the caller's tokens; to an administrator everybody's."""
        return visible_tokens(request.user)


class TokenRevoke(ApiView):
    tag = "accounts"

    @operation("revoke_token", scope=Scope.WRITE, answer=TokenShown)
    def post(self, request: Caller, code: UUID) -> ApiToken:
        """Revokes a token: it opens nothing from now on."""
        return revoke_token(by=request.user, token=get_token(request.user, code))


class Registrations(ApiView):
    tag = "accounts"

    @operation("list_registrations", query=RegistrationQuery, answer=Registration, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[User]:
        """Lists people by their standing on the way in. For administrators."""
        require_administrator(request.user)
        chosen: dict[str, dict[str, Any]] = {
            "waiting": {"is_approved": False, "declined_at": None, "is_active": True},
            "approved": {"is_approved": True, "is_active": True},
            "declined": {"is_approved": False, "declined_at__isnull": False, "is_active": True},
            "closed": {"is_active": False},
        }
        return User.objects.filter(**chosen.get(query.get("standing", ""), {}))


class RegistrationApprove(ApiView):
    tag = "accounts"

    @operation("approve_registration", scope=Scope.ISSUE, body=RoleGiven, answer=Registration)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> User:
        """Approves a person, who may sign in from now on in this role."""
        return approve_user(by=request.user, user=_person(request, code), role=Role(data["role"]))


class RegistrationDecline(ApiView):
    tag = "accounts"

    @operation("decline_registration", scope=Scope.ISSUE, body=Declined, answer=Registration)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> User:
        """Declines a person, who is told the reason."""
        return decline_user(by=request.user, user=_person(request, code), reason=data["reason"])


class Audit(ApiView):
    tag = "audit"

    @operation("list_audit_entries", query=AuditQuery, answer=Entry, pages="sequence")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[AuditEntry]:
        """Lists the audit trail, the latest first. For administrators."""
        require_administrator(request.user)
        entries = AuditEntry.shown.all()
        if query.get("action"):
            entries = entries.filter(action=query["action"])
        return entries.filter(target_code=query["target"]) if query.get("target") else entries


def _person(request: Caller, code: UUID) -> User:
    require_administrator(request.user)
    found = User.objects.filter(code=code).first()
    if found is None:
        raise NotFound("There is no such person.")
    return found
