"""Replaces the template of a kind of document by the organisation's own, once it has been tried."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.access import require_can_make
from documents.errors import TemplateFault
from documents.models import DocumentTemplate
from documents.services._templates import audited_template, next_version
from documents.trial import try_template
from lib.archives import MEGABYTE
from lib.storage import keep_content
from lib.verbs import refuse, save_checked
from projects.attachments.contents import check_content
from projects.attachments.names import clean_name, suffix_of

if TYPE_CHECKING:
    # The package of kinds loads the libraries of every document, which web servers do without.
    from documents.kinds.kind import DocumentKind, Template


def replace_template(
    *, by: User, kind: DocumentKind, organisation: str, name: str, stream: IO[bytes]
) -> DocumentTemplate:
    """The new version, in use from now on; UnreadableFile or Invalid, with the reason, for one that cannot be filled."""
    require_can_make(by)
    template = _template_of(kind)
    content = _checked(template, clean_name(name), stream)
    _try(template, content)
    content_hash = keep_content(content)
    # Whatever is slow is done: nobody else's writing waits for it.
    with transaction.atomic():
        row = next_version(kind.code, organisation, by)
        row.filename, row.size_bytes, row.content_hash = clean_name(name), len(content), content_hash
        save_checked(row)
        audit.record(by=by, action="template.replaced", target=row, after=audited_template(row))
    return row


def _template_of(kind: DocumentKind) -> Template:
    if kind.template is None:
        raise refuse("no_template", "file", f"{kind.title} is written by the platform and has no template to replace.")
    return kind.template


def _checked(template: Template, name: str, stream: IO[bytes]) -> bytes:
    """The content of an upload that is of the same kind of file as the house's template, and no larger than allowed."""
    wanted, given = suffix_of(template.path.name), suffix_of(name)
    if given != wanted:
        raise refuse(
            "suffix", "file", f"Expected a file .{wanted} as the house's own, got {f'.{given}' if given else name}."
        )
    stream.seek(0)
    content = stream.read(settings.ATLASNEXUS_TEMPLATE_MB * MEGABYTE + 1)
    if not content:
        raise refuse("empty", "file", "The file is empty.")
    if len(content) > settings.ATLASNEXUS_TEMPLATE_MB * MEGABYTE:
        raise refuse("too_large", "file", f"Expected at most {settings.ATLASNEXUS_TEMPLATE_MB} MB.")
    if wanted in {"docx", "xlsx", "pptx"}:
        stream.seek(0)
        check_content(name, stream, [wanted])
    return content


def _try(template: Template, content: bytes) -> None:
    """Nothing; Invalid where the template cannot be filled with the sample."""
    try:
        try_template(template, content)
    except TemplateFault as fault:
        raise refuse("fault", "file", f"The template was refused: {fault}") from fault
