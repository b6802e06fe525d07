"""Takes an earlier version of a template back into use, or the house's own."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.access import require_can_make
from documents.models import DocumentTemplate
from documents.services._templates import audited_template, next_version
from lib.verbs import save_checked


@transaction.atomic
def restore_template(*, by: User, kind: str, organisation: str, version: DocumentTemplate | None) -> DocumentTemplate:
    """A new version with the content of an earlier one, or without: then the house's own is in use again."""
    require_can_make(by)
    row = next_version(kind, organisation, by)
    if version is not None:
        row.filename, row.size_bytes, row.content_hash = version.filename, version.size_bytes, version.content_hash
    save_checked(row)
    after = {**audited_template(row), "restored": version.version if version else "house"}
    audit.record(by=by, action="template.restored", target=row, after=after)
    return row
