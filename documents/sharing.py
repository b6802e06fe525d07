"""Kinds of pack as links and withdrawals know them: each room that issues packs declares its own here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from accounts.models import User
from documents.models import PackBase, SharedPackLink
from lib.errors import NotFound
from lib.signed_links import LinkEnded, code_in, require_open, token_of

__all__ = [
    "LinkEnded",
    "Shareable",
    "SharedFile",
    "address_of",
    "declare",
    "get_link",
    "kind_of",
    "link_of",
    "token_of",
]


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a pack as a holder of a link is shown it; `key` is how its address names it."""

    key: str
    title: str
    filename: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Shareable:
    """A kind of pack: whose it is, what it is about, what is in it; `words` is what its page calls it."""

    words: str
    model: type[PackBase]
    links: Any  # the model of its links, with a `pack`
    page: str
    get: Callable[[User, UUID | str], Any]
    require: Callable[[User], None]
    opening: Callable[[], QuerySet[Any]]
    subject: Callable[[Any], str]
    close_date: Callable[[Any], date]
    files: Callable[[Any], list[SharedFile]]
    send_archive: Callable[[Any], HttpResponse]
    send_file: Callable[[Any, str], HttpResponse]


_KINDS: dict[type[PackBase], Shareable] = {}


def declare(kind: Shareable) -> None:
    """From now on packs of the kind are sent by link and withdrawn."""
    _KINDS[kind.model] = kind


def kind_of(pack: PackBase) -> Shareable:
    """The kind of a pack."""
    return _KINDS[type(pack)]


def address_of(link: SharedPackLink) -> str:
    """The path that opens the link."""
    return reverse("pack-shared", args=[token_of(link)])


def page_of(pack: PackBase) -> str:
    """The path of a pack's own page."""
    return reverse(kind_of(pack).page, args=[pack.code])


def get_link(user: User, code: UUID | str) -> SharedPackLink:
    """The link of this code; NotFound where there is none this person may see, Forbidden for readers."""
    for kind in _KINDS.values():
        found: SharedPackLink | None = kind.links.objects.filter(code=code).select_related("pack").first()
        if found is not None:
            kind.get(user, found.pack.code)
            kind.require(user)
            return found
    raise NotFound("There is no such link.")


def link_of(token: str) -> SharedPackLink:
    """The link of a token; NotFound for what was never signed here, LinkEnded where its time is over."""
    for kind in _KINDS.values():
        try:
            code = code_in(token, kind.links.salt)
        except NotFound:
            continue
        link: SharedPackLink | None = kind.opening().filter(code=code).first()
        if link is not None:
            require_open(link, token)
            return link
    raise NotFound("There is no such link: copy the whole address, or ask for a new one.")
