"""Links to issued packs, by their signed tokens."""

from __future__ import annotations

from django.urls import reverse

from documents.models import PackLink
from lib.errors import NotFound
from lib.signed_links import LinkEnded, code_in, require_open, token_of
from projects.models import Status

__all__ = ["LinkEnded", "address_of", "link_of", "token_of"]


def address_of(link: PackLink) -> str:
    """The path that opens the link."""
    return reverse("pack-shared", args=[token_of(link)])


def link_of(token: str) -> PackLink:
    """The link of a token; NotFound for what was never signed here, LinkEnded where its time is over."""
    code = code_in(token, PackLink.salt)
    related = ("pack__financing__project", "pack__financing__snapshot", "pack__financing__rule_set", "pack__supersedes")
    kept = PackLink.objects.exclude(pack__financing__project__status=Status.DELETED).select_related(*related)
    link = kept.filter(code=code).first()
    if link is None:
        raise NotFound("There is no such link.")
    require_open(link, token)
    return link
