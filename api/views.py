"""The description of the API: for programs as JSON, for people as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from api.reference import reference
from api.schema import description
from lib.errors import NotFound


@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """The description as OpenAPI 3.1."""
    return JsonResponse(description())


@signed_in
@require_safe
def docs(request: PersonRequest) -> HttpResponse:
    """Every operation by room, each a way to its fields."""
    return render(request, "api/docs.html", {"section": "api", "rooms": reference()})


@signed_in
@require_safe
def docs_of(request: PersonRequest, room: str) -> HttpResponse:
    """The operations of one room: what each takes, what it answers."""
    operations = dict(reference()).get(room)
    if operations is None:
        raise NotFound("The API has no such room.")
    return render(request, "api/room.html", {"section": "api", "room": room, "operations": operations})
