"""How a person reads: their time zone, their light, their numbers, on every page."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import AuditEntry, NumberFormat, User
from accounts.services import change_preferences
from atlasnexus.middleware import PreferencesMiddleware
from lib import figures

pytestmark = pytest.mark.django_db
URL = "/account/preferences/"
FORM = {
    "full_name": "Sofia S.",
    "organisation": "Parks",
    "time_zone": "Asia/Tokyo",
    "theme": "dark",
    "number_format": "point_comma",
}
SHOWN = Template("{% load figures %}{{ amount|money:'EUR' }} {{ rate|percent }} {{ at|date:'Y-m-d H:i' }}")


def as_seen_by(user: User, rf: RequestFactory) -> str:
    """A figure, a rate and a time, as a page shows them to this person."""

    def view(request: HttpRequest) -> HttpResponse:
        at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
        return HttpResponse(SHOWN.render(Context({"amount": 1234567.8, "rate": -0.0525, "at": at})))

    request = rf.get("/")
    request.user = user
    response = PreferencesMiddleware(view)(request)
    assert isinstance(response, HttpResponse)
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("number_format", "zone", "shown"),
    [
        ("comma_point", "UTC", "EUR 1,234,568 −5.25% 2026-01-31 23:30"),
        ("point_comma", "Asia/Tokyo", "EUR 1.234.568 −5,25% 2026-02-01 08:30"),
        ("space_comma", "America/New_York", "EUR 1 234 568 −5,25% 2026-01-31 18:30"),
        ("comma_point", "", "EUR 1,234,568 −5.25% 2026-02-01 12:30"),
    ],
)
def test_as_they_read_it(rf: RequestFactory, number_format: str, zone: str, shown: str):
    user = User(email="a@b.example", number_format=number_format, time_zone=zone)
    assert as_seen_by(user, rf).replace("\N{NO-BREAK SPACE}", " ") == shown
    # and for nobody else after
    assert figures.amount(1234.5, 1) == "1,234.5"
    assert timezone.get_current_timezone_name() == "Pacific/Auckland"


def test_saved_and_seen_on_the_next_page(signed_in: Callable[[User], Client], sponsor: User):
    client = signed_in(sponsor)
    assert 'data-theme-saved="system"' in client.get("/projects/").content.decode()
    assert client.post(URL, FORM).headers["Location"] == URL
    page = client.get(URL).content.decode()
    assert '<html lang="en-GB" data-theme-saved="dark" data-theme="dark" data-number-format="point_comma">' in page
    assert "(JST)" in page
    assert "Sofia S." in page
    entry = AuditEntry.objects.get(action="user.preferences_changed")
    assert entry.before is not None
    assert (entry.before["theme"], entry.after) == ("system", {**FORM, "shows_tour": "False"})


def test_saving_the_same_leaves_no_trace(signed_in: Callable[[User], Client], sponsor: User):
    client = signed_in(sponsor)
    client.post(URL, FORM)
    client.post(URL, FORM)
    assert AuditEntry.objects.filter(action="user.preferences_changed").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "A\nB"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("theme", "pink"),
        ("number_format", "roman"),
    ],
)
def test_what_is_not_on_the_list_is_refused(signed_in: Callable[[User], Client], sponsor: User, field: str, value: str):
    response = signed_in(sponsor).post(URL, {**FORM, field: value})
    assert response.context["form"].errors.keys() == {field}
    assert "Sofia Sponsor" in response.content.decode()
    sponsor.refresh_from_db()
    assert sponsor.theme == "system"


def test_the_verb_refuses_it_too(sponsor: User):
    with pytest.raises(Exception, match="time zone"):
        change_preferences(by=sponsor, time_zone="Mars/Olympus")


def test_every_zone_offered_is_one_that_is_known(signed_in: Callable[[User], Client], sponsor: User):
    offered = {value for value, _ in signed_in(sponsor).get(URL).context["form"].fields["time_zone"].choices}
    assert {"Europe/London", "America/Argentina/Buenos_Aires", "UTC", ""} <= offered
    assert offered - {""} <= available_timezones()


def test_nobody_writes_more_than_preferences(signed_in: Callable[[User], Client], sponsor: User):
    signed_in(sponsor).post(URL, {**FORM, "role": "admin", "email": "x@y.example", "is_approved": ""})
    sponsor.refresh_from_db()
    assert (sponsor.role, sponsor.email, sponsor.is_approved) == ("sponsor", "sofia@sponsor.example", True)


def test_the_switch_in_the_bar(signed_in: Callable[[User], Client], sponsor: User):
    client = signed_in(sponsor)
    headers = {"Referer": "http://testserver/projects/?search=a"}
    assert client.post("/account/theme/", {"theme": "dark"}, headers=headers).headers["Location"] == headers["Referer"]
    abroad = client.post("/account/theme/", {"theme": "light"}, headers={"Referer": "https://evil.example/"})
    assert abroad.headers["Location"] == "/"
    assert client.post("/account/theme/", {"theme": "pink"}).status_code == 404
    assert client.get("/account/theme/").status_code == 405
    sponsor.refresh_from_db()
    assert sponsor.theme == "light"


def test_every_number_format_has_its_separators():
    assert set(NumberFormat.values) == set(figures.SEPARATORS)
