"""Signed links: a token names a link and the moment it was made, and can be made again by nobody but this platform."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner, b62_encode
from django.urls import reverse

from documents.models import PackLink
from lib.errors import AtlasError, NotFound
from projects.models import Status

SALT = "documents.pack-link"


class LinkEnded(AtlasError):
    """A link that was good once."""


class _Signer(TimestampSigner):
    """Signs for the moment its link was made, so that the same link has the same token."""

    def __init__(self, made_at: float = 0.0) -> None:
        super().__init__(salt=SALT)
        self._made_at = int(made_at)

    def timestamp(self) -> str:
        return b62_encode(self._made_at)


def token_of(link: PackLink) -> str:
    """What the link's address ends in; nothing of it is stored."""
    return _Signer(link.made_at.timestamp()).sign(link.code.hex)


def address_of(link: PackLink) -> str:
    """The path that opens the link."""
    return reverse("pack-shared", args=[token_of(link)])


def link_of(token: str) -> PackLink:
    """The link of a token; NotFound for what was never signed here, LinkEnded where its time is over."""
    link = _signed(token)
    if link.revoked_at is not None:
        raise LinkEnded("This link was taken back by those who sent it. Ask them for a new one.")
    try:
        _Signer().unsign(token, max_age=timedelta(days=link.days))
    except SignatureExpired:
        ended = f"{link.ends_at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
        raise LinkEnded(f"This link ended on {ended}. Ask those who sent it for a new one.") from None
    return link


def _signed(token: str) -> PackLink:
    try:
        code = _Signer().unsign(token)
    except BadSignature:
        raise NotFound("There is no such link: copy the whole address, or ask for a new one.") from None
    related = ("pack__financing__project", "pack__financing__snapshot", "pack__financing__rule_set", "pack__supersedes")
    kept = PackLink.objects.exclude(pack__financing__project__status=Status.DELETED).select_related(*related)
    link = kept.filter(code=code).first()
    if link is None:
        raise NotFound("There is no such link.")
    return link
