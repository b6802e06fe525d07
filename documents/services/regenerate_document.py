"""Makes one document again: with the template that is in use now."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.access import get_pack, require_can_make
from documents.models import Pack, PackDocument
from documents.services._packs import make_again, require_open


@transaction.atomic
def regenerate_document(*, by: User, document: PackDocument, enqueue: bool = True) -> Pack:
    """The pack, queued with this document to make; Invalid while a worker is at it, or once it was issued."""
    pack = get_pack(by, document.pack.code)
    require_can_make(by)
    require_open(pack)
    make_again(pack, pack.documents.filter(pk=document.pk), enqueue=enqueue)
    after = {"pack": str(pack.code), "document": document.filename}
    audit.record(by=by, action="pack.document_made_again", target=pack, after=after)
    return pack
