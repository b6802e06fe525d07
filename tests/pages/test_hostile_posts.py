"""A thousand random and hostile posts to every URL that takes one, as every role: never a 500, never a leak.

The posts are drawn from a seed, so a failure names one that can be sent again. A new URL in the table of
`tests/test_access.py` is attacked without a line here.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from tests.test_access import ALL, ROLES, TABLE, client_of, of, shared_things

__all__ = ["client_of", "of", "shared_things"]

pytestmark = pytest.mark.django_db
SEED = 20_260_301
POSTS, GETS = 1_000, 250
UNKNOWN = "00000000-0000-4000-8000-000000000000"
SOFIAS = ("sofia@sponsor.example", "Sofia Sponsor")
MEGABYTE = "A" * 1_000_000
HOSTILE = (
    "", " ", "0", "-1", "1e308", "-1e400", "9" * 400, "NaN", "Infinity", "-inf", "0x10", "1,000", "1.2.3", "½", "٣",
    "true", "null", "None", "[]", "{}", "[[[[]]]]", '{"a": NaN}', "\x00", "a\x00b", "\ud7ff\uffff", "\N{SNOWMAN}" * 300,
    "e\u0301" * 200, "\u202egnp.exe", "\r\nSet-Cookie: a=b", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}", "{% debug %}", "${7*7}", "%s%n%d", "' OR 1=1 --", "'; DROP TABLE accounts_user; --", "1) UNION SELECT 1",
    "../../../../etc/passwd", "..\\..\\windows", "/dev/null", "file:///etc/passwd", "//evil.example/", "javascript:alert(1)",
    "http://169.254.169.254/", "=cmd|' /C calc'!A0", UNKNOWN, "not-a-code", "2026-99-99", "0000-00-00", "99999-01-01",
)  # fmt: skip
NAMES = (
    "project", "version", "series", "position", "to", "after", "before", "kind", "unread", "page", "title", "note",
    "reason", "action", "status", "seed", "budget", "preset", "next", "username", "password", "file", "order", "theme",
    "code", "id", "csrfmiddlewaretoken", "__proto__", "index", "format", "search", "older", "newer",
)  # fmt: skip
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
TRACES = ("Traceback (most recent call last)", 'File "/', "django.db.utils", "Request Method:", "DEBUG = True")


@dataclass(frozen=True)
class Blow:
    """One request: to which URL, how, and what it carries."""

    name: str
    method: str
    body: Any
    headers: dict[str, str]
    content_type: str | None = None


def test_posts_never_break_the_platform_and_never_leak(client_of: Callable[[str], Client], of: dict[str, Any]):
    draw = random.Random(SEED)
    forms = {name: fields_of(client_of("admin"), name, of) for name in TABLE}
    codes = [str(thing.code) for thing in of.values()]
    targets = [name for name, rule in TABLE.items() if rule.method == "post" or rule.post]
    clients = {role: client_of(role) for role in ROLES}
    wrong: list[str] = []
    for number in range(POSTS):
        name, role = targets[number % len(targets)], draw.choice(ROLES)
        blow = post(draw, name, forms[name], codes)
        wrong += [f"post {number} as {role}: {each}" for each in complaints(clients[role], role, blow, of)]
    assert not wrong, "\n".join(wrong[:20])


def test_addresses_never_break_the_platform_and_never_leak(client_of: Callable[[str], Client], of: dict[str, Any]):
    draw = random.Random(SEED + 1)
    clients = {role: client_of(role) for role in ROLES}
    targets = [name for name, rule in TABLE.items() if rule.method == "get" and name != "job-stream"]
    wrong: list[str] = []
    for number in range(GETS):
        name, role = targets[number % len(targets)], draw.choice(ROLES)
        terms = {draw.choice(NAMES): value(draw, []) for _ in range(draw.randint(1, 4))}
        blow = Blow(name, "get", {key: text[:2_000] for key, text in terms.items()}, headers(draw))
        wrong += [f"get {number} as {role}: {each}" for each in complaints(clients[role], role, blow, of)]
    assert not wrong, "\n".join(wrong[:20])


def complaints(client: Client, role: str, blow: Blow, of: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the answer; whatever it changed is undone."""
    url = url_of(blow.name, of)
    with transaction.atomic():
        extra = {"content_type": blow.content_type} if blow.content_type else {}
        response = getattr(client, blow.method)(url, blow.body, headers=blow.headers, **extra)
        touched = AuditEntry.objects.filter(actor__email="otto@other.example", target_code__in=sofias_codes(of))
        did_harm = touched.exists()
        transaction.set_rollback(True)
    text = b"" if response.streaming and response.is_async else response.getvalue()  # a file read to its end is closed
    page = text.decode(errors="replace")
    told = f"{blow.method} {url} {str(blow.body)[:300]!r} {blow.content_type or ''}"
    if response.status_code >= 500:
        yield f"{response.status_code} for {told}"
    if any(trace in page for trace in TRACES):
        yield f"a trace for {told}"
    if role in {"nobody", "other_sponsor"} and any(mark in page for mark in SOFIAS):
        yield f"Sofia's data for {told}"
    if did_harm:
        yield f"Sofia's things were changed by {told}"
    if response.status_code in {400, 403, 404, 409, 413, 422} and not says_something(page):
        yield f"{response.status_code} without a word for {told}"
    if "<script>alert(1)</script>" in page or "<img src=x onerror" in page:
        yield f"markup came back alive for {told}"


