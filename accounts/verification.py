"""Proof that the audit trail is as it was written: every hash computed anew, every link followed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accounts.chain import GENESIS, digest
from accounts.models import AuditEntry

READ_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where the trail is not as it was written."""

    sequence: int
    kind: str  # changed, removed, inserted, reordered
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries hold together, up to which one, and where they do not."""

    checked: int
    head: tuple[int, str]
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: number and hash of the last sound entry, and the hash of the one before that."""

    number: int
    hash: str
    older_hash: str = ""


def verify(first: int = 1, last: int | None = None, *, tell: Callable[[int], None] = lambda checked: None) -> Verdict:
    """The verdict on the entries numbered `first` to `last`; `tell` hears from time to time how many were checked."""
    place, checked = _before(first), 0
    for entry, following in _with_following(first, last):
        if fault := _fault(place, entry, following):
            return Verdict(checked, (place.number, place.hash), fault)
        place, checked = _Place(entry.sequence, entry.hash, place.hash), checked + 1
        if checked % READ_AT_ONCE == 0:
            tell(checked)
    return Verdict(checked, (place.number, place.hash), _missing_at_the_end(place.number, last))


def entry_hash(sequence: int) -> str | None:
    """The hash that the entry of this number has now."""
    return AuditEntry.objects.filter(sequence=sequence).values_list("hash", flat=True).first()


def _before(first: int) -> _Place:
    """Where the walk begins: at the entry that the first one to check follows."""
    if first <= 1:
        return _Place(0, GENESIS)
    # Whatever stands there is believed: a part of the trail is checked, not all of it.
    return _Place(first - 1, entry_hash(first - 1) or "")


def _with_following(first: int, last: int | None) -> Iterator[tuple[AuditEntry, AuditEntry | None]]:
    entries = AuditEntry.objects.order_by("sequence", "pk").filter(sequence__gte=first)
    if last is not None:
        entries = entries.filter(sequence__lte=last)
    held: AuditEntry | None = None
    for entry in entries.iterator(READ_AT_ONCE):
        if held is not None:
            yield held, entry
        held = entry
    if held is not None:
        yield held, None


def _fault(place: _Place, entry: AuditEntry, following: AuditEntry | None) -> Fault | None:
    number, expected = entry.sequence, place.number + 1
    is_sound = digest(entry) == entry.hash
    if is_sound and entry.previous_hash == place.hash and number == expected:
        return None
    if number > expected:
        gap = f"entry {expected} is" if number == expected + 1 else f"entries {expected} to {number - 1} are"
        return Fault(expected, "removed", f"{gap} missing: {number} follows {place.number}")
    if number < expected:
        return Fault(number, "inserted", f"two entries bear the number {number}")
    return _put_in(place, entry, following) or _out_of_place(entry, is_sound=is_sound)


def _put_in(place: _Place, entry: AuditEntry, following: AuditEntry | None) -> Fault | None:
    """Two neighbours that remember each other, with something between them."""
    # Two that changed places remember each other, and are nothing new.
    if following and following.previous_hash == place.hash and entry.previous_hash != following.hash:
        return _inserted(entry.sequence)
    return _inserted(place.number) if entry.previous_hash == place.older_hash else None


def _inserted(number: int) -> Fault:
    return Fault(number, "inserted", f"entry {number} was put in: the one after it follows the one before it")


def _out_of_place(entry: AuditEntry, *, is_sound: bool) -> Fault:
    number = entry.sequence
    if is_sound:
        what = f"entry {number - 1} was changed and its hash computed anew: entry {number} remembers another"
        return Fault(number - 1, "changed", what)
    written_as = _number_it_was_written_with(entry)
    if written_as is None:
        return Fault(number, "changed", f"entry {number} was changed: its fields do not give its hash")
    if AuditEntry.objects.filter(hash=entry.previous_hash).exists():
        return Fault(number, "reordered", f"entry {number} was written as number {written_as}")
    return Fault(number, "removed", f"entry {number} is missing: what has this number now was written as {written_as}")


def _number_it_was_written_with(entry: AuditEntry) -> int | None:
    highest = AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    # As many may have been removed as are left.
    return next((number for number in range(1, 2 * highest + 2) if digest(entry, number) == entry.hash), None)


def _missing_at_the_end(number: int, last: int | None) -> Fault | None:
    if last is None or number >= last:
        return None
    return Fault(number + 1, "removed", f"entry {number + 1} is missing: the trail ends at {number}, not at {last}")
