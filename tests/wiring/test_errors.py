"""What goes wrong is said in a sentence: no trace, no settings, no 500 for bad input."""

import gzip
from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from accounts.models import User
from atlasnexus import urls
from engine.errors import Problem
from lib.errors import Forbidden, Invalid, NotFound


def refusing(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


async def refusing_later(request: HttpRequest) -> HttpResponse:
    raise NotFound("There is no such stream.")


urlpatterns = [
    *urls.urlpatterns,
    path("gone/", refusing(NotFound("There is no such project."))),
    path("not-yours/", refusing(Forbidden("Only its owner may change it."))),
    path("bad/", refusing(Invalid([Problem("range", "power.pue", "PUE is to be from 0.95 to 1.50; got 9.")]))),
    path("broken/", refusing(RuntimeError("the secret inside"))),
    path("later/", refusing_later),
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.mark.parametrize("url", ["/gone/", "/not-yours/", "/bad/", "/later/", "/nowhere/at/all/"])
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_who_is_signed_in_finds_the_way_on(url: str, sponsor: User):
    client = Client(raise_request_exception=False)
    assert 'aria-label="Main"' not in client.get(url).content.decode()
    client.force_login(sponsor)
    page = client.get(url).content.decode()
    assert 'aria-label="Main"' in page
    assert "Sign out" in page


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_what_is_our_fault_asks_nothing_of_the_request(sponsor: User):
    client = Client(raise_request_exception=False)
    client.force_login(sponsor)
    assert 'aria-label="Main"' not in client.get("/broken/").content.decode()


@pytest.mark.parametrize(
    ("url", "status", "sentence"),
    [
        ("/gone/", 404, "There is no such project."),
        ("/not-yours/", 403, "Only its owner may change it."),
        ("/bad/", 400, "PUE is to be from 0.95 to 1.50; got 9."),
        ("/later/", 404, "There is no such stream."),
        ("/nowhere/at/all/", 404, ""),
        ("/broken/", 500, ""),
    ],
)
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_an_error_is_a_page(url: str, status: int, sentence: str):
    response = Client(raise_request_exception=False).get(url)
    page = response.content.decode()
    assert response.status_code == status, HTTPStatus(response.status_code)
    assert sentence in page
    assert "<html" in page
    assert "Traceback" not in page
    assert "the secret inside" not in page


@pytest.mark.django_db
def test_a_form_without_its_token_is_told_so(sponsor: User):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/sign-in/", {"username": sponsor.email, "password": "x"})
    assert response.status_code == 403
    assert "Reload the page" in response.content.decode()


def test_an_unknown_host_is_refused():
    response = Client(raise_request_exception=False).get("/health/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_an_address_for_forms_only_says_so_on_a_page(sponsor: User):
    client = Client()
    client.force_login(sponsor)
    answer = client.get("/projects/draft/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert "This address only takes what a form sends." in page
    assert 'aria-label="Main"' in page


@pytest.mark.django_db
def test_pages_are_compressed_and_other_answers_are_not(sponsor: User):
    client = Client(headers={"Accept-Encoding": "gzip"})
    client.force_login(sponsor)
    page = client.get("/projects/")
    assert page.headers["Content-Encoding"] == "gzip"
    assert b"<h1>Projects</h1>" in gzip.decompress(page.content)
    assert "Content-Encoding" not in client.get("/healthz").headers


@pytest.mark.parametrize("address", ["/projects/?search=", "/search/?q=", "/runs/?search=", "/api/v1/projects?search="])
def test_no_database_is_asked_for_what_no_text_holds(admin: User, address: str):
    client = Client()
    client.force_login(admin)
    assert client.get(f"{address}%00x").status_code == HTTPStatus.OK
