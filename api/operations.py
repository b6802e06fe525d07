"""What every operation of the API shares: who asks, with which scope, what is read, how it is answered and described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiToken, Scope, User
from api.authentication import require_scope
from api.idempotency import fingerprint_of, once
from api.limits import Counted
from api.paging import Order, PageQuery, Shown, page_of, page_type
from api.parsing import SoundJsonParser
from api.problems import MEDIA_TYPE, ProblemDetails, Refused, problems_of
from lib.errors import Invalid

SAFE = ("get", "head")
FILE = OpenApiTypes.BINARY


class Caller(Request):
    """A request whose sender is known."""

    user: User
    auth: ApiToken | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, as it was declared."""

    name: str
    scope: str
    function: Callable[..., Any]
    body: Shown | None
    query: Shown | None
    answer: Shown | None
    status: int
    order: Order


class AnyAccept(BaseContentNegotiation):
    """Each operation has one form of answer, whatever the caller would prefer."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """An address; its methods are operations. `tag` is the room as the description names it.

    `current` names the view whose GET shows the thing that If-Match speaks of, where this one has none; `root` is the field of
    the body that places of problems begin from.
    """

    tag: ClassVar[str] = ""
    root: ClassVar[str] = ""
    current: ClassVar[type[ApiView] | None] = None
    permission_classes = (IsAuthenticated,)
    parser_classes: Any = (SoundJsonParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AnyAccept

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view: Any = super().as_view(**initkwargs)
        view.asks_one_time_password = True  # authentication does, and answers with a problem
        return view

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.counted = Counted(f"{request.user.pk}")
        self.counted.require()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().finalize_response(request, response, *args, **kwargs)
        found.headers.setdefault("Cache-Control", "private, no-cache")
        # Opened by hand it is saved, not shown; programs read it all the same.
        if "json" in found.headers.get("Content-Type", ""):
            found.headers.setdefault("Content-Disposition", 'attachment; filename="answer.json"')
        if hasattr(self, "counted"):
            self.counted.tell(found)
        return found


class UploadView(ApiView):
    """An address that takes a file."""

    parser_classes = (MultiPartParser, FormParser)


def operation(
    name: str,
    *,
    scope: str = Scope.READ,
    body: Shown | None = None,
    query: Shown | None = None,
    answer: Shown | None = None,
    file: str = "",
    status: int = 200,
    pages: Order = "",
    whole: bool = True,
    needs_match: bool = False,
    example: Any = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a method of an ApiView an operation.

    `body` and `query` are read before it is called, as `data` and `query`; what it returns is shown as `answer` with
    `status`, or as it is where it is a response, of the media type `file`. `pages` names the column, or the columns, by which
    a list of rows comes in pages; a `sort` of the query goes before them. Work that is not `whole` keeps its transaction to itself: it reads files first.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        asked = _merged(query) if pages else query
        declared = Operation(name, scope, function, body, asked, answer, status, pages)

        @wraps(function)
        def method(self: ApiView, request: Caller, **kwargs: Any) -> HttpResponseBase:
            require_scope(request, scope)
            is_safe = str(request.method).lower() in SAFE
            raw = b"" if is_safe else _bytes_of(self, request)
            given = {**kwargs, **_read(declared, request)}
            if is_safe:
                return _with_tag(request, _answered(self, declared, request, given))
            if needs_match and not request.headers.get("If-Match"):
                raise Refused(428, "if_match", "Say which state you change: If-Match with the ETag you read.")

            def done() -> HttpResponseBase:
                _require_match(self, request, kwargs)
                return _answered(self, declared, request, given)

            return once(request, request.user, fingerprint_of(request, raw), done, whole=whole)  # type: ignore[arg-type]

        method.operation = declared  # type: ignore[attr-defined]
        return _described(method, declared, file, needs_match, example)

    return decorate


def shown_as(answer: Shown | None, value: Any, request: Request) -> Any:
    """A value as it is answered."""
    return None if answer is None else answer(value, context={"request": request}).data


def tag_of(content: bytes) -> str:
    """The entity tag of a body."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def _bytes_of(view: ApiView, request: Caller) -> bytes:
    """What a body says: its bytes, or its fields and of each file its name and SHA-256."""
    if not isinstance(view, UploadView):
        return bytes(request.body)
    told = [f"{field} {value!r}" for field, value in sorted(request.POST.items())]
    for field, file in sorted(request.FILES.items()):
        digest = sha256()
        for piece in file.chunks():
            digest.update(piece)
        file.seek(0)
        told.append(f"{field} {file.name} {digest.hexdigest()}")
    return "\n".join(told).encode()


