"""Counters of guesses and used codes stay until their time is over."""

import pytest
from django.core.cache import cache
from django.db import connection

from atlasnexus.counters import forget_expired

pytestmark = pytest.mark.django_db


def test_much_asking_pushes_no_counter_out():
    cache.set("a-used-code", 1, 900)
    for number in range(700):
        cache.set(f"asked-{number}", 1, 900)
    assert cache.get("a-used-code") == 1


def test_what_has_expired_is_forgotten_and_nothing_else():
    cache.set("live", 1, 900)
    cache.set("over", 1, 900)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET expires = '2020-01-01 00:00:00' WHERE cache_key LIKE '%over'")
    assert forget_expired() == 1
    assert cache.get("live") == 1
    assert forget_expired() == 0  # within the hour
