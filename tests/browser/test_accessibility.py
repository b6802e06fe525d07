"""WCAG 2.2 AA by axe-core: every page of the table of URLs, as the role that sees most, light and dark.

A new URL is visited without a line here.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Error, Page

from accounts.models import User
from tests.stack import Platform
from tests.test_access import ALL, OPEN, ROLES, TABLE, Rule, of

__all__ = ["of"]

SEES_MOST = ("nobody", "admin", "internal", "sponsor")
# What is no page: the browser takes a file away, and fragments are tested inside the page that includes them.
EXCUSED = {
    "run-stream": "an event stream: it never ends",
    "document-view": "a file in the browser's own viewer: the page around it is tried",
}
# Whatever else is left out by mistake, these are there.
FEWEST_PAGES = 40
QUERIES = {"compare": "?index=0&index=1"}
# The stock pages are one template each: these stand for all of a kind.
ADMIN_PAGES = ("index", "accounts_user_changelist", "projects_submission_changelist", "accounts_user_add")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a frame shows is a document, not a page of ours.
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
    "iframes": False,
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
IN_THE_DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


def role_for(rule: Rule) -> str | None:
    """Who visits a page; nobody where none may read it."""
    open_to = [role for role in SEES_MOST if rule.method == "get" and rule.door(role) == OPEN]
    return open_to[0] if open_to else None


def pages(objects: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Role and path of every page."""
    for name, rule in TABLE.items():
        role = role_for(rule)
        if role and name not in EXCUSED:
            yield role, path_of(name, rule, objects)
    for name in ADMIN_PAGES:
        yield "admin", reverse(f"admin:{name}")
    yield "admin", reverse("admin:accounts_user_change", args=[objects["project"].owner.pk])
    yield "admin", "/nothing-here/"


def path_of(name: str, rule: Rule, objects: dict[str, Any]) -> str:
    arguments = {"code": objects[rule.of].code} if rule.of else {}
    if "index" in ALL[name].pattern.converters:
        arguments["index"] = 0
    return reverse(name, kwargs={**arguments, **dict(rule.arguments)}) + QUERIES.get(name, "")


@pytest.fixture
def tab_of(browser: Browser, live: Platform, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Page]]:
    """A tab for each role, signed in."""
    tabs: dict[str, Page] = {}

    def tab(role: str) -> Page:
        if role not in tabs:
            tabs[role] = browser.new_context(
                base_url=live.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
            ).new_page()
            if role != "nobody":
                sign_in(tabs[role], request.getfixturevalue(role), live)
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


def test_no_page_keeps_anybody_out(tab_of: Callable[[str], Page], live: Platform, of: dict[str, Any]):
    wrong, seen = dict[str, list[str]](), 0
    for role, path in pages(of):
        page = tab_of(role)
        page.emulate_media(color_scheme="light")
        if not open_page(page, path):
            continue
        seen += 1
        page.evaluate(AT_REST)
        page.evaluate(AXE_SCRIPT)
        found = violations(page, OPTIONS)
        page.evaluate(SHORTENED)
        page.emulate_media(color_scheme="dark")
        found += [f"in the dark: {each}" for each in violations(page, IN_THE_DARK)]
        if found:
            wrong[f"{path} as {role}"] = found
    assert not wrong, "\n".join(f"{path}\n    " + "\n    ".join(lines) for path, lines in wrong.items())
    assert seen >= FEWEST_PAGES


def test_excuses_are_for_urls_that_are_there():
    assert EXCUSED.keys() | QUERIES.keys() <= TABLE.keys()
    assert set(SEES_MOST) < set(ROLES)
