"""Packs leave by signed links and are filled into templates that can be replaced: what is taken, refused and kept."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from documents import trial
from documents.kinds.kind import DocumentKind
from documents.models import DocumentTemplate, Pack, SharedPackLink
from documents.services.make_link import make_link
from documents.services.replace_template import replace_template
from documents.services.revoke_link import revoke_link
from documents.sharing import address_of
from lib.errors import Forbidden, Invalid
from lib.storage import content_of
from tests.documents.conftest import worked
from tests.documents.small_kinds import TEMPLATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few")]
SignedIn = Callable[[User], Client]
OWN = "<h1>{{ title }} by us</h1><p>{{ amount|amount }}</p>"


@pytest.fixture
def link(issued: Pack, admin: User) -> SharedPackLink:
    return make_link(by=admin, pack=issued, recipient="Quay Bank", days=7)


def test_a_holder_reads_without_an_account_and_leaves_traces(link: SharedPackLink, client: Client) -> None:
    page = client.get(address_of(link))
    assert link.pack.number in page.content.decode()
    assert page.headers["Cache-Control"] == "private, no-store"
    archive = client.get(f"{address_of(link)}pack.zip")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as held:
        assert "contents.pdf" in held.namelist()
    row = link.pack.documents.get(kind="contents")
    file = client.get(f"{address_of(link)}{row.code}/")
    assert file.content == content_of(row.content_hash)
    opened = AuditEntry.objects.filter(action="pack_link.opened", target_code=link.code)
    assert [(entry.after or {})["what"] for entry in opened.order_by("sequence")] == ["page", "archive", str(row.code)]
    link.refresh_from_db()
    assert link.opened_count == 3


def test_a_holder_who_reads_on_and_on_fills_no_trail(link: SharedPackLink, client: Client) -> None:
    for number in range(20):
        client.get(address_of(link))
        assert client.get(f"{address_of(link)}pack.zip").status_code == 200
        assert client.get(f"{address_of(link)}invented-{number}/").status_code == 404
    opened = AuditEntry.objects.filter(action="pack_link.opened", target_code=link.code)
    assert opened.count() == 2
    client.get(address_of(link), REMOTE_ADDR="203.0.113.9")
    assert opened.count() == 3
    link.refresh_from_db()
    assert link.opened_count == 41


def test_an_ended_link_says_so(link: SharedPackLink, client: Client) -> None:
    last_moment = timezone.now() - timedelta(days=7, seconds=-30)
    link.made_at = last_moment
    link.save(update_fields=["made_at"])
    assert client.get(address_of(link)).status_code == 200
    link.made_at = last_moment - timedelta(seconds=60)
    link.save(update_fields=["made_at"])
    answer = client.get(address_of(link))
    assert answer.status_code == 410
    assert "This link ended on" in answer.content.decode()
    assert client.get(f"{address_of(link)}pack.zip").status_code == 410


def test_a_link_taken_back_opens_nothing(link: SharedPackLink, admin: User, client: Client) -> None:
    revoke_link(by=admin, link=link)
    answer = client.get(address_of(link))
    assert (answer.status_code, "taken back" in answer.content.decode()) == (410, True)
    assert AuditEntry.objects.filter(action="pack_link.revoked", target_code=link.code).count() == 1


@pytest.mark.parametrize("at", [0, 20, 40, -1])
def test_a_changed_token_is_nobodys(link: SharedPackLink, client: Client, at: int) -> None:
    address = address_of(link).rstrip("/")
    token = address.rsplit("/", 1)[1]
    changed = "".join("x" if number == at % len(token) else sign for number, sign in enumerate(token))
    answer = client.get(reverse("pack-shared", args=[changed]))
    assert answer.status_code == (404 if changed != token else 200)


def test_a_document_of_another_pack_is_not_in_the_link(
    link: SharedPackLink, ask: Callable[..., Pack], client: Client
) -> None:
    other = worked(ask(confidentiality="Internal use only"))
    answer = client.get(
        reverse("pack-shared-file", args=[address_of(link).split("/")[2], other.documents.get(position=0).code])
    )
    assert answer.status_code == 404


def test_only_issued_packs_leave_and_only_by_administrators(draft: Pack, admin: User, internal: User) -> None:
    with pytest.raises(Invalid, match="drafts do not leave"):
        make_link(by=admin, pack=draft, recipient="Quay Bank", days=7)
    with pytest.raises(Forbidden):
        make_link(by=internal, pack=draft, recipient="Quay Bank", days=7)


@pytest.mark.parametrize("days", [0, 366, -1])
def test_a_link_lasts_a_day_to_a_year(issued: Pack, admin: User, days: int) -> None:
    with pytest.raises(Invalid, match="Days"):
        make_link(by=admin, pack=issued, recipient="Quay Bank", days=days)


def replaced(
    by: User, kind: DocumentKind, content: str | bytes, organisation: str = "", name: str = "own.html"
) -> DocumentTemplate:
    data = content if isinstance(content, bytes) else content.encode()
    return replace_template(by=by, kind=kind, organisation=organisation, name=name, stream=io.BytesIO(data))


def heading(pack: Pack) -> str:
    row = pack.documents.get(kind="term_sheet", part="senior")
    return content_of(row.content_hash).decode().split("</h1>", maxsplit=1)[0].removeprefix("<h1>")


def test_an_organisations_own_template_is_used_for_its_packs_and_no_others(
    ask: Callable[..., Pack], admin: User, few: tuple[DocumentKind, ...]
) -> None:
    house = heading(worked(ask()))
    version = replaced(admin, few[0], OWN, "Quay Bank")
    theirs = worked(ask(organisation="Quay Bank"))
    assert heading(theirs) == f"{house} by us"
    row = theirs.documents.get(kind="term_sheet", part="senior")
    assert (row.template, row.template_hash) == (version, version.content_hash)
    assert heading(worked(ask(organisation="Another"))) == house


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ("{{ nothing_of_the_kind }}", "own.html", "nothing_of_the_kind"),
        ("{% for %}", "own.html", "cannot be filled"),
        ("{{ ''.__class__.__mro__ }}", "own.html", "cannot be filled|unsafe"),
        (b"\xff\xfe\x00", "own.html", "cannot be filled"),
        ("", "own.html", "empty"),
        (OWN, "own.docx", "Expected a file .html"),
        ("x" * (10 * 1024 * 1024 + 1), "own.html", "at most 10 MB"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_with_the_reason(
    admin: User, few: tuple[DocumentKind, ...], content: str | bytes, name: str, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        replaced(admin, few[0], content, name=name)
    assert not DocumentTemplate.objects.exists()


@pytest.mark.parametrize(
    "content",
    ["{{ 'a' * 3000000000 }}", "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"],
    ids=["memory", "time"],
)
def test_a_template_that_takes_all_is_stopped_and_refused(
    admin: User, few: tuple[DocumentKind, ...], content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "CPU_SECONDS", 2)
    with pytest.raises(Invalid, match="It takes more than 2 seconds or 1,536 MB to fill"):
        replaced(admin, few[0], content)
    assert not DocumentTemplate.objects.exists()


def test_versions_are_kept_and_come_back(
    signed_in: SignedIn, admin: User, few: tuple[DocumentKind, ...], ask: Callable[..., Pack]
) -> None:
    client = signed_in(admin)
    for text in (OWN, OWN.replace("us", "them")):
        upload = SimpleUploadedFile("own.html", text.encode())
        address = reverse("document-template-replace", args=["term_sheet"])
        assert client.post(address, {"organisation": "", "file": upload}).status_code == 302
    first, second = DocumentTemplate.objects.order_by("version")
    assert heading(worked(ask())).endswith("by them")
    restore = reverse("document-template-restore", args=["term_sheet"])
    client.post(restore, {"organisation": "", "version": str(first.code)})
    assert heading(worked(ask(confidentiality="Again"))).endswith("by us")
    client.post(restore, {"organisation": ""})
    assert heading(worked(ask(confidentiality="House"))) == "Term sheet, Senior secured notes"
    page = client.get(reverse("document-templates")).content.decode()
    assert page.count("own.html") >= 3
    taken = client.get(reverse("document-template-file", args=["term_sheet"]), {"version": str(second.code)})
    assert taken.content == OWN.replace("us", "them").encode()
    assert client.get(reverse("document-template-file", args=["term_sheet"])).content == TEMPLATE.encode()
    actions = AuditEntry.objects.filter(action__startswith="template.").values_list("action", flat=True)
    assert sorted(actions) == ["template.replaced"] * 2 + ["template.restored"] * 2
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        DocumentTemplate.objects.filter(pk=first.pk).update(content_hash="0" * 64)