def says_something(page: str) -> bool:
    """Whether a person reads a sentence on it."""
    return len(re.sub(r"<[^>]*>|\s+", " ", page).strip()) > 15


def sofias_codes(of: dict[str, Any]) -> list[Any]:
    return [of[kind].code for kind in ("project", "run", "series") if kind in of]


def url_of(name: str, of: dict[str, Any]) -> str:
    rule = TABLE[name]
    arguments: dict[str, Any] = {"code": of[rule.of].code} if rule.of else {}
    if "index" in ALL[name].pattern.converters:
        arguments["index"] = 0
    return reverse(name, kwargs={**arguments, **dict(rule.arguments)})


def fields_of(client: Client, name: str, of: dict[str, Any]) -> dict[str, str]:
    """The fields of a page's forms, as they come."""
    rule = TABLE[name]
    if rule.method != "get" or not rule.post:
        return {}
    page = client.get(url_of(name, of)).content.decode()
    tags = re.findall(r"<(?:input|select|textarea|button)\b[^>]*>", page)
    read = [(re.search(r'\bname="([^"]*)"', tag), re.search(r'\bvalue="([^"]*)"', tag)) for tag in tags]
    return {found[1]: given[1] if given else "" for found, given in read if found}


def post(draw: random.Random, name: str, form: dict[str, str], codes: list[str]) -> Blow:
    """A post that nobody means well with; now and then by another method."""
    fields: dict[str, Any] = dict(form)
    names = list(form) or list(NAMES)
    for _ in range(draw.choice((1, 1, 3, len(names)))):
        fields[draw.choice(names)] = value(draw, codes)
    for _ in range(draw.choice((0, 0, len(fields) // 2))):
        fields.pop(draw.choice(list(fields)), None)
    fields[draw.choice(NAMES)] = value(draw, codes)
    method = draw.choice(("post",) * 12 + ("put", "patch", "delete"))
    if method != "post":
        return Blow(name, method, json.dumps(fields), headers(draw), "application/json")
    return dressed(draw, name, fields)


def dressed(draw: random.Random, name: str, fields: dict[str, Any]) -> Blow:
    """The same fields as a browser sends them, or as nobody should."""
    kinds: dict[str, tuple[Any, str | None]] = {
        "twice": ({key: [text, text[::-1], ""] for key, text in fields.items()}, None),
        "json": (json.dumps({**fields, "deep": [[[fields]]]}), "application/json"),
        "text": (encoded(fields), "text/plain"),
        "broken": (f"--x\r\nContent-Disposition: form-data; name={encoded(fields)[:99]}", MULTIPART),
        "latin": (b"title=%ff%fe&" + b"\xff=\xfe&" + encoded(fields).encode(), URLENCODED),
        "file": ({**fields, draw.choice([*fields, "file"]): upload()}, None),
        "many": (encoded(fields) + "&a=1" * 1_500, URLENCODED),
        "form": (fields, None),
    }
    body, content_type = kinds[draw.choice(("form",) * 8 + tuple(kinds))]
    return Blow(name, "post", body, headers(draw), content_type)


def encoded(fields: dict[str, str]) -> str:
    return "&".join(f"{quote(key)}={quote(text)}" for key, text in fields.items())


def upload() -> SimpleUploadedFile:
    """A file that is not what it says."""
    return SimpleUploadedFile("../../x.xlsx\x00.exe", b"PK\x03\x04" + bytes(range(256)) * 20, "image/png")


def value(draw: random.Random, codes: list[str]) -> str:
    if draw.random() < 0.01:
        return MEGABYTE
    if codes and draw.random() < 0.1:
        return draw.choice(codes)
    if draw.random() < 0.2:
        return "".join(
            chr(draw.choice((draw.randint(1, 126), draw.randint(160, 0xD7FF)))) for _ in range(draw.randint(1, 60))
        )
    return draw.choice(HOSTILE)


def headers(draw: random.Random) -> dict[str, str]:
    """Those of a browser, of the page's own requests, or of neither."""
    return draw.choice(
        (
            {},
            {"HX-Request": "true"},
            {"HX-Request": "true", "HX-Target": "<b>", "HX-Current-URL": "//evil.example"},
            {"Accept": "application/json", "X-Forwarded-For": "1.2.3.4, <b>", "User-Agent": "\x01" * 500},
            {"Accept-Language": "x" * 5_000, "Referer": "//evil.example/"},
        )
    )
