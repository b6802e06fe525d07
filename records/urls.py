"""The pages of a kind's versions, for its room to put where it likes."""

from django.urls import URLPattern, path

from records.models import Version
from records.views import reading


def version_urls(model: type[Version], at: str) -> list[URLPattern]:
    """List, detail, changes and export under `at`, named after the kind's pages: "rules-detail"."""
    pages, given = model.kind.pages, {"model": model}
    return [
        path(at, reading.version_list, given, name=f"{pages}-list"),
        path(f"{at}<uuid:code>/", reading.version_detail, given, name=f"{pages}-detail"),
        path(f"{at}<uuid:code>/changes/", reading.version_changes, given, name=f"{pages}-changes"),
        path(f"{at}<uuid:code>/export/", reading.version_export, given, name=f"{pages}-export"),
    ]
