"""Notes issued in the house, offered to deals as assets: what the room above that issues them says of each class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import User
from lib.errors import NotFound
from lib.slots import answers


@dataclass(frozen=True, slots=True)
class IssuedNote:
    """One class: its columns as texts of a tape, the rating its issuer's room works out, and where all of it comes from."""

    code: str
    title: str
    cells: Mapping[str, str]
    indicated_rating: str
    provenance: str
    content_hash: str
    url: str

    @property
    def balance(self) -> Decimal:
        """At issue, in its currency."""
        return Decimal(self.cells["deal_par_amount"])

    @property
    def coupon(self) -> Decimal:
        """A year's, with the index where it floats."""
        return Decimal(self.cells["coupon"])

    @property
    def wal(self) -> Decimal | None:
        """Years, in the base case."""
        return Decimal(self.cells["wal"]) if "wal" in self.cells else None

    @property
    def asset_id(self) -> str:
        """The identifier it has in a pool."""
        return self.cells["blkrockid"]


def issued_notes(user: User) -> list[IssuedNote]:
    """The classes that other rooms offer to `user`."""
    return [note for offered in answers("portfolios.notes", user) for note in offered]


def get_issued(user: User, code: str) -> IssuedNote:
    """The class of this code; NotFound where nobody offers it to `user`."""
    found = next((note for note in issued_notes(user) if note.code == code), None)
    if found is None:
        raise NotFound("There is no such class of notes.")
    return found
