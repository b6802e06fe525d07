"""Results and files in an S3-compatible bucket: a real server on loopback, workers that share nothing else but the rows."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import boto3
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings
from moto.server import ThreadedMotoServer

from accounts.models import User
from jobs.models import JobState, Part, PartState
from jobs.work import work
from lib import file_storages
from lib.errors import NotFound
from lib.file_storages import private_storage
from lib.storage import DOCUMENTS, content_of, keep_content
from permutations.files import RunFiles, remote_storage
from permutations.integrity import damages_of
from permutations.kept import drop_superseded
from permutations.models import Run
from permutations.results import page_of_results
from permutations.services.resume_run import resume_run
from tables.query import Query
from tests.permutations.cast import SMALL_SIZE, fingerprints
from tests.permutations.conftest import worked

KEYS = {"AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A bucket of a server of this test alone, the storage of runs and documents; `url` is as a setting says it."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(file_storages, "S3_ATTEMPTS", 1)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.session.Session().client("s3", region_name="us-east-1", endpoint_url=address)
    name = f"atlas-{uuid4().hex[:8]}"
    client.create_bucket(Bucket=name)
    url = f"s3://{name}/desk?endpoint={address}&region=us-east-1"
    storages = {
        **settings.STORAGES,
        **{folder: private_storage(folder, url, settings.ATLASNEXUS_DATA_DIR) for folder in ("runs", DOCUMENTS)},
    }
    try:
        with override_settings(STORAGES=storages):
            yield SimpleNamespace(url=url, name=name, address=address, client=client, server=server)
    finally:
        client.close()
        server.stop()


def names_in(bucket: SimpleNamespace) -> set[str]:
    return {each["Key"] for each in bucket.client.list_objects_v2(Bucket=bucket.name).get("Contents", [])}


def test_documents_lie_in_the_bucket_and_come_back(bucket: SimpleNamespace):
    code = keep_content(b"signed", DOCUMENTS)
    assert keep_content(b"signed", DOCUMENTS) == code
    assert names_in(bucket) == {f"desk/documents/{code[:2]}/{code[2:4]}/{code}"}
    assert content_of(code, DOCUMENTS) == b"signed"
    assert content_of(code, DOCUMENTS, most_bytes=3) == b"sig"
    with pytest.raises(NotFound, match="missing in the storage"):
        content_of("0" * 64, DOCUMENTS)


@pytest.mark.django_db
def test_a_runs_files_lie_in_the_bucket_and_come_back(bucket: SimpleNamespace, requested: Callable[..., Run]):
    run = requested(all_rows=False)
    work(run.code)
    run.refresh_from_db()
    before, page = fingerprints(run), page_of_results(run, Query())
    assert f"desk/runs/spill/{run.code}/places" in names_in(bucket)
    drop_superseded(run)
    assert names_in(bucket) == {f"desk/runs/{run.code}/{name}" for name in before}
    for path in RunFiles(run.code).folder.iterdir():
        path.unlink()
    assert page_of_results(run, Query()) == page
    name = next(iter(before))
    local = RunFiles(run.code).path(name)
    local.write_bytes(b"overwritten")
    assert damages_of(run) == []  # the copy takes its place
    assert fingerprints(run)[name] == before[name]
    RunFiles(run.code).remove(name)
    assert f"desk/runs/{run.code}/{name}" not in names_in(bucket)


@pytest.mark.django_db
def test_every_part_may_be_another_machines(bucket: SimpleNamespace, requested: Callable[..., Run], tmp_path: Path):
    """Each machine has the rows and the bucket: what ranks is taken from there, or made anew from the chunks there."""
    there, run = worked(requested(all_rows=False)), requested(all_rows=False)
    parts = 0
    while run.state != JobState.DONE:
        with override_settings(ATLASNEXUS_DATA_DIR=tmp_path / str(parts)):
            parts += work(run.code, gives_way=lambda: True)
            run.refresh_from_db()
            assert run.error == ""
    assert parts == run.parts.count() > run.chunk_count + 3
    assert damages_of(run) == []
    assert fingerprints(run) == fingerprints(there)
    assert run.summary == there.summary


@pytest.mark.django_db(transaction=True)
def test_workers_in_folders_of_their_own_share_the_bucket(
    bucket: SimpleNamespace, done: Run, requested: Callable[..., Run], tmp_path: Path
):
    run = requested()
    source = f"import django; django.setup(); from jobs.work import work; work('{run.code}')"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", source],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "atlasnexus.settings_test",
                "ATLASNEXUS_TEST_DIR": str(tmp_path / name),
                "ATLASNEXUS_TEST_DATABASE": str(connection.settings_dict["NAME"]),
                "ATLASNEXUS_FILES_URL": bucket.url,
            },
        )
        for name in ("first", "second")
    ]
    assert [worker.wait(300) for worker in workers] == [0, 0]
    run.refresh_from_db()
    assert run.state == JobState.DONE, run.error
    assert not RunFiles(run.code).folder.exists()
    assert page_of_results(run, Query()).total == SMALL_SIZE
    assert damages_of(run) == []
    assert fingerprints(run) == fingerprints(done)
    assert run.summary == done.summary


@pytest.mark.django_db
def test_a_bucket_cut_off_stops_the_run_in_words_and_it_goes_on_from_there(
    bucket: SimpleNamespace, done: Run, requested: Callable[..., Run], admin: User
):
    run = requested()
    work(run.code, gives_way=lambda: True)
    bucket.server.stop()
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert "Could not connect to the endpoint URL" in run.error
    assert run.parts.filter(state=PartState.DONE).count() == 1
    assert Part.objects.filter(job=run.code, state=PartState.ASIDE).exists()
    again = ThreadedMotoServer(ip_address="127.0.0.1", port=int(bucket.address.rpartition(":")[2]), verbose=False)
    again.start()
    try:
        resume_run(by=admin, run=run, enqueue=False)
        work(run.code)
        run.refresh_from_db()
        assert run.state == JobState.DONE, run.error
        assert fingerprints(run) == fingerprints(done)
        assert run.summary == done.summary
        assert {name.rpartition("/")[2] for name in names_in(bucket)} == set(fingerprints(run))
    finally:
        again.stop()


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://atlas?key=abc", "https://atlas.example"])
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(ImproperlyConfigured, match="ATLASNEXUS_FILES_URL: expected s3://bucket"):
        private_storage("runs", url, Path("/nowhere"))


def test_a_bucket_alone_is_an_address():
    options = private_storage("runs", "s3://atlas", Path("/nowhere"))["OPTIONS"]
    assert options == {"bucket_name": "atlas", "location": "runs"}
    assert remote_storage() is None
