"""An account erased: nobody is told who it was, nothing opens it, what was done stays, and the trail is as it was written."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.audit import record
from accounts.audit_pages.exports import as_csv, as_json_lines
from accounts.audit_pages.search import Search, find
from accounts.masking import present_mask
from accounts.models import ApiToken, AuditEntry, Role, User
from accounts.services import approve_user, await_approval, change_user, decline_user, erase_user, issue_token
from accounts.verification import verify
from api.models import Delivery, KeptAnswer, Webhook
from api.services.create_webhook import create_webhook
from documents.models import PackLink
from lib import personal
from lib.errors import Forbidden, Invalid
from notifications.models import Notification
from notifications.services import choose_mails, notify
from projects.models import Project, ProjectDraft
from projects.saved import as_saved
from projects.services import create_project, edit_project
from projects.services.keep_draft import keep_draft
from tables.models import SavedView
from tables.services.save_view import save_view
from tests.api.cast import Program
from tests.test_architecture import ROOMS
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
EMAIL, NAME, ORGANISATION, WHY = "perla@gone.example", "Perla O'Né", "Gone Holdings", "To build Puerto Perdido"
TRAIL = "accounts_auditentry"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def perla(client: Client, admin: User, settings: Any) -> User:
    """Somebody who came by the registration page and was let in; an administrator's program was told of it too."""
    settings.ATLASNEXUS_WEBHOOK_HOSTS = ["hooks.house.example"]
    create_webhook(by=admin, url="https://hooks.house.example/x", kinds=[])
    form = {
        "email": EMAIL,
        "full_name": NAME,
        "organisation": ORGANISATION,
        "password1": PASSWORD,
        "agreed": "on",
        "reason": WHY,
    }
    client.post("/register/", form)
    person = User.objects.get(email=EMAIL)
    EmailAddress.objects.filter(user=person).update(verified=True)
    await_approval(user=person)
    approve_user(by=admin, user=person, role=Role.SPONSOR)
    person.refresh_from_db()
    Client().post("/sign-in/", {"login": EMAIL, "password": PASSWORD})
    client.force_login(person)
    return person


@pytest.fixture
def at_work(perla: User, admin: User, client: Client) -> User:
    """The same, with something of hers in every room that deletes or rewrites."""
    project = create_project(by=perla, title="Quay", inputs={})
    edit_project(by=perla, project=project, version=project.version, title="Quay 2", inputs={})
    save_view(by=perla, kind="results", name="Best", address="sort=rank")
    keep_draft(by=perla, project=project, door="full", typed={"title": "Q"}, base={})
    choose_mails(by=perla, kinds=[])
    create_webhook(by=perla, url="https://hooks.house.example/x", kinds=[])
    notify(to=[admin], kind="run_done", title=f"{NAME} did it", body=f"Ask {EMAIL.upper()}.")
    Program(perla).post("series", {"title": "North"}, Idempotency_Key="one")
    assert client.get(reverse("account-security")).status_code == 200
    Client().post("/sign-in/", {"login": EMAIL, "password": "wrong, and wrong again"})
    return perla


def tables_with(*words: str) -> set[str]:
    """Every table with one of the words anywhere in a row, whether a model knows it or not; JSON may have escaped it."""
    sought = {form.lower() for word in words for form in (word, json.dumps(word)[1:-1])}
    return {table for table in connection.introspection.table_names() if any(_speaks(table, sought))}


def _speaks(table: str, sought: set[str]) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        for row in cursor.fetchall():
            for value in row:
                text = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
                if any(word in text.lower() for word in sought):
                    yield True


def test_the_walk_finds_what_there_is(at_work: User):
    """Else it would prove nothing."""
    found = tables_with(EMAIL)
    assert {"accounts_user", "account_emailaddress", "axes_accessattempt", "notifications_notification", TRAIL} <= found
    for word in (NAME, WHY):
        assert {"accounts_user", "notifications_notification", "api_delivery", TRAIL} <= tables_with(word)


