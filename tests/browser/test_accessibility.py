"""WCAG 2.2 AA by axe-core: every page of the table of URLs, as the role that sees most, light and dark.

A new URL is visited without a line here.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Error, Page

from accounts.models import User
from tests import world
from tests.documents.small_kinds import packs_of_few
from tests.stack import Platform
from tests.test_access import ALL, OPEN, ROLES, TABLE, Rule, things_of

SEES_MOST = ("nobody", "admin", "internal", "sponsor")
# What is no page: the browser takes a file away, and fragments are tested inside the page that includes them.
EXCUSED = {
    "job-stream": "an event stream: it never ends",
    "mfa_edit_webauthn": "of a passkey, which only a device makes: in the story of passkeys",
    "mfa_remove_webauthn": "of a passkey, which only a device makes: in the story of passkeys",
    "document-view": "a file in the browser's own viewer: the page around it is tried",
}
# Files and fragments: they open, and are no page.
NO_PAGES = {
    "api:openapi",
    "attachment-download",
    "clo-paper",
    "clo-pool-export",
    "clo-report",
    "clo-saved-paper",
    "clo-saved-workbook",
    "limits-export",
    "notes-investor-paper",
    "notes-investor-workbook",
    "notes-pack-archive",
    "notes-pack-file",
    "notes-workbook",
    "audit-export",
    "compliance-data",
    "document-file",
    "document-template-file",
    "health",
    "healthz",
    "metrics",
    "job-status",
    "live-model",
    "mapping-export",
    "market-export",
    "notifications-bell",
    "operations-now",
    "pack-archive",
    "pack-manifest",
    "pack-shared-archive",
    "project-draft-state",
    "project-workbook",
    "desk-limits-export",
    "recon-export",
    "strategy-export-file",
    "strategy-export-shared",
    "strategy-run-ledger-csv",
    "strategy-run-trades-csv",
    "strategy-run-workbook",
    "recon-file-content",
    "recon-delivery-content",
    "recon-pack-content",
    "recon-page",
    "recon-terms-export",
    "results-export",
    "rules-export",
    "signing-keys",
    "workbook-template",
}
QUERIES = {
    "run-compare": "?index=0&index=1",
    "structures-compare": "?of={notes_version.code}&of={notes_first_version.code}",
}
# The stock pages are one template each: these stand for all of a kind.
ADMIN_PAGES = ("index", "accounts_user_changelist", "projects_submission_changelist", "accounts_user_add")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a frame shows is a document, not a page of ours.
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
    "iframes": False,
    "preload": False,  # axe would lay the sheets that site.css names into the page, which its policy refuses
}
# Rows and choices of one list have the same colours: in the dark the first stand for all.
SHORTENED = """() => {
    for (const body of document.querySelectorAll("tbody, ol, ul")) [...body.children].slice(8).forEach((row) => row.remove());
    for (const list of document.querySelectorAll("select")) [...list.options].slice(8).forEach((choice) => choice.remove());
}"""
# Colours that fade from one theme to the other would be measured half way.
AT_REST = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
    document.adoptedStyleSheets = [sheet];
}"""
IN_THE_DARK = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
    "preload": False,
}


def role_for(rule: Rule) -> str | None:
    """Who visits a page; nobody where none may read it."""
    open_to = [role for role in SEES_MOST if rule.method == "get" and rule.door(role) == OPEN]
    return open_to[0] if open_to else None


def visited() -> list[str]:
    """The name of every URL that somebody reads."""
    return [name for name, rule in TABLE.items() if role_for(rule) and name not in EXCUSED]


def page_called(name: str, things: dict[str, Any]) -> tuple[str, str]:
    """Role and path of a page; the administration's stock pages are the administrator's."""
    if name in TABLE:
        return role_for(TABLE[name]) or "", path_of(name, TABLE[name], things)
    if name == "a person":
        return "admin", reverse("admin:accounts_user_change", args=[things["project"].owner.pk])
    if name == "an erasure":
        return "admin", f"{reverse('admin:accounts_user_erase')}?person={things['project'].owner.pk}"
    return "admin", "/nothing-here/" if name == "nothing here" else reverse(name)


def path_of(name: str, rule: Rule, objects: dict[str, Any]) -> str:
    arguments = {"code": objects[rule.of].code} if rule.of else {}
    if "index" in ALL[name].pattern.converters:
        arguments["index"] = 0
    return reverse(name, kwargs={**arguments, **dict(rule.arguments)}) + QUERIES.get(name, "").format(**objects)


@pytest.fixture(scope="module")
def things(_platform: Platform, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """One of each thing to look at, for all pages: they only read."""
    with packs_of_few(), django_db_blocker.unblock():
        yield things_of(world.sofia(), world.ada())
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def transactional_db(things: dict[str, Any]) -> None:
    """The rows last as long as the module: nothing is emptied between its pages."""


@pytest.fixture(scope="module")
def tab_of(browser: Browser, _platform: Platform, things: dict[str, Any]) -> Iterator[Callable[[str], Page]]:
    """A tab for each role, signed in."""
    people = {"admin": world.ada, "internal": world.iris, "sponsor": world.sofia}
    tabs: dict[str, Page] = {}

    def tab(role: str) -> Page:
        if role not in tabs:
            tabs[role] = browser.new_context(
                base_url=_platform.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
            ).new_page()
            if role != "nobody":
                sign_in(tabs[role], people[role](), _platform)
        return tabs[role]

    yield tab
    for page in tabs.values():
        page.context.close()


def sign_in(page: Page, user: User, live: Platform) -> None:
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live.url}])


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe-core finds, one line each."""
    found = page.evaluate(f"axe.run({json.dumps(options)})")["violations"]
    return [
        f"{each['id']} ({each['impact']}): {', '.join(str(node['target'][0]) for node in each['nodes'][:4])}"
        f" {each['nodes'][0]['any'][0]['message'] if each['nodes'][0]['any'] else each['help']}"
        for each in found
    ]


def open_page(page: Page, path: str) -> bool:
    """True when a whole page is open; files and fragments are none."""
    try:
        answer = page.goto(path)
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise
    return answer is not None and "<html" in answer.text()[:2_000]


@pytest.mark.parametrize(
    "name", [*visited(), *(f"admin:{name}" for name in ADMIN_PAGES), "a person", "an erasure", "nothing here"]
)
def test_no_page_keeps_anybody_out(
    name: str, live: Platform, tab_of: Callable[[str], Page], things: dict[str, Any]
) -> None:
    role, path = page_called(name, things)
    page = tab_of(role)
    page.emulate_media(color_scheme="light")
    if not open_page(page, path):
        assert name in NO_PAGES, f"{path} is no whole page: is it a file or a fragment?"
        return
    page.evaluate(AT_REST)
    page.evaluate(AXE_SCRIPT)
    found = violations(page, OPTIONS)
    page.evaluate(SHORTENED)
    page.emulate_media(color_scheme="dark")
    found += [f"in the dark: {each}" for each in violations(page, IN_THE_DARK)]
    assert not found, f"{path} as {role}"


def test_excuses_are_for_urls_that_are_there():
    assert EXCUSED.keys() | QUERIES.keys() <= TABLE.keys()
    assert set(SEES_MOST) < set(ROLES)
