"""Error pages: a sentence each, never a trace."""

import sys
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api.problems import OUTSIDE_VIEWS, problem, too_many_of
from lib.errors import AtlasError, Busy
from lib.passing import words_of

API = "/api/v1/"
NOBODY = AnonymousUser()


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, exception)


def not_allowed(request: HttpRequest) -> HttpResponse:
    return _page(request, 405, None)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault; of one that passes by itself, such as a locked database, with what to do."""
    words = words_of(error) if (error := sys.exc_info()[1]) else ""
    return busy(request, Busy(words)) if words else _page(request, 500, None)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _page(request, 429, None)


def busy(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = _page(request, 503, exception)
    response.headers["Retry-After"] = "60"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    context = {"message": "This form has expired, or your browser blocks cookies. Reload the page and try again."}
    return HttpResponse(_text(request, 403, context), status=403)


def _page(request: HttpRequest, status: int, exception: Exception | None) -> HttpResponse:
    told = str(exception) if isinstance(exception, AtlasError) else ""
    code, sentence = too_many_of(exception) or ("", "")
    if request.path.startswith(API):
        known_code, known_sentence = OUTSIDE_VIEWS[status]
        return problem(request, status, code or known_code, told or sentence or known_sentence)
    message = told or sentence
    problems = getattr(exception, "problems", ())
    return HttpResponse(_text(request, status, {"message": message, "problems": problems}), status=status)


def _text(request: HttpRequest, status: int, context: dict[str, Any]) -> str:
    """The page of a status, with the way on for whoever is signed in.

    What is our own fault is told without the request: nothing of it (user, session, database) is needed for that.
    """
    template = f"errors/{status}.html"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not getattr(request, "user", NOBODY).is_authenticated:
        return render_to_string(template, context)
    return render_to_string(template, {**context, "is_signed_in": True}, request)
