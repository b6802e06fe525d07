"""Refusals as problem details (RFC 9457): one shape for all, with stable codes and the place of each problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import serializers
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.renderers import JSONRenderer

from accounts.origin import origin_of
from engine.errors import InputProblems, Problem
from lib.errors import Busy, Forbidden, Invalid, NotFound
from lib.passing import words_of
from projects.errors import StaleVersion

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:atlasnexus:problem:"
BUSY_SECONDS = 60
REFUSALS: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, "not_found"),
    Http404: (404, "not_found"),
    Forbidden: (403, "forbidden"),
    Busy: (503, "busy"),
    RequestDataTooBig: (413, "too_large"),
}
# What Django refuses before a view of the API is asked.
OUTSIDE_VIEWS = {
    400: ("bad_request", "The request could not be read: something in it is missing or has the wrong shape."),
    403: ("forbidden", "The request is refused."),
    404: ("not_found", "There is no such address: GET openapi.json lists all; none ends with a slash."),
    405: ("method_not_allowed", "The address takes other methods: see Allow."),
    429: ("throttled", "Too many requests: try again later."),
    500: ("fault", "A fault of ours; it is logged under this request's id."),
    503: ("busy", "Not just now: try again in a minute."),
}


def too_many_of(error: Exception | None) -> tuple[str, str] | None:
    """The code and the sentence for a form of more parts than are read; None for anything else."""
    match error:
        case TooManyFilesSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
            return "too_many_files", f"Expected at most {most} files in one request. Send them in several."
        case TooManyFieldsSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
            return "too_many_fields", f"Expected at most {most:,} fields in one request. Send it in parts."
    return None


class Refused(APIException):
    """A refusal of the API's own: its status, a stable code, a sentence."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence, code)
        self.status_code = status


class ProblemEntry(serializers.Serializer[Any]):
    """One thing wrong: where, and what to do."""

    code = serializers.CharField(help_text="Stable: programs may rely on it.")
    place = serializers.CharField(help_text="Dotted, as the form or the engine names it.")
    pointer = serializers.CharField(help_text="The same as a JSON pointer into the request's body.")
    message = serializers.CharField()


class ProblemDetails(serializers.Serializer[Any]):
    """Why a request was refused."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField(help_text="Stable: programs may rely on it.")
    request_id = serializers.CharField(help_text="Name it when you ask for help: the trail and the logs have it.")
    problems = ProblemEntry(many=True)


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The answer to a refusal; None for what is nobody's refusal but a fault."""
    request: HttpRequest = context["request"]._request
    if isinstance(error, Invalid | InputProblems):
        status, code = (412, "stale_version") if isinstance(error, StaleVersion) else (422, "invalid")
        return problem(request, status, code, str(error), error.problems, getattr(context["view"], "root", ""))
    if isinstance(error, APIException):
        return problem(request, error.status_code, str(error.get_codes()), str(error.detail), headers=_headers(error))
    for kind, (status, code) in REFUSALS.items():
        if isinstance(error, kind):
            headers = {"Retry-After": str(BUSY_SECONDS)} if status == 503 else None
            return problem(request, status, code, str(error) or HTTPStatus(status).phrase, headers=headers)
    if too_many := too_many_of(error):
        return problem(request, 400, *too_many)
    if words := words_of(error):
        return problem(request, 503, "not_just_now", words, headers={"Retry-After": str(BUSY_SECONDS)})
    return None


def _headers(error: APIException) -> dict[str, str]:
    if isinstance(error, Throttled):
        return {"Retry-After": str(int(getattr(error, "wait", None) or 1))}
    asks = isinstance(error, NotAuthenticated | AuthenticationFailed)
    return {"WWW-Authenticate": str(getattr(error, "auth_header", "Bearer"))} if asks else {}


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    detail: str,
    problems: Iterable[Problem] = (),
    root: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The refusal as a response."""
    entries = [
        {"code": each.code, "place": each.place, "pointer": pointer(each.place, root), "message": each.message}
        for each in problems
    ]
    body = {
        "type": TYPE + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": origin_of(request).request_id,
        "problems": entries,
    }
    return HttpResponse(JSONRenderer().render(body), status=status, content_type=MEDIA_TYPE, headers=headers or {})


def pointer(place: str, root: str) -> str:
    """A dotted place as a JSON pointer below `root`."""
    parts = [part for part in (root, *place.split(".")) if part]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def problems_of(errors: Any, place: str = "") -> Iterator[Problem]:
    """The problems that a serializer found, each at its place."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from problems_of(inner, ".".join(filter(None, (place, own))))
    elif isinstance(errors, list):
        for number, each in enumerate(errors):
            nested = isinstance(each, Mapping | list)
            yield from problems_of(each, f"{place}.{number}" if nested else place)
    else:
        yield Problem(str(getattr(errors, "code", "invalid")), place, str(errors))
