import re

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import AsyncClient, Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (each.partition(" ") for each in policy.split("; "))}


def test_browsers_run_nothing_but_files_of_this_host(client: Client):
    policy = directives(client.get("/sign-in/").headers["Content-Security-Policy"])
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe-eval" not in str(policy)


def test_pages_keep_to_the_policy(client: Client):
    page = client.get("/sign-in/").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page), "an inline script"
    assert not re.search(r"<style[ >]|\son\w+=|(?:src|href)=\"(?:https?:)?//", page), "a style, handler or foreign file"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ],
)
def test_browsers_are_told_the_rest(client: Client, name: str, value: str):
    assert client.get("/sign-in/").headers[name] == value


def test_what_a_person_sees_is_kept_nowhere(client: Client, sponsor: User):
    client.force_login(sponsor)
    assert client.get("/projects/").headers["Cache-Control"] == "private, no-store"


def test_awaited_requests_get_them_too(async_client: AsyncClient):
    response = async_to_sync(async_client.get)("/health/")
    assert "Content-Security-Policy" in response.headers


def test_safe_by_default():
    from atlasnexus import settings as production

    assert not production.DEBUG
    assert set(production.ALLOWED_HOSTS) == {"localhost", "127.0.0.1", "[::1]"}
    assert settings.SESSION_COOKIE_HTTPONLY
