"""Error pages: a sentence each, never a trace."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api.problems import problem
from lib.errors import AtlasError

API = "/api/v1/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, None)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _page(request, 429, None)


def busy(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = _page(request, 503, exception)
    response.headers["Retry-After"] = "60"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    context = {
        "message": "This form has expired, or your browser blocks cookies. Go back, reload the page and try again."
    }
    return HttpResponse(render_to_string("errors/403.html", context), status=403)


def _page(request: HttpRequest, status: int, exception: Exception | None) -> HttpResponse:
    if request.path.startswith(API):
        return problem(request, status, f"http_{status}", str(exception) if isinstance(exception, AtlasError) else "")
    # Without the request: nothing of it (user, session, database) is needed to say what went wrong.
    message = str(exception) if isinstance(exception, AtlasError) else ""
    problems = getattr(exception, "problems", ())
    return HttpResponse(
        render_to_string(f"errors/{status}.html", {"message": message, "problems": problems}), status=status
    )
