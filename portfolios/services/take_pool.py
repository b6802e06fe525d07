"""Keeps a pool under its hash and takes every test of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.portfolios.compliance import Status, check
from lib.canonical import canonical_hash
from lib.verbs import refuse, save_checked
from portfolios.access import require_prepare
from portfolios.models import ComplianceResult, ComplianceRun, Deal, PoolSnapshot, Purpose, RatingAction
from portfolios.news import tell_of_failures, tell_of_ratings
from portfolios.queries import latest_pool, latest_run, limits_in_force, papers_of
from portfolios.translate import engine_pool, engine_terms

RATED = ("moody_facility_rating", "moody_issuer_rating", "moodys_rating_21", "s_p_facility_rating", "s_p_issuer_rating")


@transaction.atomic
def take_pool(
    *,
    by: User,
    deal: Deal,
    content: Mapping[str, Any],
    origin: str,
    purpose: str = Purpose.POOL,
    warnings: Sequence[Mapping[str, Any]] = (),
) -> PoolSnapshot:
    """The pool, the next of its deal; with its tests, where it is the deal's own. Nothing new is Invalid."""
    require_prepare(by, deal)
    before, hashed = latest_pool(deal, purpose), canonical_hash(content)
    if before and before.content_hash == hashed:
        raise refuse("nothing_new", "pool", f"This is {before} already: nothing would change.")
    pool = PoolSnapshot(
        deal=deal,
        purpose=purpose,
        number=before.number + 1 if before else 1,
        determination_date=content["determination_date"],
        content=content,
        content_hash=hashed,
        warnings=list(warnings),
        origin=origin[:200],
        made_by=by,
    )
    save_checked(pool, exclude=("content_hash",))
    pool.refresh_from_db()
    after = {"deal": str(deal.code), "purpose": purpose, "number": pool.number, "hash": hashed, "origin": pool.origin}
    audit.record(by=by, action="pool.taken", target=pool, after=after)
    if purpose == Purpose.POOL:
        tell_of_ratings(deal, _rated(pool, before))
        take_tests(by=by, pool=pool)
    return pool


def _rated(pool: PoolSnapshot, before: PoolSnapshot | None) -> list[RatingAction]:
    """Each rating that is new or changed, dated by the pool it was first seen in."""
    known = {row["blkrockid"]: row for row in before.content["assets"]} if before else {}
    found = [
        RatingAction(
            deal=pool.deal,
            asset_id=row["blkrockid"],
            issuer_id=row["issuer_id"],
            column=column,
            rating=row.get(column, "")[:12],
            before=known.get(row["blkrockid"], {}).get(column, "")[:12],
            seen_on=pool.determination_date,
            source=pool.origin,
        )
        for row in pool.content["assets"]
        for column in RATED
        if row.get(column, "") != known.get(row["blkrockid"], {}).get(column, "")
    ]
    return RatingAction.objects.bulk_create(found)


@transaction.atomic
def take_tests(*, by: User, pool: PoolSnapshot) -> ComplianceRun:
    """Every test of the pool under the limits in force and the papers of today, against the results of before."""
    require_prepare(by, pool.deal)
    previous, limits, papers = (
        _previous(pool),
        limits_in_force(pool.deal, pool.determination_date),
        papers_of(pool.deal),
    )
    found = check(engine_pool(pool.content), engine_terms(papers, limits.content, pool.content, previous))
    run = ComplianceRun(
        deal=pool.deal,
        snapshot=pool,
        limit_set=limits,
        papers=papers,
        previous=previous,
        engine_version=ENGINE_VERSION,
        made_by=by,
    )
    save_checked(run)
    ComplianceResult.objects.bulk_create(
        ComplianceResult(
            run=run,
            number=result.rule.number,
            value=None if result.value is None else round(result.value, 12),
            numerator=round(result.numerator, 8),
            denominator=round(result.denominator, 8),
            threshold=None if result.threshold is None else round(result.threshold, 12),
            status=result.status.value,
            coverage_ratio=round(result.coverage_ratio, 12),
        )
        for result in found.results
    )
    failed = [result for result in found.results if result.status is Status.FAIL]
    after = {"pool": pool.content_hash, "limits": str(limits), "failed": [result.rule.number for result in failed]}
    audit.record(by=by, action="tests.taken", target=run, after=after)
    tell_of_failures(run, failed)
    return run


def _previous(pool: PoolSnapshot) -> dict[str, str]:
    """The values of the tests before this pool."""
    run = latest_run(pool.deal)
    if run is None:
        return {}
    return {str(row.number): str(row.value) for row in run.test_results.all() if row.value is not None}
