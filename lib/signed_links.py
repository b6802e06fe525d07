"""Signed links: a token names a link and the moment it was made, and can be made again by nobody but this platform."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any, ClassVar

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner, b62_encode
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from lib.columns import code_column, person_column
from lib.errors import AtlasError, NotFound

LONGEST_LINK_DAYS = 365


class LinkEnded(AtlasError):
    """A link that was good once."""


class SignedLink(models.Model):
    """A way to something for somebody who does not sign in: signed, ending, taken back at any time.

    A model names its own `salt`, so that a token of one kind of link opens no other, and says whom it is for.
    """

    salt: ClassVar[str]

    code = code_column()
    days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LINK_DAYS)])
    made_by = person_column()
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_by = person_column(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-made_at", "-pk")

    @property
    def ends_at(self) -> Any:
        """The moment from which it opens nothing."""
        return self.made_at + timedelta(days=self.days)

    @property
    def is_valid(self) -> bool:
        """True while it opens something."""
        return self.revoked_at is None and timezone.now() < self.ends_at


class _Signer(TimestampSigner):
    """Signs for the moment its link was made, so that the same link has the same token."""

    def __init__(self, salt: str, made_at: float = 0.0) -> None:
        super().__init__(salt=salt)
        self._made_at = int(made_at)

    def timestamp(self) -> str:
        return b62_encode(self._made_at)


def token_of(link: SignedLink) -> str:
    """What the link's address ends in; nothing of it is stored."""
    return _Signer(link.salt, link.made_at.timestamp()).sign(link.code.hex)


def code_in(token: str, salt: str) -> str:
    """The code of the link that a token was made for; NotFound for what was never signed here."""
    try:
        return _Signer(salt).unsign(token)
    except BadSignature:
        raise NotFound("There is no such link: copy the whole address, or ask for a new one.") from None


def require_open(link: SignedLink, token: str) -> None:
    """Raises LinkEnded for a link that was taken back or whose time is over."""
    if link.revoked_at is not None:
        raise LinkEnded("This link was taken back by those who sent it. Ask them for a new one.")
    try:
        _Signer(link.salt).unsign(token, max_age=timedelta(days=link.days))
    except SignatureExpired:
        ended = f"{link.ends_at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
        raise LinkEnded(f"This link ended on {ended}. Ask those who sent it for a new one.") from None
