"""The kinds of table there are: rooms register theirs as they start."""

from __future__ import annotations

from lib.errors import NotFound
from tables.catalogue import Catalogue

_catalogues: dict[str, Catalogue] = {}


def register(catalogue: Catalogue) -> None:
    """Makes a kind of table known, so that people may keep views of it."""
    _catalogues[catalogue.kind] = catalogue


def catalogue_of(kind: str) -> Catalogue:
    """The catalogue of a kind of table; NotFound where no room has it."""
    if kind not in _catalogues:
        raise NotFound("There is no such kind of table.")
    return _catalogues[kind]