def test_who_it_was_is_found_nowhere_but_on_the_trail(at_work: User, admin: User):
    cache.clear()  # counters of addresses that expire by themselves
    erased = erase_user(by=admin, user=at_work, email=f" {EMAIL.upper()} ")
    assert tables_with(EMAIL, NAME, ORGANISATION, WHY) == {TRAIL}
    assert str(erased) == f"Erased account {erased.code.hex[:8]}"
    assert not erased.may_sign_in
    [told] = [each for each in Notification.objects.filter(person=admin) if str(erased) in each.title]
    assert told.title == f"{erased} did it"
    assert told.body == f"Ask {erased}."
    [delivery] = Delivery.objects.filter(webhook__owner=admin)
    assert delivery.body["data"]["title"] == told.title


def test_nothing_opens_it(at_work: User, admin: User, client: Client):
    _, text = issue_token(by=at_work, name="Nightly", scopes=["read"], days=3)
    erase_user(by=admin, user=at_work, email=EMAIL)
    assert client.get(reverse("account-security")).status_code == 302
    again = client.post("/sign-in/", {"login": EMAIL, "password": PASSWORD})
    assert "Wrong e-mail or password" in again.content.decode()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    for model in (ApiToken, SavedView, KeptAnswer, Webhook, EmailAddress, Authenticator):
        who = "user" if model in (EmailAddress, Authenticator) else "owner"
        assert not model._default_manager.filter(**{who: at_work}).exists()
    assert not ProjectDraft.objects.filter(person=at_work).exists()
    assert not Notification.objects.filter(person=at_work).exists()


def test_what_was_done_stays(at_work: User, admin: User):
    before = list(AuditEntry.objects.order_by("sequence").values_list("hash", flat=True))
    erase_user(by=admin, user=at_work, email=EMAIL)
    assert Project.objects.get(owner=at_work).title == "Quay 2"
    assert list(AuditEntry.objects.order_by("sequence").values_list("hash", flat=True))[: len(before)] == before
    assert verify().fault is None
    last = AuditEntry.objects.latest("sequence")
    assert (last.action, last.actor, last.target_code, last.before) == ("user.erased", admin, at_work.code, None)
    assert last.after is not None
    assert last.after["deleted"]["tables_savedview"] == 1
    assert EMAIL not in json.dumps(last.after)


def test_pages_files_and_the_api_show_its_new_name(at_work: User, admin: User, signed_in: SignedIn):
    record(by=admin, action="odd.note", target=None, after={"said": f"ask {EMAIL}, not x{EMAIL}", NAME: [NAME]})
    project = Project.objects.get(owner=at_work)
    erased = erase_user(by=admin, user=at_work, email=EMAIL)
    ada = signed_in(admin)
    numbers = AuditEntry.objects.filter(target_code__in=(at_work.code, project.code)).values_list("sequence", flat=True)
    entries = [ada.get(reverse("audit-entry", args=[number])).content.decode() for number in numbers]
    addresses = ("audit", "admin:accounts_auditentry_changelist")
    lists = [ada.get(reverse(name)).content.decode() for name in addresses]
    lists += [ada.get(reverse("project-history", args=[project.code])).content.decode()]
    lists += [json.dumps(Program(admin).get("audit?limit=100").json(), ensure_ascii=False)]
    lists += [b"".join(export(Search())).decode() for export in (as_csv, as_json_lines)]
    assert all(str(erased) in text for text in lists)
    assert any("Not shown as it was written" in text for text in entries)
    saved = ada.get(reverse("project-saved", args=[project.code, 1])).content.decode()
    for text in (*lists, *entries, saved):
        rest = text.replace(f"x{EMAIL}", "")  # another address, which only ends alike
        for word in (EMAIL, NAME, NAME.replace("'", "&#x27;"), "Perla", ORGANISATION, WHY):
            assert word not in rest
    assert as_saved(project, 1).by == str(erased)


def test_its_lines_say_that_they_are_masked_and_no_others(at_work: User, admin: User):
    record(by=admin, action="odd.note", target=None, after={"x": 1})
    erase_user(by=admin, user=at_work, email=EMAIL)
    lines = [json.loads(line) for line in b"".join(as_json_lines(Search())).splitlines()]
    hers = [line for line in lines if line.get("masked")]
    assert {line["action"] for line in hers} >= {"user.registered", "user.sign_in_failed", "project.created"}
    assert all(line["address"] is None for line in hers if line["actor"] == at_work.pk)
    assert [line["action"] for line in lines if not line.get("masked")][-3:] == [
        "odd.note",
        "user.sessions_ended",
        "user.erased",
    ]


