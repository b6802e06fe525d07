"""A channel fetched as it is in operation: the watcher sees its time, Redis carries it, a worker process takes the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from reconciliation.models import Channel, Fetch, ReceivedFile
from reconciliation.services.save_channel import save_channel
from tests.permutations.cast import empty_queue, redis_process, wait_until, worker_processes
from tests.reconciliation import servers
from tests.reconciliation.cast import day_of_broker_c
from tests.reconciliation.files import content

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_worker_takes_what_lies_on_a_server(admin: User, settings: Any, tmp_path: Path, monkeypatch: Any):
    root, secrets = tmp_path / "sftp", tmp_path / "secrets"
    (root / "out").mkdir(parents=True)
    secrets.mkdir()
    (secrets / f"{servers.USER}@127.0.0.1").write_text(f"{servers.PASSWORD}\n")
    settings.ATLASNEXUS_CHANNEL_HOSTS = ["127.0.0.1"]
    # The processes read the environment.
    monkeypatch.setenv("ATLASNEXUS_SECRETS_FOLDER", str(secrets))
    monkeypatch.setenv("ATLASNEXUS_CHANNEL_HOSTS", "127.0.0.1")
    day = day_of_broker_c(admin)
    held = content("broker_c_trades.txt").replace(b"ANF0052", b"ANF0077")
    (root / "out" / "day.txt").write_bytes(held)
    with servers.sftp_server(root) as server, redis_process():
        empty_queue()
        channel = Channel(
            source=day.theirs,
            kind="sftp",
            address=f"127.0.0.1:{server.port}",
            user=servers.USER,
            host_key=server.fingerprint,
            folder="/out",
            pattern="*.txt",
        )
        save_channel(by=admin, channel=channel)
        with worker_processes(1, watcher=True):
            wait_until(lambda: Fetch.objects.filter(channel=channel).exists(), "the channel to be fetched", 120.0)
    fetch = Fetch.objects.get(channel=channel)
    assert (fetch.error, fetch.found_count, fetch.taken_count) == ("", 1, 1)
    row = ReceivedFile.objects.get(name="day.txt")
    assert (row.channel, row.state, row.record_count) == ("sftp", "read", 7)
    assert server.logins == [servers.USER]
    channel.refresh_from_db()
    assert channel.failed_count == 0
