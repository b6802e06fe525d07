"""Makes a link to an issued pack for somebody who does not sign in."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.access import get_pack, require_can_make
from documents.models import Pack, PackLink
from lib.verbs import refuse, save_checked


@transaction.atomic
def make_link(*, by: User, pack: Pack, recipient: str, days: int) -> PackLink:
    """The link; Invalid for a pack that is not issued, or a time that is none."""
    current = get_pack(by, pack.code)
    require_can_make(by)
    if not current.is_issued:
        raise refuse("not_issued", "pack", "Expected an issued pack: drafts do not leave the building.")
    link = PackLink(pack=current, recipient=recipient.strip(), days=days, made_by=by)
    save_checked(link)
    after = {"pack": current.number, "recipient": link.recipient, "days": days, "ends_at": link.ends_at.isoformat()}
    audit.record(by=by, action="pack_link.made", target=link, after=after)
    return link
