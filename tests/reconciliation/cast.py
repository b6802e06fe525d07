"""Rows that tests of the room begin with: broker C's day, compared."""

from __future__ import annotations

from datetime import time
from types import SimpleNamespace
from typing import Any

from accounts.models import User
from jobs.work import work
from lib.storage import keep_content
from reconciliation.demo import DAY
from reconciliation.models import Channel, Definition, FileState, ReceivedFile, Role, ScheduledDelivery, Source
from reconciliation.reading.documents import Field
from reconciliation.services.decide_records import decide_records
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.keep_fields import keep_fields
from reconciliation.services.receive_file import receive_file
from reconciliation.services.request_break_pack import request_break_pack
from reconciliation.services.request_run import request_run
from reconciliation.services.save_channel import save_channel
from reconciliation.services.save_delivery import save_delivery, send_now
from reconciliation.services.save_recipient import save_recipient
from reconciliation.services.save_source import save_source
from reconciliation.services.seed_reconciliation import seed_reconciliation
from tests.reconciliation.files import content

__all__ = ["DAY", "compared", "day_of_broker_c", "send", "source", "things"]


def source(by: User, name: str, role: Role, mapping: str, *, book: str = "listed", **more: Any) -> Source:
    made = Source(name=name, role=role, format="mapped", book=book, mapping_family=mapping, **more)
    return save_source(by=by, source=made)


def send(by: User, to: Source, path: str, **more: Any) -> Any:
    [row] = receive_file(
        by=by, source=to, name=path.rpartition("/")[2], content=content(path), business_date=DAY, **more
    )
    return row


def day_of_broker_c(by: User) -> SimpleNamespace:
    """Both sides' sources, files, and what is compared."""
    seed_reconciliation()
    ours = source(by, "Our trades with broker C", Role.INTERNAL, "our-listed-trades")
    theirs = source(by, "Broker C", Role.BROKER, "broker-c-trades", party="C")
    files = [send(by, ours, "etd_internal_broker_c.csv"), send(by, theirs, "broker_c_trades.txt")]
    definition = define_reconciliation(by=by, name="Broker C", what="listed", sources=[ours, theirs])
    return SimpleNamespace(ours=ours, theirs=theirs, files=files, definition=definition)


def compared(by: User, definition: Definition) -> Any:
    run = request_run(by=by, definition=definition, business_date=DAY, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    assert run.state == "done", run.error
    return run


def scan_to_check(by: User) -> ReceivedFile:
    """A scan that waits for a person, as it is where tesseract read two lines of it."""
    held = content("documents/confirmation_scan.pdf")
    scans = save_source(by=by, source=Source(name="Scans", role=Role.BROKER, format="document"))
    row = ReceivedFile.objects.create(
        source=scans,
        name="scan.pdf",
        sha256=keep_content(held),
        size_bytes=len(held),
        business_date=DAY,
        state=FileState.CHECK,
    )
    fields = [
        Field("UTI", "ATLSNEXUSFICTIVEO145ANO0000QX7P2M4K", 71.0, 1, (60.0, 120.0, 400.0, 132.0), "uti"),
        Field("", "Business days TARGET, London", 96.0, 1, (60.0, 300.0, 300.0, 312.0)),
    ]
    keep_fields(row, fields)
    return row


def things(by: User) -> dict[str, Any]:
    """One of each thing that an address of the room may be about."""
    day = day_of_broker_c(by)
    run = compared(by, day.definition)
    file = day.files[1]
    word: dict[str, Any] = {
        "choice": "match",
        "internal": ["ANF0053"],
        "external": ["ANF0052"],
        "reason": "booked twice",
    }
    decision = decide_records(by=by, definition=day.definition, **word)
    # It leads to this machine, which no channel may reach.
    channel = Channel(source=day.ours, kind="sftp", address="127.0.0.1:9", user="atlas", is_active=False)
    save_channel(by=by, channel=channel)
    pack = request_break_pack(by=by, enqueue=False)
    work(pack.code)
    pack.refresh_from_db()
    delivery = save_delivery(
        by=by, delivery=ScheduledDelivery(name="Open breaks", what="breaks", way="link", at=time(18)), people=[by]
    )
    sent = send_now(by=by, delivery=delivery, enqueue=False)
    work(sent.code)
    return {
        "recon_delivery": delivery,
        "recon_try": sent,
        "break_pack": pack,
        "recon_recipient": save_recipient(by=by, name="Auditor", method="zip", secret="four plain words here"),
        "channel_source": day.ours,
        "recon_scan": scan_to_check(by),
        "recon_file": file,
        "recon_source": day.theirs,
        "recon_definition": day.definition,
        "recon_run": run,
        "recon_break": day.definition.breaks.first(),
        "recon_decision": decision,
        "mapping": file.mapping,
        "recon_terms": run.terms,
    }
