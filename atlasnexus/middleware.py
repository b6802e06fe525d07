"""Headers and errors, for every response."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts.models import User
from atlasnexus import errors
from lib import figures
from lib.errors import Busy, Forbidden, Invalid, NotFound

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


class ContentSecurityPolicyMiddleware(_Middleware):
    """Tells the browser to run and load nothing that is not a file of this host."""

    def outgoing(self, response: HttpResponseBase) -> HttpResponseBase:
        policy = "; ".join(f"{name} {value}" for name, value in settings.CONTENT_SECURITY_POLICY.items())
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


class PreferencesMiddleware(MiddlewareMixin):
    """Shows times and numbers as the sender of the request reads them."""

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
        return None
