"""Headers and errors, for every response."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts.models import User
from accounts.origin import origin_of
from atlasnexus import errors
from atlasnexus.metrics import count_request
from atlasnexus.oddness import REFUSALS, known_person, notice
from lib import figures
from lib.errors import Busy, Forbidden, Invalid, NotFound
from lib.passing import words_of

NOT_ALLOWED = 405
NO_CHARACTER = "%EF%BF%BD"
log = structlog.get_logger(__name__)
Handler = Callable[[HttpRequest], Any]


class _Middleware:
    """Passes requests on, awaited or not: an event stream must not be moved to a thread."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._is_awaited = iscoroutinefunction(get_response)
        if self._is_awaited:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_awaited:
            return self._awaited(request)
        return self.outgoing(self.get_response(request))

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        return self.outgoing(await self.get_response(request))

    def outgoing(self, response: HttpResponseBase) -> HttpResponseBase:
        return response


class LegibleAddressMiddleware(_Middleware):
    """Shows a NUL of the address as what it is, no character: PostgreSQL refuses a question with one, SQLite finds nothing."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", NO_CHARACTER)
        return super().__call__(request)


class RequestLogMiddleware(_Middleware):
    """Counts and logs every answer; whatever is logged on the way carries the request's id, which the trail has too."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_awaited:
            return self._logged(request)
        began = self._begin(request)
        response = self._end(request, self.get_response(request), began)
        if response.status_code in REFUSALS and (person := known_person(request)):
            notice(person, response.status_code)
        return response

    async def _logged(self, request: HttpRequest) -> HttpResponseBase:
        began = self._begin(request)
        response = self._end(request, await self.get_response(request), began)
        if response.status_code in REFUSALS and (person := known_person(request)):
            await sync_to_async(notice)(person, response.status_code)
        return response

    def _begin(self, request: HttpRequest) -> float:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=origin_of(request).request_id)
        return time.perf_counter()

    def _end(self, request: HttpRequest, response: HttpResponseBase, began: float) -> HttpResponseBase:
        response.headers.setdefault("X-Request-ID", origin_of(request).request_id)
        count_request(request, response, began)
        match = request.resolver_match
        # The pattern, not the address: some addresses open what they name.
        route = match.route if match else ""
        seconds = round(time.perf_counter() - began, 3)
        person = known_person(request)
        who = {"person": str(person.code)} if person else {}
        log.info("request", method=request.method, route=route, status=response.status_code, seconds=seconds, **who)
        return response


class ContentSecurityPolicyMiddleware(_Middleware):
    """Tells the browser to run and load nothing that is not a file of this host."""

    def outgoing(self, response: HttpResponseBase) -> HttpResponseBase:
        policy = "; ".join(f"{name} {value}" for name, value in settings.CONTENT_SECURITY_POLICY.items())
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


class PreferencesMiddleware(MiddlewareMixin):
    """Shows times and numbers as the sender of the request reads them, and to nobody else."""

    def process_request(self, request: HttpRequest) -> None:
        user = request.user
        timezone.deactivate()
        figures.number_format.set(figures.DEFAULT_FORMAT)
        if isinstance(user, User):
            figures.number_format.set(user.number_format)
            if user.time_zone:
                timezone.activate(user.time_zone)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        timezone.deactivate()
        figures.number_format.set(figures.DEFAULT_FORMAT)
        if isinstance(request.user, User):
            # What a person sees stays with them: nothing of it on a shared machine's disk or in a proxy.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class AtlasErrorMiddleware(_Middleware):
    """Turns the platform's own errors into the pages that say so."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        match error:
            case NotFound():
                return errors.not_found(request, error)
            case Forbidden():
                return errors.forbidden(request, error)
            case Busy():
                return errors.busy(request, error)
            case Invalid():
                return errors.bad_request(request, error)
        if words := words_of(error):
            log.warning("not_just_now", reason=str(error))
            return errors.busy(request, Busy(words))
        return None

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_awaited:
            return self._page_awaited(request)
        return _with_words(request, self.get_response(request))

    async def _page_awaited(self, request: HttpRequest) -> HttpResponseBase:
        answer = await self.get_response(request)
        # Who is signed in is read from the database.
        return await sync_to_async(_with_words)(request, answer) if answer.status_code == NOT_ALLOWED else answer


def _with_words(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """The answer; where an address takes other requests only, with a page that says so instead of nothing."""
    if answer.status_code != NOT_ALLOWED or not isinstance(answer, HttpResponse) or answer.content:
        return answer
    page = errors.not_allowed(request)
    page.headers["Allow"] = answer.headers["Allow"]
    return page


class CompressedPages(GZipMiddleware):
    """Compresses pages: streams of events must not wait for a buffer, and files are compressed already.

    Django pads each page at random, so that the length tells nothing of the tokens in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
