import io
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from atlasnexus import health, logs

pytestmark = pytest.mark.django_db


def test_all_is_well(client: Client, redis_server: str):
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, {"database": True, "redis": True})
    assert "no-store" in response.headers["Cache-Control"]


def test_a_lost_redis_is_told_but_pages_go_on(client: Client, settings):
    absent = {"URL": "unix:///nowhere/redis.sock"}
    settings.RQ_QUEUES = {"runs": absent, "default": absent}
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, {"database": True, "redis": False})


def test_a_lost_database_is_not_well(client: Client, redis_server: str):
    def refuse(*_: object) -> None:
        raise DatabaseError("gone")

    with connection.execute_wrapper(refuse):
        response = client.get("/health/")
    assert (response.status_code, response.json()["database"]) == (503, False)


def test_a_process_lives_without_anything(client: Client):
    def refuse(*_: object) -> None:
        raise DatabaseError("gone")

    with connection.execute_wrapper(refuse):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_is_what_pages_and_jobs_need(client: Client, redis_server: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "living_workers", lambda _: ["one"])
    assert client.get("/readyz").json() == dict.fromkeys(health.NEEDS, True)
    monkeypatch.setattr(health, "living_workers", lambda _: [])
    monkeypatch.setattr(health, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    MigrationRecorder(connection).migration_qs.filter(app="api").delete()
    found = client.get("/readyz")
    assert found.status_code == 503
    assert {name for name, is_there in found.json().items() if not is_there} == {"workers", "storage", "migrations"}


def test_metrics_tell_of_requests_jobs_and_stores(client: Client, redis_server: str, settings: Any):
    client.get("/healthz")
    told = client.get("/metrics").content.decode()
    assert 'atlas_requests_total{method="GET",status="200",view="healthz"}' in told
    for name in ("atlas_queue_depth", "atlas_workers", "atlas_disk_free_bytes", "atlas_oldest_heartbeat_seconds"):
        assert f"# TYPE {name} gauge" in told
    far: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", **far).status_code == 404
    settings.ATLASNEXUS_METRICS_TOKEN = "a-token"
    assert client.get("/metrics", headers={"Authorization": "Bearer a-token"}, **far).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}, **far).status_code == 404


def test_a_request_is_logged_with_its_id_and_without_its_address(client: Client):
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    formatter = logs.configure("INFO", "json")["formatters"]["lines"]
    handler.setFormatter(formatter["()"](**{name: each for name, each in formatter.items() if name != "()"}))
    logging.getLogger().addHandler(handler)
    logging.getLogger("atlasnexus.middleware").setLevel("INFO")
    try:
        answer = client.get("/shared/a-secret-token/")
    finally:
        logging.getLogger().removeHandler(handler)
    lines = [json.loads(each) for each in out.getvalue().splitlines()]
    line = next(each for each in lines if each["event"] == "request")
    assert "Not Found: /shared/<str:code>/" in [each["event"] for each in lines]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["event"], line["status"], line["route"]) == ("request", 404, "shared/<str:code>/")
    assert "a-secret-token" not in out.getvalue()
