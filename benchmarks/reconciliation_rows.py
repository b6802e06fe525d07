"""A statement of 10,000 trades from receipt to queue, and the queue's page with a million breaks: in rows of a database.

`python benchmarks/reconciliation_rows.py`, in a data folder that is gone afterwards.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TRADES, BREAKS, ASKED, BATCH = 10_000, 1_000_000, 40, 5_000
HEAD = (
    "trade_id,account,symbol,exchange,expiry,side,quantity,price,currency,trade_date,settle_date,exec_time_utc,broker"
)


@contextmanager
def _database() -> Iterator[None]:
    """A database of its own, with the tables."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            ATLASNEXUS_DATA_DIR=folder, DJANGO_SETTINGS_MODULE="atlasnexus.settings", ALLOWED_HOSTS="testserver"
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield


def _book(wrong_every: int = 0) -> bytes:
    """Trades of one day; of every so many one has another price."""
    rows = [
        f"T{n},{n % 40:05d},ES,CME,202609,{'BUY' if n % 2 else 'SELL'},{n % 50 + 1},{6000 + n % 400 + (5 if wrong_every and n % wrong_every == 0 else 0)},USD,2026-06-15,2026-06-16,,A"
        for n in range(TRADES)
    ]
    return "\n".join([HEAD, *rows]).encode()


def statement_seconds() -> tuple[float, dict[str, int]]:
    """Seconds from the file's receipt to its breaks, and the verdicts."""
    from accounts.models import Role as PersonRole
    from accounts.models import User
    from jobs.work import work
    from reconciliation.demo import DAY
    from reconciliation.models import Role, Source
    from reconciliation.services.define_reconciliation import define_reconciliation
    from reconciliation.services.receive_file import receive_file
    from reconciliation.services.request_run import request_run
    from reconciliation.services.save_source import save_source
    from reconciliation.services.seed_reconciliation import seed_reconciliation

    by = User.objects.create_user(
        "bench@bench.example", "bench bench bench", full_name="Bench", role=PersonRole.ADMIN, is_approved=True
    )
    seed_reconciliation()
    common = {"format": "mapped", "book": "listed", "mapping_family": "our-listed-trades"}
    sources = [
        save_source(by=by, source=Source(name=name, role=role, **common))
        for name, role in (("ours", Role.INTERNAL), ("theirs", Role.BROKER))
    ]
    receive_file(by=by, source=sources[0], name="ours.csv", content=_book(), business_date=DAY)
    definition = define_reconciliation(by=by, name="Bench", what="listed", sources=sources)
    began = time.perf_counter()
    receive_file(by=by, source=sources[1], name="theirs.csv", content=_book(50), business_date=DAY)
    run = request_run(by=by, definition=definition, business_date=DAY, enqueue=False)
    work(run.code)
    seconds = time.perf_counter() - began
    run.refresh_from_db()
    return seconds, run.summary["verdicts"]


def queue_milliseconds() -> list[float]:
    """Of the queue's page with a million breaks, as it is asked for without and with filters."""
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from reconciliation.models import Break, Definition

    definition, now = Definition.objects.get(), timezone.now()
    for start in range(0, BREAKS, BATCH):
        Break.objects.bulk_create(
            Break(
                definition=definition, identity=f"bench{n}", type="PRICE_BREAK", severity=("HIGH", "CRITICAL", "MEDIUM")[n % 3],
                score=n % 6 + 4, amount=n, reference=f"T{n}", team="trading", counterparty=f"C{n % 30}", cluster=f"c{n % 5000}",
                opened_at=now - timedelta(minutes=n % 10_000), answer_by=now, resolve_by=now,
            )
            for n in range(start, start + BATCH)
        )  # fmt: skip
    client = Client()
    client.force_login(User.objects.get())
    client.get("/reconciliation/breaks/?state=open")
    found = []
    for n in range(ASKED):
        query = ("?state=open", "?state=open&severity=HIGH", f"?state=open&cluster=c{n}", "?state=open&page=3")[n % 4]
        began = time.perf_counter()
        assert client.get(f"/reconciliation/breaks/{query}").status_code == 200
        found.append((time.perf_counter() - began) * 1_000)
    return sorted(found)


def main() -> None:
    """Both measures."""
    with _database():
        seconds, verdicts = statement_seconds()
        print(f"a statement of {TRADES:,} trades, receipt to queue: {seconds:.1f} s, {verdicts}")
        found = queue_milliseconds()
        print(
            f"the queue's page with {BREAKS:,} breaks: median {found[len(found) // 2]:.0f} ms, p95 {found[int(len(found) * 0.95)]:.0f} ms"
        )


if __name__ == "__main__":
    main()
