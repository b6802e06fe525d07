import pytest
from django.db import DatabaseError, connection
from django.test import Client

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
