"""Who calls: the holder of a token, or somebody signed in with a browser."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiToken, Scope, User
from accounts.tokens import NOT_ENROLLED, needs_to_enrol, token_in_use

REFUSED = "This token is not valid: it is unknown, revoked or expired, or its owner may not sign in."


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer atlas_...`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = token_in_use(text.strip().decode("ascii", "replace"))
        if token is None:
            raise AuthenticationFailed(REFUSED)
        return _enrolled(token.owner), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Atlas Nexus"'


class BrowserAuthentication(SessionAuthentication):
    """The session of a browser, with its CSRF token for whatever writes."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        return (_enrolled(found[0]), None) if found else None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # a registry by subclassing
    """How the description says it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from Your account, Tokens."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description says it."""

    target_class = BrowserAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def require_scope(request: Request, scope: str) -> None:
    """Nothing; PermissionDenied for a token that was not given this scope. A browser's session has them all."""
    token = request.auth
    if isinstance(token, ApiToken) and scope not in token.scopes:
        label = Scope(scope).label.lower()
        raise PermissionDenied(f"This token may not {label}: its scopes are {', '.join(token.scopes)}.", code="scope")


def _enrolled(user: User) -> User:
    if needs_to_enrol(user):
        raise PermissionDenied(NOT_ENROLLED, code="one_time_password")
    return user
