"""A form sent twice, or four times at once, is done once, and everybody who sent it is led to the same thing."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, AuditEntry, User
from api.models import KeptAnswer
from permutations.models import Run
from projects.models import Project, Series
from tests.permutations.conftest import approved_demo
from tests.projects.cast import quick_data
from tests.world import PASSWORD

FORM = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
SENDERS = 4


def browser(person: User) -> Client:
    """A browser that must send the token, as real ones must."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    return client


def token_of(client: Client, address: str) -> str:
    found = FORM.search(client.get(address).content.decode())
    assert found
    return found[1]


def at_once(client: Client, address: str, data: dict[str, str]) -> list[Any]:
    """The answers to one form, sent by as many clicks at once."""
    start = Barrier(SENDERS)

    def send(_: int) -> Any:
        sender = browser_like(client)
        start.wait()
        try:
            return sender.post(address, data)
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(send, range(SENDERS)))


def browser_like(client: Client) -> Client:
    other = Client(enforce_csrf_checks=True)
    other.cookies.load(client.cookies)
    return other


@pytest.mark.django_db(transaction=True)
def test_four_clicks_make_one_project(sponsor: User):
    client = browser(sponsor)
    form = reverse("project-new")
    answers = at_once(
        client, form, {"csrfmiddlewaretoken": token_of(client, form), **quick_data(title="Quay"), "action": "save"}
    )
    project = Project.objects.get()
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1
    assert str(project.code) in answers[0]["Location"]
    assert AuditEntry.objects.filter(action="project.created").count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_clicks_start_one_run(admin: User, redis_queue: object):
    project = approved_demo()
    client = browser(admin)
    form = reverse("run-new", args=[project.code])
    answers = at_once(client, form, {"csrfmiddlewaretoken": token_of(client, form), "action": "start-as-filled"})
    assert Run.objects.count() == 1, [answer.status_code for answer in answers]
    assert {answer.status_code for answer in answers} == {302}


@pytest.mark.django_db(transaction=True)
def test_four_clicks_of_a_form_that_draws_a_part_make_one_thing(sponsor: User):
    client = browser(sponsor)
    token = token_of(client, reverse("project-new"))
    answers = at_once(client, reverse("series-new"), {"csrfmiddlewaretoken": token, "title": "Quays"})
    assert Series.objects.count() == 1
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.django_db
def test_what_the_form_led_to_is_said_again_to_who_sent_it_again(sponsor: User):
    client = browser(sponsor)
    form = reverse("project-new")
    data = {"csrfmiddlewaretoken": token_of(client, form), **quick_data(title="Quay"), "action": "save"}
    first, second = client.post(form, data), browser_like(client).post(form, data)
    assert first["Location"] == second["Location"]
    told = [[str(message) for message in get_messages(answer.wsgi_request)] for answer in (first, second)]
    assert told[0] == told[1]


@pytest.mark.django_db
def test_another_page_and_another_content_are_other_forms(sponsor: User):
    client = browser(sponsor)
    form = reverse("project-new")
    one, two = token_of(client, form), token_of(client, form)
    for token, title in ((one, "A"), (one, "A"), (one, "B"), (two, "A")):
        client.post(form, {"csrfmiddlewaretoken": token, **quick_data(title=title), "action": "save"})
    assert sorted(Project.objects.values_list("title", flat=True)) == ["A", "A", "B"]


@pytest.mark.django_db
def test_a_refused_form_is_asked_anew(sponsor: User):
    client = browser(sponsor)
    form = reverse("project-new")
    token = token_of(client, form)
    assert client.post(form, {"csrfmiddlewaretoken": token, "title": ""}).status_code == 422
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
def test_what_is_only_worked_out_is_not_kept(sponsor: User):
    client = browser(sponsor)
    token = token_of(client, reverse("project-new"))
    data = {"csrfmiddlewaretoken": token, **quick_data(title="Quay"), "action": "save"}
    assert client.post(reverse("project-figures"), data).status_code == 200
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
def test_what_is_kept_shows_no_token_that_the_page_showed_once(sponsor: User):
    client = browser(sponsor)
    confirm, form = "/account/confirm/", "/account/tokens/new/"
    client.post(confirm, {"csrfmiddlewaretoken": token_of(client, confirm), "password": PASSWORD})
    data = {"csrfmiddlewaretoken": token_of(client, form), "name": "Mine", "scopes": ["read"], "days": "30"}
    text = client.post(form, data).context["text"]
    assert text in browser_like(client).post(form, data).content.decode()  # a second click, and no second token
    assert ApiToken.objects.count() == 1
    assert text not in str([(bytes(kept.body), kept.headers) for kept in KeptAnswer.objects.all()])