def test_the_trail_is_not_searched_by_who_it_was(at_work: User, admin: User):
    count = find(Search(who=EMAIL)).count()
    erased = erase_user(by=admin, user=at_work, email=EMAIL)
    assert count > 3
    assert find(Search(who="perla")).count() == 0
    assert find(Search(text=EMAIL)).count() == 0
    assert find(Search(who=str(erased))).count() == count


def test_whoever_returns_is_somebody_else(at_work: User, admin: User):
    erase_user(by=admin, user=at_work, email=EMAIL)
    anew = User.objects.create_user(EMAIL, PASSWORD, full_name=NAME, is_approved=True)
    create_project(by=anew, title="Again", inputs={})
    labels = {entry.actor_label for entry in AuditEntry.shown.filter(actor=anew)}
    assert labels == {EMAIL}
    assert {entry.actor_label for entry in AuditEntry.shown.filter(actor=at_work)} == {
        str(User.objects.get(pk=at_work.pk))
    }
    assert not present_mask().hides(EMAIL)


def test_who_may_erase_whom(perla: User, admin: User, internal: User):
    with pytest.raises(Forbidden):
        erase_user(by=internal, user=perla, email=EMAIL)
    with pytest.raises(Invalid, match="another administrator"):
        erase_user(by=admin, user=admin, email=admin.email)
    with pytest.raises(Invalid, match="expected perla@gone"):
        erase_user(by=admin, user=perla, email="perla@gone.exampel")
    assert User.objects.get(pk=perla.pk).email == EMAIL


def test_it_is_done_once_and_not_undone(perla: User, admin: User):
    erased = erase_user(by=admin, user=perla, email=EMAIL)
    count = AuditEntry.objects.count()
    assert erase_user(by=admin, user=perla, email=EMAIL) == erased
    for verb in (approve_user, change_user, partial(decline_user, reason="Late")):
        with pytest.raises(Invalid, match="registers anew"):
            verb(by=admin, user=erased)
    assert AuditEntry.objects.count() == count


def test_an_administrator_erases_on_the_page_with_the_email_typed(client: Client, perla: User, admin: User):
    client.force_login(admin)
    page = f"{reverse('admin:accounts_user_erase')}?person={perla.pk}"
    change = reverse("admin:accounts_user_change", args=[perla.pk])
    assert page in client.get(change).content.decode()
    assert "What stays" in client.get(page).content.decode()
    asked = client.post(page, {"email": EMAIL})
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert "expected perla@gone" in client.post(page, {"email": "x@x.example"}).content.decode()
    done = client.post(page, {"email": EMAIL}, follow=True).content.decode()
    assert "Erased account" in done
    assert EMAIL not in done
    assert client.get(page).status_code == 404
    left = client.get(change).content.decode()
    for offer in ('name="_save"', "Set a new password", ">Approve<", ">Decline<", ">Erase<"):
        assert offer not in left
    for odd in ("", "x", "9" * 400):
        assert client.get(page, {"person": odd}).status_code == 404


def test_links_made_out_to_them_are_renamed(perla: User, admin: User):
    """Declared texts: those of packs' links among them."""
    assert personal.mentioned()[PackLink] == ("recipient",)
    assert personal.replaced({"by": [EMAIL, f"jo.{EMAIL}"]}, personal.words_pattern([EMAIL]), "Nobody") == {
        "by": ["Nobody", f"jo.{EMAIL}"]
    }


def test_what_is_shown_of_the_trail_is_asked_of_the_masked_entries():
    sources = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    found = {str(path.relative_to(ROOT)) for path in sources if "AuditEntry.objects" in path.read_text("utf-8")}
    # They add to it, prove it, ask who wrote a draft or made an account, bring inputs back letter by letter, and learn what to mask.
    kept_as_written = {"audit", "four_eyes", "masking", "verification"}
    assert found == {f"accounts/{name}.py" for name in kept_as_written} | {"records/access.py", "projects/saved.py"}
