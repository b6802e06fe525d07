"""The page of a run's results: views kept of it, and shared with others who may see the run."""

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User
from permutations.models import Run
from tables.models import SavedView
from tables.services.share_view import share_view

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def url_of(run: Run) -> str:
    return reverse("results", args=[run.code])


@pytest.fixture
def gold(done: Run, sponsor: User, signed_in: SignIn) -> SavedView:
    """What Sofia saved from the page: gold and better, by senior debt."""
    back = f"{url_of(done)}?filter=tier%7C%3E%3D%7CGold"
    form = {"name": "Gold", "query": "filter=tier|>=|Gold&sort=-senior_amount", "back": back}
    answer = signed_in(sponsor).post(reverse("view-save", args=["results"]), form)
    assert answer.headers["Location"] == back
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["The view Gold is saved."]
    return SavedView.objects.get()


def test_a_saved_view_is_on_the_page_and_opens_the_table_as_it_was(
    done: Run, sponsor: User, signed_in: SignIn, gold: SavedView
):
    client = signed_in(sponsor)
    page = client.get(url_of(done)).content.decode()
    assert f'href="{url_of(done)}?{gold.query.replace("&", "&amp;")}">Gold</a>' in page
    opened = client.get(url_of(done), {"view": str(gold.code)}, follow=True)
    assert opened.redirect_chain == [(f"{url_of(done)}?{gold.query}", 302)]
    assert 'aria-current="true">Gold</a>' in opened.content.decode()
    assert {row.cells[1].text for row in opened.context["rows"]} <= {"Gold", "Diamond"}
    assert opened.context["page"].total == sum(done.summary["tiers"][tier] for tier in ("Gold", "Diamond"))


def test_the_link_of_a_shared_view_opens_for_who_may_see_the_run(
    done: Run, sponsor: User, internal: User, other_sponsor: User, signed_in: SignIn, gold: SavedView
):
    link = {"view": str(gold.code)}
    assert signed_in(internal).get(url_of(done), link).status_code == 404
    share_view(by=sponsor, view=gold, is_shared=True)
    assert signed_in(internal).get(url_of(done), link).status_code == 302
    assert signed_in(other_sponsor).get(url_of(done), link).status_code == 404
    assert Client().get(url_of(done), link).headers["Location"].startswith("/sign-in/")
    assert f"{url_of(done)}?view={gold.code}" in signed_in(sponsor).get(url_of(done)).content.decode()


@pytest.mark.parametrize("code", ["x", "1' OR '1'='1", "00000000-0000-4000-8000-000000000000", "\0"])
def test_a_view_that_is_not_there_is_not_found(done: Run, sponsor: User, signed_in: SignIn, code: str):
    assert signed_in(sponsor).get(url_of(done), {"view": code}).status_code == 404


def test_a_refusal_is_told_on_the_page(done: Run, sponsor: User, signed_in: SignIn, gold: SavedView):
    client = signed_in(sponsor)
    form = {"name": "Gold", "query": "", "back": url_of(done)}
    answer = client.post(reverse("view-save", args=["results"]), form, follow=True)
    assert "you have a view called Gold. Choose another name." in answer.content.decode()
    for verb, more in (("rename", {"name": "Best"}), ("share", {"shared": "yes"}), ("delete", {})):
        answer = client.post(reverse(f"view-{verb}", args=[gold.code]), {"back": url_of(done), **more}, follow=True)
        assert answer.redirect_chain == [(url_of(done), 302)]
    assert not SavedView.objects.exists()


def test_so_many_exports_at_once_are_refused_with_a_page(done: Run, sponsor: User, signed_in: SignIn, settings: object):
    settings.ATLASNEXUS_EXPORTS_AT_ONCE = 0  # type: ignore[attr-defined]
    answer = signed_in(sponsor).get(reverse("results-export", args=[done.code]), {"format": "excel"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Try again in a minute" in answer.content.decode()
