"""Files fetched by themselves, from a real SFTP server and a real bucket on loopback: each once, whatever goes wrong."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Role, User
from lib.errors import Forbidden, Invalid
from notifications.models import Notification
from reconciliation import fetching
from reconciliation.channels.opening import spot_of
from reconciliation.kinds import OPERATIONS
from reconciliation.models import Channel, Fetch, Overdue, ReceivedFile
from reconciliation.services.fetch_channel import fetch_channel
from reconciliation.services.save_channel import end_channel, save_channel, try_channel
from reconciliation.services.tell_overdue import tell_overdue
from tests import world
from tests.api.cast import Program, codes
from tests.reconciliation import servers
from tests.reconciliation.cast import DAY
from tests.reconciliation.files import content

pytestmark = pytest.mark.django_db
FILE = content("broker_c_trades.txt").replace(b"ANF0052", b"ANF0077")
OTHER = content("broker_c_trades.txt").replace(b"ANF0052", b"ANF0078")


@pytest.fixture
def server(tmp_path: Path) -> Any:
    root = tmp_path / "sftp"
    (root / "out").mkdir(parents=True)
    with servers.sftp_server(root) as found:
        found.root, found.out = root, root / "out"
        yield found


@pytest.fixture
def channel(day: Any, server: Any, secrets: Path, analyst: User) -> Channel:
    made = Channel(
        source=day.theirs,
        kind="sftp",
        address=f"127.0.0.1:{server.port}",
        user=servers.USER,
        host_key=server.fingerprint,
        folder="/out",
        pattern="*.txt",
    )
    return save_channel(by=analyst, channel=made)


def fetched(channel: Channel) -> Fetch:
    fetch = fetch_channel(str(channel.code))
    channel.refresh_from_db()
    return fetch


def told(fetch: Fetch) -> tuple[int, int, int, str]:
    return fetch.found_count, fetch.taken_count, fetch.refused_count, fetch.error


def test_a_file_of_an_sftp_server_is_taken_once(channel, server):
    (server.out / "day.txt").write_bytes(FILE)
    (server.out / "day.csv").write_bytes(FILE)
    (server.out / "next.txt.part").write_bytes(FILE)
    (server.out / "folder.txt").mkdir()
    assert told(fetched(channel)) == (1, 1, 0, "")
    row = ReceivedFile.objects.get(name="day.txt")
    assert (row.channel, row.state, row.record_count, row.received_by) == ("sftp", "read", 7, None)
    assert told(fetched(channel)) == (1, 0, 0, "")
    assert (server.out / "day.txt").exists()


def test_the_same_bytes_under_another_name_are_the_same_file(channel, server):
    (server.out / "day.txt").write_bytes(FILE)
    fetched(channel)
    (server.out / "again.txt").write_bytes(FILE)
    assert told(fetched(channel)) == (2, 1, 0, "")
    assert ReceivedFile.objects.filter(channel="sftp").count() == 1


def test_a_file_that_was_written_since_is_taken_again(channel, server):
    path = server.out / "day.txt"
    path.write_bytes(FILE)
    fetched(channel)
    path.write_bytes(OTHER)
    os.utime(path, (1_700_000_000,) * 2)
    assert told(fetched(channel)) == (1, 1, 0, "")
    assert ReceivedFile.objects.filter(channel="sftp").count() == 2


def test_fetched_files_are_moved_where_it_is_set_so(channel, server, analyst):
    channel.done_folder = "done"
    save_channel(by=analyst, channel=channel)
    (server.out / "day.txt").write_bytes(FILE)
    fetched(channel)
    row = ReceivedFile.objects.get(name="day.txt")
    assert [path.name for path in (server.out / "done").iterdir()] == [f"{row.sha256[:12]}-day.txt"]
    assert not (server.out / "day.txt").exists()
    assert told(fetched(channel)) == (0, 0, 0, "")


def test_what_is_too_large_is_left_and_said(channel, server, day):
    day.theirs.most_megabytes = 1
    day.theirs.save()
    (server.out / "day.txt").write_bytes(b"x" * 1_048_577)
    fetch = fetched(channel)
    assert told(fetch) == (1, 0, 0, "")
    assert fetch.left == [{"name": "day.txt", "why": "larger than 1 MB"}]


def test_a_refused_file_is_kept_and_counted(channel, server):
    (server.out / "day.txt").write_bytes(FILE.rpartition(b"\nTRL")[0] + b"\nTRL|99|0\n")
    assert told(fetched(channel)) == (1, 1, 1, "")
    assert ReceivedFile.objects.get(name="day.txt").state == "refused"


def test_a_server_with_another_key_is_told_nothing(channel, server):
    Channel.objects.filter(pk=channel.pk).update(host_key=f"SHA256:{'A' * 43}")
    fetch = fetched(channel)
    assert server.fingerprint in fetch.error
    assert "another key" in fetch.error
    assert server.logins == []


def test_a_key_opens_too(day, secrets, analyst, tmp_path):
    root, key = tmp_path / "sftp", asyncssh.generate_private_key("ssh-ed25519")
    (root / "out").mkdir(parents=True)
    (root / "out" / "day.txt").write_bytes(FILE)
    (secrets / f"{servers.USER}@127.0.0.1").write_bytes(key.export_private_key())
    with servers.sftp_server(root, key) as server:
        made = Channel(
            source=day.theirs,
            kind="sftp",
            address=f"127.0.0.1:{server.port}",
            user=servers.USER,
            host_key=server.fingerprint,
            folder="/out",
        )
        assert told(fetched(save_channel(by=analyst, channel=made))) == (1, 1, 0, "")


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("wrong", "refuses atlas"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nnothing", "no private key"),
        (None, "no readable secret"),
    ],
)
def test_a_wrong_secret_is_said(channel, secrets, secret, said):
    path = secrets / f"{servers.USER}@127.0.0.1"
    path.write_text(secret) if secret else path.unlink()
    assert said in fetched(channel).error


def test_no_secret_is_in_the_database(channel, server):
    fetched(channel)
    held = str(list(Channel.objects.values())) + str(list(Fetch.objects.values()))
    held += str(list(AuditEntry.objects.values("before", "after")))
    assert servers.PASSWORD not in held


def test_failures_wait_longer_each_time_and_people_are_told_once(channel, server, analyst):
    Channel.objects.filter(pk=channel.pk).update(folder="/nowhere")
    waits = []
    for _ in range(4):
        assert "no such folder" in fetched(channel).error
        waits.append(round((channel.next_at - timezone.now()).total_seconds() / 60))
    assert waits == [1, 2, 4, 8]
    assert Notification.objects.filter(kind="channel_failed", person=analyst).count() == 1
    Channel.objects.filter(pk=channel.pk).update(folder="/out")
    assert fetched(channel).error == ""
    assert channel.failed_count == 0
    assert round((channel.next_at - timezone.now()).total_seconds() / 60) == 60


def test_an_address_within_is_not_reached(channel, settings, server):
    settings.ATLASNEXUS_CHANNEL_HOSTS = []
    assert "network of its own" in fetched(channel).error
    assert server.logins == []


def test_a_name_that_leads_within_is_not_reached(channel, settings, monkeypatch):
    settings.ATLASNEXUS_CHANNEL_HOSTS = []
    Channel.objects.filter(pk=channel.pk).update(address="files.example")
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", 22))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was reached"))
    (Path(settings.ATLASNEXUS_SECRETS_FOLDER) / f"{servers.USER}@files.example").write_text("x")
    assert "network of its own" in fetched(channel).error


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"address": "user:word@host"}, "address"),
        ({"address": "host/path"}, "address"),
        ({"address": "host:99999"}, "address"),
        ({"address": ""}, "address"),
        ({"user": "../etc"}, "user"),
        ({"user": "a@b"}, "user"),
        ({"host_key": "ssh-ed25519 AAAA"}, "host_key"),
        ({"host_key": ""}, "host_key"),
        ({"folder": "out/../.."}, "folder"),
        ({"every_minutes": 1}, "every_minutes"),
        ({"kind": "s3", "bucket": "statements"}, "address"),
        ({"kind": "s3", "address": "", "bucket": "statements"}, "region"),
        ({"kind": "s3", "address": "https://files.example", "bucket": "statements"}, "address"),
        ({"kind": "s3", "address": "", "region": "eu-west-1.evil.example/", "bucket": "statements"}, "region"),
        ({"kind": "s3", "address": "", "region": "eu-west-1", "bucket": ""}, "bucket"),
    ],
)
def test_a_channel_that_cannot_be_is_refused(channel, analyst, fields, place):
    for name, value in fields.items():
        setattr(channel, name, value)
    with pytest.raises(Invalid) as refused:
        save_channel(by=analyst, channel=channel)
    assert {each.place for each in refused.value.problems} == {place}


def test_amazon_is_reached_by_its_region(day, secrets):
    spot = spot_of(Channel(source=day.theirs, kind="s3", region="eu-west-1", bucket="b", user="KEY"))
    assert (spot.host, spot.port, spot.is_tls, spot.secret.name) == (
        "s3.eu-west-1.amazonaws.com",
        443,
        True,
        "KEY@s3.eu-west-1.amazonaws.com",
    )


def test_a_bucket_is_fetched_once_and_put_aside(day, secrets, analyst):
    with servers.bucket() as found:
        for name in ("out/day.txt", "out/day.csv", "out/deep/day.txt", "day.txt"):
            found.client.put_object(Bucket="statements", Key=name, Body=FILE)
        made = Channel(
            source=day.theirs,
            kind="s3",
            address=found.address,
            bucket="statements",
            user="KEY",
            folder="out",
            pattern="*.txt",
        )
        made = save_channel(by=analyst, channel=made)
        assert told(fetched(made)) == (1, 1, 0, "")
        row = ReceivedFile.objects.get(name="day.txt")
        assert (row.channel, row.record_count) == ("s3", 7)
        assert told(fetched(made)) == (1, 0, 0, "")
        made.done_folder = "done"
        save_channel(by=analyst, channel=made)
        assert told(fetched(made)) == (1, 0, 0, "")
        keys = {each["Key"] for each in found.client.list_objects_v2(Bucket="statements")["Contents"]}
        assert keys == {f"out/done/{row.sha256[:12]}-day.txt", "out/day.csv", "out/deep/day.txt", "day.txt"}
        Channel.objects.filter(pk=made.pk).update(bucket="nobodys")
        assert fetched(made).error == "There is no such bucket."
    assert "cannot be reached" in fetched(made).error


def test_trying_takes_nothing_and_says_which_key_is_shown(channel, server, analyst):
    (server.out / "day.txt").write_bytes(FILE)
    channel.host_key, channel.is_active = "", False
    save_channel(by=analyst, channel=channel)
    assert server.fingerprint in try_channel(by=analyst, channel=channel).error
    with pytest.raises(Invalid, match="just now"):
        try_channel(by=analyst, channel=channel)
    Fetch.objects.update(at=timezone.now() - timedelta(seconds=11))
    channel.host_key = server.fingerprint
    save_channel(by=analyst, channel=channel)
    trial = try_channel(by=analyst, channel=channel)
    assert (trial.is_trial, *told(trial)) == (True, 1, 0, 0, "")
    assert not ReceivedFile.objects.filter(channel="sftp").exists()


def test_who_does_not_set_up_does_not_set_up_channels(channel, officer):
    for verb in (save_channel, try_channel, end_channel, fetching.fetch_now):
        with pytest.raises(Forbidden):
            verb(by=officer, channel=channel)


def test_those_due_are_given_to_one_worker_each(channel, server, monkeypatch):
    queued: list[str] = []

    def put(queue: str, function: str, code: str) -> bool:
        queued.append(code)
        return True

    monkeypatch.setattr(fetching, "put", put)
    assert fetching.fetch_due() == 1
    assert queued == [str(channel.code)]
    assert fetching.fetch_due() == 0  # a worker has it
    monkeypatch.setattr(fetching, "put", lambda *_: False)
    Channel.objects.update(next_at=timezone.now())
    assert fetching.fetch_due() == 0  # Redis is away
    channel.refresh_from_db()
    assert channel.next_at <= timezone.now() + fetching.PATIENCE
    Channel.objects.update(next_at=timezone.now(), is_active=False)
    assert fetching.fetch_due() == 0


def test_a_late_file_and_a_missing_one_are_told_once_each(day, analyst):
    day.theirs.due_at = time(9)
    day.theirs.save()
    type(day.theirs).objects.update(created_at=datetime(2026, 6, 1, tzinfo=UTC))
    at = lambda on, hour: datetime(2026, 6, on, hour, tzinfo=timezone.get_default_timezone())  # noqa: E731
    assert [tell_overdue(at(16, 12)), tell_overdue(at(17, 8))] == [1, 0]  # of Monday; Tuesday's came
    assert [tell_overdue(at(17, 10)), tell_overdue(at(17, 11)), tell_overdue(at(18, 8))] == [1, 0, 1]
    found = Overdue.objects.order_by("pk").values_list("business_date", "state")
    assert [(date.day, state) for date, state in found] == [(15, "missing"), (17, "late"), (17, "missing")]
    assert Notification.objects.filter(kind="statement_late", person=analyst).count() == 3
    assert tell_overdue(at(20, 12)) == 1  # Saturday: only Friday's is missing
    assert DAY.day == 16


def test_a_channel_is_set_up_tried_and_fetched_from_on_the_page_of_its_source(day, server, secrets, analyst, client):
    client.force_login(analyst)
    page = f"/reconciliation/sources/{day.theirs.code}/"
    fields = {
        "kind": "sftp",
        "address": f"127.0.0.1:{server.port}",
        "user": servers.USER,
        "folder": "/out",
        "pattern": "*.txt",
        "every_minutes": "30",
        "verb": "save",
    }
    refused = client.post(f"{page}channel/", {**fields, "is_active": "on"})
    assert refused.status_code == 400
    assert "it says which key the server shows" in refused.content.decode()
    assert client.post(f"{page}channel/", fields).status_code == 302
    tried = client.post(f"{page}channel/", {"verb": "try"}, follow=True).content.decode()
    assert server.fingerprint in tried
    assert client.post(f"{page}channel/", {"verb": "try"}).status_code == 400  # just now
    Fetch.objects.update(at=timezone.now() - timedelta(seconds=11))
    (server.out / "day.txt").write_bytes(FILE)
    client.post(f"{page}channel/", {**fields, "host_key": server.fingerprint, "is_active": "on"})
    assert "1 files of these names" in client.post(f"{page}channel/", {"verb": "try"}, follow=True).content.decode()
    channel = Channel.objects.get(source=day.theirs)
    assert told(fetched(channel)) == (1, 1, 0, "")
    shown = client.get(page).content.decode()
    assert shown.count(">Tried</span>") == 2
    assert shown.count(">Fetched</span>") == 1
    assert servers.PASSWORD not in shown
    client.post(f"{page}channel/", {"verb": "end"})
    assert not Channel.objects.exists()
    assert ReceivedFile.objects.filter(name="day.txt").exists()


def test_operations_fetch_but_do_not_set_up(channel, client):
    user = world.person("otto@house.example", "Otto Operations", Role.INTERNAL)
    user.further_roles = [OPERATIONS]
    user.save()
    client.force_login(user)
    page = f"/reconciliation/sources/{channel.source.code}/"
    assert client.get(page).content.decode().count('name="verb"') == 1
    assert client.post(f"{page}channel/", {"verb": "try"}).status_code == 403
    assert client.post(f"{page}channel/", {"verb": "fetch"}).status_code == 302
    assert AuditEntry.objects.filter(action="reconciliation.fetch_asked", target_code=channel.code).count() == 1


def test_programs_set_up_try_and_read_channels(day, server, secrets, analyst):
    program, address = Program(analyst), f"ingestion/sources/{day.theirs.code}/channel"
    assert program.get(address).status_code == 404
    fields = {
        "kind": "sftp",
        "address": f"127.0.0.1:{server.port}",
        "user": servers.USER,
        "host_key": server.fingerprint,
        "folder": "/out",
    }
    assert codes(program("put", address, {**fields, "address": "host/path"})) == {"address"}
    made = program("put", address, fields).json()
    assert (made["pattern"], made["every_minutes"], made["failed_count"]) == ("*", 60, 0)
    (server.out / "day.txt").write_bytes(FILE)
    tried = program.post(f"{address}/try").json()
    assert (tried["found_count"], tried["error"], tried["is_trial"]) == (1, "", True)
    assert codes(program.post(f"{address}/fetches")) == {"too_soon"}
    fetch_channel(str(Channel.objects.get(source=day.theirs).code))
    looks = program.get(f"{address}/fetches").json()["items"]
    assert [(each["is_trial"], each["taken_count"]) for each in looks] == [(False, 1), (True, 0)]
    assert program("delete", address).status_code == 204
    assert program.get(address).status_code == 404
