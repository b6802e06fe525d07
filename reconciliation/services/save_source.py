"""Sets up who sends what; the same form changes it."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import refuse, save_checked
from reconciliation.access import CONFIGURE, require_may
from reconciliation.models import Format, MappingTemplate, Source
from records.models import Status

TOLD = (
    "name",
    "party",
    "role",
    "book",
    "format",
    "mapping_family",
    "most_megabytes",
    "most_ratio",
    "folder",
    "is_active",
)
BOOK_OF = {
    Format.FPML: "otc",
    Format.FIXML: "listed",
    Format.FIX: "listed",
    Format.DOCUMENT: "otc",
    Format.HOUSE: "otc",
}


@transaction.atomic
def save_source(*, by: User, source: Source) -> Source:
    """The source saved; Invalid for what cannot be, Forbidden for those who do not set up sources."""
    require_may(by, CONFIGURE)
    source.book = BOOK_OF.get(Format(source.format), source.book) if source.format in Format.values else source.book
    if source.format == Format.HOUSE and source._state.adding:
        raise refuse("house", "format", "Format: trades of this house come from its packs and notes by themselves.")
    if source.format == Format.MAPPED:
        _require_mapping(source)
    save_checked(source)
    audit.record(
        by=by, action="reconciliation.source_saved", target=source, after={name: getattr(source, name) for name in TOLD}
    )
    return source


def _require_mapping(source: Source) -> None:
    mapping = MappingTemplate.objects.filter(family=source.mapping_family, status=Status.ACTIVE).first()
    if mapping is None:
        raise refuse("mapping", "mapping_family", "Mapping: choose one that is active.")
    if mapping.content["layout"]["book"] != source.book:
        raise refuse("book", "book", f"Book: the mapping reads {mapping.content['layout']['book']}.")
