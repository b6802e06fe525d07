"""Makes a link to an issued pack for somebody who does not sign in."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.models import PackBase, SharedPackLink
from documents.sharing import kind_of
from lib.verbs import refuse, save_checked


@transaction.atomic
def make_link(*, by: User, pack: PackBase, recipient: str, days: int) -> SharedPackLink:
    """The link; Invalid for a pack that is not issued, or a time that is none."""
    kind = kind_of(pack)
    current = kind.get(by, pack.code)
    kind.require(by)
    if not current.is_issued:
        raise refuse("not_issued", "pack", "Expected an issued pack: drafts do not leave the building.")
    link: SharedPackLink = kind.links(pack=current, recipient=recipient.strip(), days=days, made_by=by)
    save_checked(link)
    after = {"pack": current.number, "recipient": link.recipient, "days": days, "ends_at": link.ends_at.isoformat()}
    audit.record(by=by, action="pack_link.made", target=link, after=after)
    return link
