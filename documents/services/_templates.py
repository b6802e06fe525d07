"""What the verbs on templates share."""

from typing import Any

from accounts.models import User
from documents.chosen_templates import latest_version
from documents.models import DocumentTemplate


def next_version(kind: str, organisation: str, by: User) -> DocumentTemplate:
    """The version after the last one, not saved yet."""
    latest = latest_version(kind, organisation.strip())
    # Of two who add at once the second is refused by the table's own rule.
    return DocumentTemplate(
        kind=kind,
        organisation=latest.organisation if latest else organisation.strip(),
        version=(latest.version if latest else 0) + 1,
        added_by=by,
    )


def audited_template(row: DocumentTemplate) -> dict[str, Any]:
    """What the audit trail keeps of a version."""
    return {
        "kind": row.kind,
        "organisation": row.organisation,
        "version": row.version,
        "filename": row.filename,
        "sha256": row.content_hash,
    }
