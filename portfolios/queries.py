"""What pages and verbs ask of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Q

from accounts.models import User
from engine.portfolios.assets import Asset, Pool
from engine.portfolios.compliance import Compliance, check
from engine.portfolios.scenarios import Calendar, calendar_of
from engine.portfolios.terms import DealTerms
from portfolios.access import ANALYST, MANAGER, VIEWER
from portfolios.models import ComplianceRun, Deal, LimitSet, NoteClass, Payment, PoolSnapshot, Purpose
from portfolios.translate import engine_pool, engine_terms
from records.queries import current_version

Document = dict[str, Any]
KEPT = 16


def latest_pool(deal: Deal, purpose: str = Purpose.POOL) -> PoolSnapshot | None:
    """The pool as it stands."""
    return PoolSnapshot.objects.select_related("deal").filter(deal=deal, purpose=purpose).order_by("-number").first()


def latest_run(deal: Deal) -> ComplianceRun | None:
    """The tests of the pool as it stands."""
    found = ComplianceRun.objects.filter(deal=deal, snapshot__purpose=Purpose.POOL)
    return found.select_related("snapshot", "limit_set", "deal").order_by("-snapshot__number", "-pk").first()


def limits_in_force(deal: Deal, on: date) -> LimitSet:
    """The limits of the deal's family on a day; NotFound before there are any."""
    return current_version(LimitSet, deal.limits_family, on)


def last_payment(deal: Deal) -> Payment | None:
    """The last payment date booked."""
    return Payment.objects.filter(deal=deal).order_by("-number").first()


def papers_of(deal: Deal) -> Document:
    """The deal's papers with what is outstanding now, as `translate` reads them."""
    paid = last_payment(deal)
    closing = paid.closing if paid else None
    return {
        **deal.papers,
        "currency": deal.currency,
        "benchmark": deal.benchmark,
        "closing_date": deal.closing_date.isoformat(),
        "reinvestment_end": deal.reinvestment_end.isoformat(),
        "stated_maturity": deal.stated_maturity.isoformat(),
        "classes": [_class(note, closing) for note in deal.note_classes.order_by("order")],
    }


def _class(note: NoteClass, closing: Mapping[str, Any] | None) -> Document:
    return {
        "name": note.name,
        "group": note.group,
        "balance": closing["balances"][note.name] if closing else str(note.original_balance),
        "deferred": closing["deferred"].get(note.name, "0") if closing else "0",
        "spread": None if note.spread_rate is None else str(note.spread_rate),
        "fixed_rate": None if note.fixed_rate is None else str(note.fixed_rate),
        "is_deferrable": note.is_deferrable,
        "oc_trigger": None if note.oc_trigger is None else str(note.oc_trigger),
        "ic_trigger": None if note.ic_trigger is None else str(note.ic_trigger),
    }


def terms_of(run: ComplianceRun) -> DealTerms:
    """The terms a run was made under."""
    return engine_terms(run.papers, run.limit_set.content, run.snapshot.content, run.previous)


def checked(run: ComplianceRun) -> tuple[Pool, DealTerms, Compliance]:
    """A run's pool, terms and every test with its rows: computed again, the same to the last digit."""
    return _checked(_Kept(str(run.code), run))


def pool_of(snapshot: PoolSnapshot) -> Pool:
    """The pool of a snapshot as the engine takes it."""
    return _pool(_Kept(snapshot.content_hash, snapshot.content))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is never changed, known by its name: read once by a process while people work on it."""

    name: str
    what: Any = field(compare=False)


@lru_cache(maxsize=KEPT)
def _pool(kept: _Kept) -> Pool:
    return engine_pool(kept.what)


@lru_cache(maxsize=KEPT)
def _checked(kept: _Kept) -> tuple[Pool, DealTerms, Compliance]:
    pool, terms = pool_of(kept.what.snapshot), terms_of(kept.what)
    return pool, terms, check(pool, terms)


def payment_calendar(deal: Deal, after: date) -> Calendar:
    """The payment dates later than a day."""
    holidays = [date.fromisoformat(day) for day in deal.holidays]
    return calendar_of(deal.first_payment_date, deal.stated_maturity, deal.months_between, holidays, after)


def period_around(deal: Deal, on: date) -> tuple[date, date]:
    """The interest period that holds a day: from the payment date before it, or the closing, to the next."""
    holidays = [date.fromisoformat(day) for day in deal.holidays]
    every = calendar_of(deal.first_payment_date, deal.stated_maturity, deal.months_between, holidays, deal.closing_date)
    before = [day for day in every.adjusted if day <= on]
    later = [day for day in every.adjusted if day > on]
    return (before[-1] if before else deal.closing_date), (later[0] if later else deal.stated_maturity)


def known_assets(deal: Deal) -> dict[str, Asset]:
    """What can be traded: the candidates of the deal, then what it holds."""
    found: dict[str, Asset] = {}
    for purpose in (Purpose.CANDIDATES, Purpose.POOL):
        pool = latest_pool(deal, purpose)
        if pool:
            found.update({asset.blkrockid: asset for asset in pool_of(pool).assets})
    return found


def desk() -> list[User]:
    """Everybody who works on CLO deals."""
    found = User.objects.filter(is_active=True)
    return [user for user in found if {MANAGER, ANALYST, VIEWER} & set(user.further_roles)]


def deciders() -> list[User]:
    """Those who may approve."""
    found = User.objects.filter(Q(role="admin") | ~Q(further_roles=[]), is_active=True)
    return [user for user in found if user.role == "admin" or MANAGER in user.further_roles]
