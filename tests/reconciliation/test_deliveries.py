"""Deliveries that leave by themselves: into a folder, to a real SFTP server and a real bucket, as a link; tried again."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import pyzipper
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.sealing import encrypt
from api.models import Delivery, Webhook
from jobs.work import work
from lib.errors import Forbidden, Invalid
from lib.storage import content_of
from notifications.models import Notification
from reconciliation.delivering import next_time
from reconciliation.models import Channel, DeliveryTry, ScheduledDelivery
from reconciliation.services import save_delivery as verbs
from reconciliation.services.save_channel import save_channel
from reconciliation.services.save_delivery import deliver_due, end_delivery, save_delivery, send_now
from reconciliation.services.save_recipient import save_recipient
from tests import world
from tests.api.cast import Program
from tests.reconciliation import servers

pytestmark = pytest.mark.django_db
PASSPHRASE = "four plain words here"


@pytest.fixture
def outgoing(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "outgoing"
    (folder / "broker-c").mkdir(parents=True)
    settings.ATLASNEXUS_OUTGOING_FOLDER = str(folder)
    return folder / "broker-c"


def made(admin: User, people: Any = (), **given: Any) -> ScheduledDelivery:
    fields = {"name": "To broker C", "what": "breaks", "way": "folder", "folder": "broker-c", "at": time(18), **given}
    return save_delivery(by=admin, delivery=ScheduledDelivery(**fields), people=people)


def tried(admin: User, delivery: ScheduledDelivery) -> DeliveryTry:
    row = send_now(by=admin, delivery=delivery, enqueue=False)
    work(row.code)
    row.refresh_from_db()
    delivery.refresh_from_db()
    return row


def types(content: bytes) -> set[str]:
    return {row["type"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}


def test_a_view_of_breaks_is_laid_into_its_folder(day: Any, admin: User, outgoing: Path):
    delivery = made(admin, filters={"type": "PRICE_BREAK"})
    row = tried(admin, delivery)
    assert (row.state, row.error) == ("done", "")
    [file] = outgoing.iterdir()
    assert (file.name, types(file.read_bytes())) == (row.name, {"PRICE_BREAK"})
    assert content_of(row.sha256) == file.read_bytes()
    assert delivery.next_at > timezone.now()
    assert Notification.objects.filter(kind="delivery_sent", person=admin).count() == 1
    actions = AuditEntry.objects.filter(target_code=delivery.code).order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["delivery.saved", "delivery.started"]


def test_it_goes_to_an_sftp_server_locked_for_its_recipient(day: Any, admin: User, secrets: Path, tmp_path: Path):
    root = tmp_path / "sftp"
    (root / "in").mkdir(parents=True)
    auditor = save_recipient(by=admin, name="Auditor", method="zip", secret=PASSPHRASE)
    with servers.sftp_server(root) as server:
        channel = Channel(
            source=day.theirs,
            kind="sftp",
            address=f"127.0.0.1:{server.port}",
            user=servers.USER,
            host_key=server.fingerprint,
        )
        save_channel(by=admin, channel=channel)
        delivery = made(admin, what="pack", way="channel", channel=channel, folder="/in", recipient=auditor)
        row = tried(admin, delivery)
    assert row.state == "done", row.error
    [file] = (root / "in").iterdir()
    assert file.name.endswith(".locked.zip")
    with pyzipper.AESZipFile(file) as archive:
        inner = archive.read(file.name.replace(".locked", ""), pwd=PASSPHRASE.encode())
    with pyzipper.ZipFile(io.BytesIO(inner)) as pack:
        assert {"manifest.json", "cover.html", "breaks.csv"} <= set(pack.namelist())
        assert types(pack.read("breaks.csv")) == {"QTY_BREAK", "PRICE_BREAK", "MISSING_EXTERNAL"}


def test_a_match_report_goes_to_a_bucket(day: Any, admin: User, secrets: Path):
    with servers.bucket() as bucket:
        channel = Channel(source=day.ours, kind="s3", address=bucket.address, user="KEY", bucket="statements")
        save_channel(by=admin, channel=channel)
        delivery = made(
            admin, what="report", format="json", definition=day.definition, way="channel", channel=channel, folder="out"
        )
        row = tried(admin, delivery)
        assert row.state == "done", row.error
        held = bucket.client.get_object(Bucket="statements", Key=f"out/{row.name}")["Body"].read()
    assert held == content_of(row.sha256)
    assert b'"verdict"' in held


def test_a_link_is_sent_to_people_who_sign_in_to_take_it(day: Any, admin: User, analyst: User, client: Any):
    row = tried(admin, made(admin, people=[analyst], way="link"))
    [told] = Notification.objects.filter(kind="delivery_ready")
    assert (told.person, told.url) == (analyst, reverse("recon-delivery-content", args=[row.code]))
    assert told.mail_due_at is not None
    assert client.get(told.url).status_code == 401
    client.force_login(analyst)
    assert client.get(told.url).content == content_of(row.sha256)


def test_a_failure_is_told_once_and_tried_again_later_and_later(
    day: Any, admin: User, outgoing: Path, monkeypatch: Any
):
    outgoing.rmdir()
    delivery = made(admin)
    waits = []
    for number in (1, 2, 3):
        before = timezone.now()
        row = tried(admin, delivery)
        assert (row.state, row.number, delivery.failed_count) == ("failed", number, number)
        assert "There is no folder broker-c" in row.error
        waits.append(round((delivery.next_at - before) / timedelta(minutes=1)))
    assert waits == [1, 2, 4]
    assert Notification.objects.filter(kind="delivery_failed", person=admin).count() == 1
    # Its time comes: the watcher starts it once, and with the folder there it arrives.
    queued: list[Any] = []
    monkeypatch.setattr(verbs, "enqueue_job", queued.append)
    ScheduledDelivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now() - timedelta(seconds=1))
    outgoing.mkdir()
    assert deliver_due() == 1
    assert deliver_due() == 0
    row = DeliveryTry.objects.get(state="queued")
    work(row.code)
    delivery.refresh_from_db()
    assert delivery.failed_count == 0
    assert len(list(outgoing.iterdir())) == 1
    end_delivery(by=admin, delivery=delivery)
    ScheduledDelivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
    assert deliver_due() == 0


def test_it_leaves_on_business_days_of_the_terms(day: Any, admin: User):
    delivery = made(admin)
    friday = datetime(2026, 6, 19, 19, tzinfo=UTC)
    assert timezone.localtime(next_time(delivery, friday)).date() > date(2026, 6, 21)
    before = datetime(2026, 6, 16, 1, tzinfo=UTC)
    found = next_time(delivery, before)
    assert timezone.localtime(found).time() == time(18)
    assert found > before


def test_what_could_never_leave_is_refused(day: Any, admin: User, analyst: User):
    for given, sentence in (
        ({"what": "report"}, "Definition: expected"),
        ({"way": "channel"}, "Channel: expected"),
        ({"way": "link"}, "at least one"),
        ({"way": "link", "people": [world.sofia()]}, "not there for"),
        ({"folder": "../etc"}, "without '..'"),
        ({"filters": {"colour": "red"}}, "View: expected"),
    ):
        with pytest.raises(Invalid, match=sentence):
            made(admin, **given)
    with pytest.raises(Forbidden):
        made(analyst)


def test_an_administrator_sets_it_up_on_its_page_and_sends_it(day: Any, admin: User, outgoing: Path, client: Any):
    client.force_login(admin)
    typed = {"name": "D", "what": "breaks", "format": "csv", "at": "18:00", "way": "folder", "folder": "broker-c", "view": "type=QTY_BREAK"}  # fmt: skip
    answer = client.post(reverse("recon-deliveries"), typed)
    delivery = ScheduledDelivery.objects.get()
    assert (answer.status_code, delivery.filters) == (302, {"type": "QTY_BREAK"})
    client.post(reverse("recon-delivery-act", args=[delivery.code]), {"verb": "send"})
    row = DeliveryTry.objects.get()
    work(row.code)
    page = client.get(reverse("recon-delivery", args=[delivery.code])).content.decode()
    row.refresh_from_db()
    assert row.name in page
    assert delivery.name in client.get(reverse("recon-deliveries")).content.decode()


def test_a_program_sets_it_up_sends_it_and_is_told(day: Any, admin: User, outgoing: Path):
    program = Program(admin)
    Webhook.objects.create(owner=admin, url="https://hooks.example/in", secret=encrypt("whsec_AAAA"))
    body = {"name": "D", "what": "breaks", "way": "folder", "folder": "broker-c", "at": "18:00", "filters": {"type": "QTY_BREAK"}}  # fmt: skip
    answer = program.post("configuration/deliveries", body)
    assert answer.status_code == 201, answer.content
    code = answer.json()["code"]
    sent = program.post(f"configuration/deliveries/{code}/tries", None)
    assert sent.status_code == 202, sent.content
    work(sent.json()["code"])
    [listed] = program.get(f"configuration/deliveries/{code}/tries").json()["items"]
    assert (listed["state"], listed["number"]) == ("done", 1)
    assert types(next(outgoing.iterdir()).read_bytes()) == {"QTY_BREAK"}
    [told] = Delivery.objects.all()
    assert (told.kind, told.body["type"]) == ("delivery_sent", "delivery_sent")
