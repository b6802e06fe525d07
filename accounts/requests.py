"""Requests of signed-in people, for pages and their fragments."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import User

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request whose sender is known."""

    user: User
    htmx: HtmxDetails


View = Callable[Concatenate[PersonRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The view for signed-in people; others are led to the sign-in, from a fragment with the whole page, and back."""
    guarded = login_required(view)

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        htmx: HtmxDetails | None = getattr(request, "htmx", None)
        if not request.user.is_authenticated and htmx:
            return HttpResponseClientRedirect(_sign_in_and_back(htmx))
        return guarded(cast("PersonRequest", request), *args, **kwargs)

    return answer


def makes_nothing(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """The view as one whose forms may be sent any number of times: it works something out, or keeps the last that it is told."""
    view.makes_nothing = True  # type: ignore[attr-defined]
    return view


def _sign_in_and_back(htmx: HtmxDetails) -> str:
    page = htmx.current_url_abs_path
    return f"{resolve_url('sign-in')}?{urlencode({'next': page})}" if page else resolve_url("sign-in")


def signed_in_file(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The view of a file for signed-in people; others get 401 and a sentence, for no sign-in page is to be saved as a file."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponse("Sign in to take the file away.", status=401)
        return view(cast("PersonRequest", request), *args, **kwargs)

    return answer
