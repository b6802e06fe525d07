"""What people decided, laid over what the rules found: it survives every run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from engine.reconciliation.verdicts import Group, Verdict


@dataclass(frozen=True, slots=True)
class Word:
    """One decision on records, by their ids in this run."""

    choice: str
    internal: tuple[str, ...]
    external: tuple[str, ...]
    reason: str = ""


def groups_by_hand(words: Iterable[Word]) -> list[Group]:
    """The groups that people made; their records are taken out before the rules look."""
    return [
        Group(Verdict.MANUAL, word.internal, word.external, "by hand", note=word.reason)
        for word in words
        if word.choice == "match" and word.internal and word.external
    ]


def with_words(groups: Sequence[Group], words: Sequence[Word]) -> list[Group]:
    """The groups the rules made, without pairs that people split and duplicates that are none."""
    splits = [word for word in words if word.choice == "split"]
    kept = {name for word in words if word.choice == "not_duplicate" for name in (*word.internal, *word.external)}
    found: list[Group] = []
    for group in groups:
        if group.verdict is Verdict.DUPLICATE and kept & set(group.external):
            found.append(Group(Verdict.MISSING_INTERNAL, external=group.external, note="not a duplicate, by hand"))
        elif any(_is_split(group, word) for word in splits):
            found += _apart(group, "split by hand")
        else:
            found.append(group)
    return found


def _is_split(group: Group, word: Word) -> bool:
    return _meet(group.internal, word.internal) and _meet(group.external, word.external)


def _meet(one: Collection[str], other: Collection[str]) -> bool:
    return not set(one).isdisjoint(other)


def _apart(group: Group, note: str) -> list[Group]:
    ours = [Group(Verdict.MISSING_EXTERNAL, internal=(name,), note=note) for name in group.internal]
    theirs = [Group(Verdict.MISSING_INTERNAL, external=(name,), note=note) for name in group.external]
    return [*ours, *theirs]
