"""Versions of data of every kind: read, drafted, exchanged, approved. A kind is one call of `version_views`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.shared import Of, Person, Reason
from records.access import get_version, visible_versions
from records.editing import Typed, value_text
from records.exchange import Reading, document_of
from records.models import Status, Version
from records.queries import standings
from records.services import (
    approve_version,
    copy_version,
    delete_draft,
    edit_version,
    import_version,
    reject_version,
    submit_version,
)


class VersionLine(Of):
    """A version in a list."""

    code = serializers.UUIDField()
    family = serializers.CharField()
    version = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field's name
    name = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    standing = serializers.SerializerMethodField(help_text="In words: In force, Superseded, From a day.")
    effective_from = serializers.DateField()
    content_hash = serializers.CharField()
    revision = serializers.IntegerField()

    def get_standing(self, version: Version) -> str:
        return standings([version])[version.pk].words


class VersionShown(VersionLine):
    """A version with its tables."""

    notes = serializers.CharField()
    based_on = serializers.UUIDField(source="based_on.code", allow_null=True)
    submitted_by = Person(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_by = Person(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    content = serializers.DictField()


class VersionQuery(Of):
    status = serializers.ChoiceField(Status.choices, required=False)
    family = serializers.CharField(required=False, max_length=60)


class VersionCopy(Of):
    scope = serializers.CharField(allow_blank=True, default="", max_length=40, help_text="Another asset class.")


class Document(Of):
    """A version as a document: what `read` of its export gives, changed."""

    document = serializers.DictField()


class CellValue(Of):
    """A cell's new value, in the engine's units, and where it comes from."""

    value = serializers.JSONField()
    provenance = serializers.CharField(max_length=40)
    source = serializers.CharField(max_length=2_000)  # type: ignore[assignment]  # a field's name


class VersionEdit(Of):
    """Cells by place, such as criteria.UK.AAA.dscr_minimum, and what stands around them."""

    revision = serializers.IntegerField(min_value=1)
    cells = serializers.DictField(child=CellValue(), default=dict)
    name = serializers.CharField(required=False, max_length=200)
    effective_from = serializers.DateField(required=False)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


def version_views(model: type[Version], noun: str) -> dict[str, type[ApiView]]:  # noqa: C901  # one class an address
    """The views of a kind by the end of their addresses; `noun` names the operations: rule_set."""

    class Base(ApiView):
        tag = f"{noun}s".replace("_", "-")

    def found(request: Caller, code: UUID) -> Version:
        return get_version(request.user, model, code)

    class Versions(Base):
        @operation(f"list_{noun}s", query=VersionQuery, answer=VersionLine, pages="pk")
        def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Version]:
            """Lists the versions the caller may read."""
            chosen = {name: query[name] for name in ("status", "family") if query.get(name)}
            return visible_versions(request.user, model).filter(**chosen)

        @operation(f"import_{noun}", scope=Scope.WRITE, body=Document, answer=VersionShown, status=201)
        def post(self, request: Caller, data: dict[str, Any]) -> Version:
            """Makes a draft of a document, as the next version of its family."""
            return import_version(by=request.user, model=model, reading=Reading(data["document"]))

    class Detail(Base):
        @operation(f"read_{noun}", answer=VersionShown)
        def get(self, request: Caller, code: UUID) -> Version:
            """Reads a version with its tables."""
            return found(request, code)

        @operation(f"edit_{noun}", scope=Scope.WRITE, body=VersionEdit, answer=VersionShown)
        def patch(self, request: Caller, code: UUID, data: dict[str, Any]) -> Version:
            """Changes cells of a draft; `revision` is the one that was read."""
            version = found(request, code)
            cells = {place: typed(version, place, cell) for place, cell in data.pop("cells").items()}
            return edit_version(by=request.user, version=version, cells=cells, **data)

        @operation(f"delete_{noun}", scope=Scope.WRITE, status=204)
        def delete(self, request: Caller, code: UUID) -> None:
            """Deletes a draft."""
            delete_draft(by=request.user, version=found(request, code))

    class Export(Base):
        @operation(f"export_{noun}", answer=Document)
        def get(self, request: Caller, code: UUID) -> dict[str, Any]:
            """Takes a version away as a document."""
            return {"document": document_of(found(request, code))}

    class Copy(Base):
        @operation(f"copy_{noun}", scope=Scope.WRITE, body=VersionCopy, answer=VersionShown, status=201)
        def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Version:
            """Makes the next version as a draft with the same content."""
            return copy_version(by=request.user, version=found(request, code), **data)

    class Submit(Base):
        current = Detail

        @operation(f"submit_{noun}", scope=Scope.WRITE, answer=VersionShown)
        def post(self, request: Caller, code: UUID) -> Version:
            """Sends a draft to a second administrator."""
            return submit_version(by=request.user, version=found(request, code))

    class Approve(Base):
        current = Detail

        @operation(f"approve_{noun}", scope=Scope.ISSUE, answer=VersionShown)
        def post(self, request: Caller, code: UUID) -> Version:
            """Approves a version; who wrote a part of it may not."""
            return approve_version(by=request.user, version=found(request, code))

    class Reject(Base):
        current = Detail

        @operation(f"reject_{noun}", scope=Scope.ISSUE, body=Reason, answer=VersionShown)
        def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Version:
            """Sends a version back to its author, with the reason."""
            return reject_version(by=request.user, version=found(request, code), **data)

    return {
        "": Versions,
        "/<uuid:code>": Detail,
        "/<uuid:code>/export": Export,
        "/<uuid:code>/copy": Copy,
        "/<uuid:code>/submit": Submit,
        "/<uuid:code>/approve": Approve,
        "/<uuid:code>/reject": Reject,
    }


def typed(version: Version, place: str, cell: dict[str, Any]) -> Typed:
    """A cell as somebody would have typed it: verbs take what people type."""
    value = cell["value"]
    text = value if isinstance(value, str) else value_text(version.kind.spec_at(place.split(".")), value)
    return Typed(text, cell["provenance"], cell["source"])
