"""Pages of notifications: the list, the bell, what comes by e-mail."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from notifications.kinds import choices, kinds_for
from notifications.queries import get_notification, list_notifications, mailed_kinds
from notifications.services import choose_mails, mark_read


@signed_in
@require_safe
def notifications(request: PersonRequest) -> HttpResponse:
    """What this person was told, newest first."""
    return _list(request)


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell with its number, for pages that stay open; no redirect, which would take an unsaved form away."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return render(request, "notifications/fragments/bell.html")


@signed_in
@require_safe
def open_notification(request: PersonRequest, code: UUID) -> HttpResponse:
    """What the notification tells of; it is read from now on."""
    notification = get_notification(request.user, code)
    mark_read(by=request.user, codes=[code])
    is_here = url_has_allowed_host_and_scheme(notification.url, allowed_hosts=None)
    return redirect(notification.url if is_here else "notifications")


@signed_in
@require_POST
def read_one(request: PersonRequest, code: UUID) -> HttpResponse:
    """The list with one more notification read."""
    get_notification(request.user, code)
    mark_read(by=request.user, codes=[code])
    return _after_reading(request)


@signed_in
@require_POST
def read_all(request: PersonRequest) -> HttpResponse:
    """The list with everything read."""
    mark_read(by=request.user)
    return _after_reading(request)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def mail_settings(request: PersonRequest) -> HttpResponse:
    """The kinds that come by e-mail; once sent, as chosen."""
    offered = kinds_for(request.user)
    if request.method == "POST":
        wanted = {kind for kind in offered if kind in request.POST.getlist("kind")}
        unseen = mailed_kinds(request.user) - set(offered)
        choose_mails(by=request.user, kinds=wanted | unseen)
        messages.success(request, "Saved. Everything else waits for you here in the portal.")
        return redirect("notification-settings")
    mailed = mailed_kinds(request.user)
    kinds = [(kind, label, kind in mailed) for kind, label in choices() if kind in offered]
    return render(request, "notifications/settings.html", {"kinds": kinds})


def _after_reading(request: PersonRequest) -> HttpResponse:
    return _list(request) if request.htmx else redirect("notifications")


def _list(request: PersonRequest) -> HttpResponse:
    source = request.POST if request.method == "POST" else request.GET
    kind, unread = source.get("kind", ""), source.get("unread", "") == "yes"
    page = list_notifications(request.user, kind=kind, unread=unread, page=source.get("page", "1"))
    context = {
        "page": page,
        "kind": kind,
        "unread": unread,
        "kinds": [each for each in choices() if each[0] in kinds_for(request.user)],
        "query": urlencode({"kind": kind, "unread": "yes" if unread else ""}),
    }
    fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, f"notifications/{'fragments/rows' if fragment else 'list'}.html", context)