def _read(declared: Operation, request: Request) -> dict[str, Any]:
    given = {}
    if declared.query:
        given["query"] = _checked(declared.query(data=request.query_params))
    if declared.body:
        given["data"] = _checked(declared.body(data=request.data))
    return given


def _checked(serializer: Any) -> Any:
    if not serializer.is_valid():
        raise Invalid(problems_of(serializer.errors))
    return dict(serializer.validated_data)


def _answered(view: ApiView, declared: Operation, request: Caller, given: dict[str, Any]) -> HttpResponseBase:
    value = declared.function(view, request, **_without_paging(declared, given))
    if isinstance(value, HttpResponseBase):
        return value
    content = b"" if declared.answer is None else JSONRenderer().render(_data(declared, request, value, given))
    response = HttpResponse(content, status=declared.status, content_type="application/json")
    if declared.answer is None:
        del response.headers["Content-Type"]
    elif not declared.order:
        response.headers["ETag"] = tag_of(content)
    return response


def _data(declared: Operation, request: Caller, value: Any, given: dict[str, Any]) -> Any:
    if not declared.order:
        return shown_as(declared.answer, value, request)
    show = lambda row: shown_as(declared.answer, row, request)  # noqa: E731
    return page_of(request, value, declared.order, given["query"], show)


def _without_paging(declared: Operation, given: dict[str, Any]) -> dict[str, Any]:
    asks_more = declared.query is not None and declared.query is not PageQuery
    return given if asks_more or not declared.order else {name: each for name, each in given.items() if name != "query"}


def _merged(query: Shown | None) -> Shown:
    return PageQuery if query is None else type(query.__name__, (query, PageQuery), {})


def _with_tag(request: Request, response: HttpResponseBase) -> HttpResponseBase:
    """The response; 304 where the caller has the same already."""
    tag = response.headers.get("ETag")
    if tag and tag in _tags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers={"ETag": tag})
    return response


def _require_match(view: ApiView, request: Caller, kwargs: dict[str, Any]) -> None:
    """Nothing; Refused where If-Match names another state than the present one."""
    wanted, shows = request.headers.get("If-Match"), view.current or type(view)
    if not wanted or wanted.strip() == "*" or not hasattr(shows, "get"):
        return
    declared: Operation = shows.get.operation
    now = tag_of(JSONRenderer().render(shown_as(declared.answer, declared.function(view, request, **kwargs), request)))
    if now not in _tags(wanted):
        raise Refused(412, "changed", f"It was changed since you read it: the present ETag is {now}. Read it again.")


def _tags(header: str) -> list[str]:
    return [each.strip().removeprefix("W/") for each in header.split(",")]


def _described(
    method: Callable[..., Any], declared: Operation, file: str, needs_match: bool, example: Any
) -> Callable[..., Any]:
    """The method with what the description of the API says of it."""
    summary, _, rest = (declared.function.__doc__ or declared.name).partition("\n")
    text = f"{rest.strip()}\n\nScope: `{declared.scope}`.".strip()
    answer: Any = page_type(declared.answer) if declared.answer and declared.order else declared.answer
    answers: dict[Any, Any] = (
        {(declared.status, file): OpenApiTypes.OBJECT if file == "application/json" else FILE}
        if file
        else {declared.status: answer}
    )
    answers |= {(str(status), MEDIA_TYPE): ProblemDetails for status in (*range(400, 402), "4XX", "5XX")}
    headers = [
        OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[declared.status])
    ] if answer and not declared.order else []  # fmt: skip
    if declared.name and declared.scope != Scope.READ:
        headers.append(
            OpenApiParameter(
                "Idempotency-Key", str, OpenApiParameter.HEADER, description="Sent twice, it is done once."
            )
        )
    if needs_match:
        headers.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True))
    described: Callable[..., Any] = extend_schema(
        operation_id=declared.name,
        summary=summary,
        description=text,
        request=declared.body,
        responses=answers,
        parameters=[*([declared.query] if declared.query else []), *headers],
        examples=[OpenApiExample(declared.name, value=example, request_only=True)] if example is not None else None,
    )(method)
    return described
