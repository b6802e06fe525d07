"""Webhooks: told what their owner is told, signed, again until it is taken, and never into a network of our own."""

import doctest
import hmac
import json
import socket
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from api import webhooks
from api.models import Delivery, DeliveryState, Webhook
from api.outgoing import post
from api.services import deliver as delivering
from api.services.create_webhook import create_webhook
from api.services.deliver import deliver
from api.services.end_webhook import end_webhook
from api.services.redeliver import redeliver
from lib.errors import Invalid, NotFound
from lib.reach import Unreachable
from notifications.services import notify

pytestmark = pytest.mark.django_db


class Listener:
    """A program that listens on loopback: what it heard, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status, self.location = 204, ""
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(listener.status)
                self.send_header("Location", listener.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    settings.ATLASNEXUS_WEBHOOK_HOSTS = ["localhost"]
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def told(user: User, listener: Listener, kinds: tuple[str, ...] = ()) -> tuple[Webhook, str, Delivery]:
    webhook, secret = create_webhook(by=user, url=listener.url, kinds=kinds)
    notify(to=[user], kind="account_approved", title="Welcome", url="/")
    return webhook, secret, Delivery.objects.get(webhook=webhook)


def test_the_signature_is_the_standards():
    assert doctest.testmod(webhooks).failed == 0


def test_a_program_is_told_what_its_owner_is_told(sponsor: User, listener: Listener):
    webhook, secret, delivery = told(sponsor, listener)
    assert deliver(delivery.code)
    [(headers, body)] = listener.heard
    assert json.loads(body)["type"] == "account_approved"
    assert json.loads(body)["data"]["title"] == "Welcome"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.new(b64decode(secret.removeprefix("whsec_")), signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert secret not in str(Webhook.objects.values())
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.attempts) == (DeliveryState.DELIVERED, 204, 1)
    assert not deliver(delivery.code)
    assert len(listener.heard) == 1
    assert webhook.deliveries.count() == 1


def test_others_and_other_kinds_are_not_told(sponsor: User, other_sponsor: User, listener: Listener):
    create_webhook(by=other_sponsor, url=listener.url)
    create_webhook(by=sponsor, url=listener.url, kinds=["account_waiting"])
    notify(to=[sponsor], kind="account_approved", title="Welcome")
    assert not Delivery.objects.exists()


def test_what_is_not_taken_is_sent_again_later_each_time_and_given_up(sponsor: User, listener: Listener):
    _, _, delivery = told(sponsor, listener)
    listener.status, pauses = 500, list[float]()
    for _ in range(delivering.MOST_ATTEMPTS):
        assert not deliver(delivery.code)
        delivery.refresh_from_db()
        pauses.append((delivery.due_at - timezone.now()).total_seconds())
        Delivery.objects.update(due_at=timezone.now())
    assert (delivery.state, delivery.status, delivery.error) == (DeliveryState.FAILED, 500, "It answered 500.")
    assert [round(pause / 60) for pause in pauses[:-1]] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert len(listener.heard) == delivering.MOST_ATTEMPTS
    listener.status = 200
    assert deliver(redeliver(by=sponsor, delivery=delivery).code)


def test_the_sweep_takes_up_what_no_worker_has(sponsor: User, listener: Listener):
    told(sponsor, listener)
    assert webhooks.sweep_deliveries() == 0
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=11))
    assert webhooks.sweep_deliveries() == 1


def test_an_ended_one_is_told_nothing(sponsor: User, other_sponsor: User, listener: Listener):
    webhook, _, delivery = told(sponsor, listener)
    with pytest.raises(NotFound):
        end_webhook(by=other_sponsor, webhook=webhook)
    end_webhook(by=sponsor, webhook=webhook)
    assert not deliver(delivery.code)
    notify(to=[sponsor], kind="account_approved", title="Again")
    assert not listener.heard


def test_a_redirect_is_not_followed(sponsor: User, listener: Listener):
    _, _, delivery = told(sponsor, listener)
    listener.status, listener.location = 302, listener.url.replace("hook", "elsewhere")
    assert not deliver(delivery.code)
    assert len(listener.heard) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "not_https"),
        ("https://127.0.0.1/", "not_public"),
        ("https://[::1]/", "not_public"),
        ("https://10.1.2.3/", "not_public"),
        ("https://169.254.169.254/latest/meta-data", "not_public"),
        ("https://[::ffff:127.0.0.1]/", "not_public"),
        ("https://[fd00::1]/", "not_public"),
        ("https://0.0.0.0/", "not_public"),
        ("https://me:secret@example.com/", "bad_address"),
        ("https://example.com:99999/", "bad_address"),
    ],
)
def test_an_address_within_is_refused(sponsor: User, url: str, code: str):
    with pytest.raises(Invalid) as refused:
        create_webhook(by=sponsor, url=url)
    assert {problem.code for problem in refused.value.problems} == {code}


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "224.0.0.1"]
)
def test_a_name_that_leads_within_is_not_reached(address: str, monkeypatch: pytest.MonkeyPatch):
    """Whatever it led to when it was given: what counts is where it leads now."""
    asked = list[str]()

    def answer(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was reached"))
    with pytest.raises(Unreachable, match="network of its own"):
        post("https://rebinding.example/", b"{}", {})
    assert asked == ["rebinding.example"]
