"""Admin pages that only show."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.db.models import JSONField, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from lib.text import label_of

if TYPE_CHECKING:
    # Generic for the type checker only; Django's own class takes no parameter.
    BaseAdmin = admin.ModelAdmin[Any]
else:
    BaseAdmin = admin.ModelAdmin

# Of a hash, as many of its digits as tell rows apart.
HASH_SHOWN = 12
DIGESTS = ("hash", "public_key")
# Columns of codes, which rooms spell as names of code.
CODED = ("kind", "objective", "asset_class")


class WordsFilter(admin.AllValuesFieldListFilter):
    """A filter by a column of codes, which are shown in words."""

    words: Callable[[str], str] = staticmethod(label_of)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The choices, each in words."""
        for choice in super().choices(changelist):
            yield {**choice, "display": self.words(str(choice["display"]))}


class ReadOnlyAdmin(BaseAdmin):
    """Shows rows and takes no changes: those go through services, which check access and keep the trail."""

    actions: Sequence[Any] | None = None
    # Stored as JSON, yet shown in the list: it is read with the row.
    listed_data: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """The rows; in a list without what they store as JSON: a run's charts alone are a quarter of a megabyte a row."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not str(match.url_name).endswith("_changelist"):
            return rows
        return rows.defer(*(path for path in self._stored_data() if path not in self.listed_data))

    def get_list_display(self, request: HttpRequest) -> Any:
        """The columns; of a hash its first digits, of a code its words."""
        return [
            _in_words(each) if isinstance(each, str) and _is_code(self.model, each) else each
            for each in super().get_list_display(request)
        ]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """The filters; those by a code offer its words."""
        return [
            (each, WordsFilter) if isinstance(each, str) and _is_code(self.model, each) else each
            for each in super().get_list_filter(request)
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields, and folded below them what the row stores as JSON."""
        sets = list(super().get_fieldsets(request, obj))
        data = set(_json_fields(self.model))
        shown = [
            (title, {**more, "fields": [each for each in more["fields"] if each not in data]}) for title, more in sets
        ]
        folded = [each for _, more in sets for each in more["fields"] if each in data]
        return [*shown, ("Stored data", {"classes": ("collapse",), "fields": folded})] if folded else sets

    def _stored_data(self) -> "list[str]":
        """The JSON fields of the model and of what its list joins, as paths."""
        joined = self.list_select_related if isinstance(self.list_select_related, list | tuple) else ()
        paths = {"__".join(path.split("__")[: at + 1]) for path in joined for at in range(path.count("__") + 1)}
        related = [(f"{path}__", _model_at(self.model, path)) for path in sorted(paths)]
        return [prefix + name for prefix, model in (("", self.model), *related) for name in _json_fields(model)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _is_code(model: type[models.Model], name: str) -> bool:
    """True of a column of hashes, or of codes that have no words of their own."""
    field = next((each for each in model._meta.get_fields() if each.name == name), None)
    return isinstance(field, models.CharField) and not field.choices and name.endswith((*DIGESTS, *CODED))


def _in_words(name: str) -> Callable[[models.Model], str]:
    @admin.display(description=label_of(name), ordering=name)
    def column(row: models.Model) -> str:
        value = str(getattr(row, name))
        return (
            format_html('<span class="hash">{}</span>', value[:HASH_SHOWN])
            if name.endswith(DIGESTS)
            else label_of(value)
        )

    return column


def _json_fields(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.get_fields() if isinstance(field, JSONField)]


def _model_at(model: type[models.Model], path: str) -> type[models.Model]:
    """The model that a chain of foreign keys leads to."""
    for name in path.split("__"):
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type)
        model = related
    return model
