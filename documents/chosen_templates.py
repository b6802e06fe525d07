"""Which template a document is filled from: the organisation's own, the one for all, or the house's."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from documents.models import DocumentTemplate
from lib.storage import content_of

if TYPE_CHECKING:
    # The package of kinds loads the libraries of every document, which web servers do without.
    from documents.kinds.kind import DocumentKind


@dataclass(frozen=True, slots=True)
class ChosenTemplate:
    """The template of a kind: `row` is None and `replacement` None for the house's own."""

    content_hash: str
    row: DocumentTemplate | None = None
    replacement: bytes | None = None

    @property
    def words(self) -> str:
        """Whose it is; nothing where the kind has no template."""
        return template_words(self.row, self.content_hash)


def chosen_template(kind: DocumentKind, organisation: str) -> ChosenTemplate:
    """The template to fill for an organisation."""
    if kind.template is None:
        return ChosenTemplate("")
    row = row_in_use(kind.code, organisation)
    if row is None:
        return ChosenTemplate(sha256(kind.template.path.read_bytes()).hexdigest())
    return ChosenTemplate(row.content_hash, row, content_of(row.content_hash))


def row_in_use(kind: str, organisation: str) -> DocumentTemplate | None:
    """The version in use: the organisation's, else the one for all; None where that is the house's own."""
    for whose in dict.fromkeys((organisation, "")):
        latest = latest_version(kind, whose)
        if latest is not None and latest.content_hash:
            return latest
    return None


def latest_version(kind: str, organisation: str) -> DocumentTemplate | None:
    """The version added last under exactly this organisation, content or not."""
    rows = DocumentTemplate.objects.filter(kind=kind, organisation__iexact=organisation)
    return rows.order_by("-version").first()


def template_words(row: DocumentTemplate | None, content_hash: str) -> str:
    """Whose template it is, for pages and manifests."""
    if row is None:
        return "house" if content_hash else ""
    return f"{row.organisation or 'all organisations'}, version {row.version}"
