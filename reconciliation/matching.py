"""A run: the books compared, groups and members written, breaks opened, kept or gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone

from engine.reconciliation.cash import reconcile_cash
from engine.reconciliation.decided import Word, groups_by_hand, with_words
from engine.reconciliation.hints import cause_of
from engine.reconciliation.listed import reconcile_listed, reconcile_positions
from engine.reconciliation.nway import Row, as_text, reconcile_nway
from engine.reconciliation.otc import reconcile_otc
from engine.reconciliation.records import Record
from engine.reconciliation.severity import HOURS, severity_of, team_of
from engine.reconciliation.terms import Terms
from engine.reconciliation.verdicts import MATCHED, Group, Verdict
from jobs.registry import Answer
from jobs.work import Held
from reconciliation.books import Books, amount_of, books_of
from reconciliation.models import (
    UNSETTLED,
    Break,
    BreakState,
    Decision,
    MatchGroup,
    Member,
    ReconciliationRun,
    Role,
    What,
)

BATCH = 2_000
Found = tuple[Group, dict[str, Any]]
Match = Callable[[Sequence[Record], Sequence[Record], Terms], list[Group]]
MATCHERS: dict[str, Match] = {
    What.OTC: reconcile_otc,
    What.LISTED: reconcile_listed,
    What.POSITIONS: reconcile_positions,
    What.CASH: reconcile_cash,
}


def compare_books(run: ReconciliationRun, held: Held) -> Answer:
    """The run's counts; done again it writes the same groups."""
    terms = run.terms.terms()
    books = books_of(run)
    held.report(0, max(1, len(books.by_id)))
    found = _compared(run, books, terms)
    held.report(len(books.by_id) // 2)
    with transaction.atomic():
        groups = write_groups(run, books, found, terms)
        opened = _write_breaks(run, groups)
    held.report(max(1, len(books.by_id)))
    return _summary(books, found, opened)


def _compared(run: ReconciliationRun, books: Books, terms: Terms) -> list[Found]:
    if run.definition.what == What.NWAY:
        sides: dict[str, Sequence[Record]] = {
            str(role): books.of(role) for role in (Role.INTERNAL, Role.BROKER, Role.CCP) if role in books.records
        }
        return [_of_row(row, books) for row in reconcile_nway(sides, terms)]
    words = _words(run, books)
    by_hand = groups_by_hand(words)
    taken = {name for group in by_hand for name in (*group.internal, *group.external)}
    ours = [each for each in books.of(Role.INTERNAL) if each.id not in taken]
    theirs = [each for each in books.external if each.id not in taken]
    groups = [*by_hand, *with_words(MATCHERS[run.definition.what](ours, theirs, terms), words)]
    return [(group, {"differences": [_difference(each) for each in group.differences]}) for group in groups]


def _difference(found: Any) -> dict[str, Any]:
    return {**asdict(found), "weight": str(found.weight), "hints": list(found.hints)}


def _of_row(row: Row, books: Books) -> Found:
    """A row of several books as a group: every side's value, and what is proposed."""
    members: dict[bool, list[str]] = {True: [], False: []}
    for role in (Role.INTERNAL, Role.BROKER, Role.CCP):
        for record in books.of(role):
            if (record.text("trade_id") or record.id) == row.name:
                members[role == Role.INTERNAL].append(record.id)
    values = {
        field: {
            "sides": {side: as_text(value) for side, value in sides.items()},
            "priority": as_text(row.by_priority[field]),
            "majority": as_text(row.by_majority[field]),
        }
        for field, sides in row.values.items()
    }
    group = Group(row.verdict, tuple(members[True]), tuple(members[False]), "trade id", note=row.detail)
    return group, {"values": values, "asks": row.asks}


def _words(run: ReconciliationRun, books: Books) -> list[Word]:
    """What people decided of records that are in this run, by the records' ids in it."""
    ids: dict[tuple[bool, str], list[str]] = {}
    for role, records in books.records.items():
        for record in records:
            ids.setdefault((role == Role.INTERNAL, books.reference(record.id)), []).append(record.id)
    found = []
    for each in Decision.objects.filter(definition=run.definition, is_taken_back=False):
        sides = [
            [name for ref in refs for name in ids.get((ours, ref), [])]
            for ours, refs in ((True, each.internal), (False, each.external))
        ]
        found.append(Word(each.choice, tuple(sides[0]), tuple(sides[1]), each.reason))
    return found


def write_groups(run: ReconciliationRun, books: Books, found: Sequence[Found], terms: Terms) -> list[MatchGroup]:
    """The rows of the groups with their members, in the place of those of an earlier attempt."""
    Member.objects.filter(run=run).delete()
    MatchGroup.objects.filter(run=run).delete()
    rows = [_row(run, number, group, detail, books, terms) for number, (group, detail) in enumerate(found, start=1)]
    rows = MatchGroup.objects.bulk_create(rows, batch_size=BATCH)
    members = [
        Member(run=run, group=row, record_id=pk, is_internal=ours, is_live=live)
        for row, (group, _) in zip(rows, found, strict=True)
        for names, ours, live in (
            (group.internal, True, True),
            (group.external, False, True),
            (group.refers_to, True, False),
        )
        for name in names
        for pk in books.pks(name)
    ]
    Member.objects.bulk_create(members, batch_size=BATCH)
    return rows


def _row(
    run: ReconciliationRun, number: int, group: Group, detail: dict[str, Any], books: Books, terms: Terms
) -> MatchGroup:
    names = (*group.internal, *group.external)
    records = [books.by_id[name] for name in names]
    amount, currency = amount_of(records, terms)
    severity = severity_of(group.verdict, group.break_types, amount)
    types = group.break_types or (() if severity is None else (str(group.verdict),))
    return MatchGroup(
        run=run,
        number=number,
        identity=_identity(run, group, books, types),
        verdict=str(group.verdict),
        break_types=", ".join(types)[:120],
        paired_by=group.paired_by[:200],
        cause=cause_of(group.differences)[:300] if severity else "",
        note=group.note[:300],
        detail={**detail, "references": [books.reference(name) for name in names][:50]},
        severity=severity.band if severity else "",
        score=severity.score if severity else None,
        amount=amount.quantize(Decimal("0.000001")),
        currency=currency[:12],
        product=(records[0].text("product") or records[0].text("symbol"))[:40] if records else "",
        counterparty=next((books.party(name) for name in reversed(names) if books.party(name)), "")[:120],
    )


def _identity(run: ReconciliationRun, group: Group, books: Books, types: Iterable[str]) -> str:
    """The same for the same records and the same kind of break, in whichever run."""
    sides = ("|".join(sorted(books.reference(name) for name in names)) for names in (group.internal, group.external))
    return sha256("\n".join((str(run.definition.code), *sides, *sorted(types))).encode()).hexdigest()


def _write_breaks(run: ReconciliationRun, groups: Sequence[MatchGroup]) -> dict[str, int]:
    """Breaks opened and gone; one that was there stays as old as it is, one that was settled stays settled."""
    open_groups = {group.identity: group for group in groups if group.severity}
    known = {each.identity: each for each in Break.objects.filter(definition=run.definition, state__in=UNSETTLED)}
    settled = set(
        Break.objects.filter(definition=run.definition, state=BreakState.RESOLVED).values_list("identity", flat=True)
    )
    new = [_break(run, g) for name, g in open_groups.items() if name not in known and name not in settled]
    Break.objects.bulk_create(new, batch_size=BATCH)
    kept = [_kept(known[name], group) for name, group in open_groups.items() if name in known]
    Break.objects.bulk_update(kept, ["group", "cause", "cluster", "amount"], batch_size=BATCH)
    gone = [each.pk for name, each in known.items() if name not in open_groups]
    for start in range(0, len(gone), BATCH):
        rows = Break.objects.filter(pk__in=gone[start : start + BATCH])
        rows.update(state=BreakState.GONE, settled_at=timezone.now(), resolution="A later run no longer finds it.")
    return {"opened": len(new), "kept": len(kept), "gone": len(gone)}


def _kept(row: Break, group: MatchGroup) -> Break:
    row.group, row.cause, row.cluster, row.amount = group, group.cause, cluster_of(group), group.amount
    return row


def _break(run: ReconciliationRun, group: MatchGroup) -> Break:
    hours, now = HOURS[group.severity], timezone.now()
    types = tuple(group.break_types.split(", "))
    return Break(
        definition=run.definition,
        identity=group.identity,
        group=group,
        type=group.break_types,
        severity=group.severity,
        score=group.score or 0,
        amount=group.amount,
        currency=group.currency,
        product=group.product,
        counterparty=group.counterparty,
        reference=", ".join(dict.fromkeys(group.detail["references"]))[:200],
        cause=group.cause,
        cluster=cluster_of(group),
        team=team_of(Verdict(group.verdict), types, group.amount),
        opened_at=now,
        answer_by=now + timedelta(hours=hours.respond),
        resolve_by=now + timedelta(hours=hours.resolve),
    )


def cluster_of(group: MatchGroup) -> str:
    """The same for breaks that look alike: type, fields, product, counterparty, kind of cause."""
    fields = sorted({each["field"] for each in group.detail.get("differences", []) if each["weight"] == "Error"})
    cause = group.cause.partition(":")[0]
    key = "|".join((group.break_types, ",".join(fields), group.product, group.counterparty, cause))
    return sha256(key.encode()).hexdigest()[:16]


def _summary(books: Books, found: Sequence[Found], breaks: dict[str, int]) -> Answer:
    verdicts = Counter(str(group.verdict) for group, _ in found)
    ours, theirs = len(books.of(Role.INTERNAL)), len(books.external)
    matched = sum(count for verdict, count in verdicts.items() if Verdict(verdict) in MATCHED)
    return {
        "verdicts": dict(verdicts),
        "internal": ours,
        "external": theirs,
        "matched": matched,
        "groups": len(found),
        "match_rate": matched / len(found) if found else None,
        "breaks": breaks,
    }
