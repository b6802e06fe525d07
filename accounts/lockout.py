"""Who guesses passwords waits: five wrong ones for an account from an address, twenty from an address, a hundred for an
account from anywhere, in a quarter of an hour."""

from datetime import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.audit import record
from accounts.models import User


class Handler(AxesDatabaseHandler):
    """Counts by account and address and, more patiently, by each alone: an office may share an address, and many places
    must not shut one person out."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures of the account from this address, or of either alone in the same measure, whichever is most."""
        by_both, by_address, by_account = (
            attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        most = settings.ATLASNEXUS_FAILURES_BY_ACCOUNT
        return max(
            by_both,
            by_address * most // settings.ATLASNEXUS_FAILURES_BY_ADDRESS,
            by_account * most // settings.ATLASNEXUS_FAILURES_BY_ACCOUNT_ANYWHERE,
        )

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Counts it, and writes it to the audit trail; what is tried at a door that is shut is neither."""
        was_shut = getattr(request, "axes_locked_out", False)
        if request and not was_shut:
            self._record("user.sign_in_failed", request, credentials)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request and not was_shut and getattr(request, "axes_locked_out", False):
            self._record("user.locked_out", request, credentials)

    def _record(self, action: str, request: HttpRequest, credentials: dict[str, Any]) -> None:
        email = str(get_client_username(request, credentials) or "")[:254]
        user = User.objects.filter(email__iexact=email).first()
        record(by=None, action=action, target=user, after={"email": email})

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """How many attempts on this account were forgotten; an own account does not wash an address clean."""
        attempts = AccessAttempt.objects.filter(username=get_client_username(request, credentials))
        count: int = attempts.delete()[0]
        return count


def respond(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """The page that says when to try again."""
    until = _locked_until(request, credentials)
    page = render(request, "accounts/locked_out.html", {"until": until}, status=429)
    page.headers["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds())))
    return page


def _locked_until(request: HttpRequest, credentials: dict[str, Any] | None) -> datetime:
    attempts = AxesProxyHandler.get_implementation().get_user_attempts(request, credentials)
    last = [each.aggregate(last=Max("attempt_time"))["last"] for each in attempts]
    latest: datetime = max((at for at in last if at), default=timezone.now())
    return latest + settings.AXES_COOLOFF_TIME
