"""No page tells its reader what only the house's own code calls so: keys, constants, codes, Python's own words."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import reverse

from tests.browser.test_accessibility import NO_PAGES, page_called, visited
from tests.test_access import client_of, of, shared_things

__all__ = ["client_of", "of", "shared_things"]

pytestmark = pytest.mark.django_db

# What stands for itself: a hash marked as one, the name of a file, a value that the audit trail holds as it was.
VERBATIM = {"hash", "code", "file-name", "verbatim"}
CODES = {
    "a key": re.compile(r"(?<![\w./@-])[A-Za-z]+(?:_[A-Za-z0-9]+)+(?![\w@]|\.\w)"),
    "a code": re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    "a hash": re.compile(r"(?<!SHA-256 )\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{10,64}\b"),
    "a word of Python": re.compile(
        r"\bTrue\b(?! sale)|\b(?:False|NaN|nan|(?<!-)inf)\b|<class |datetime\.|Decimal\(|got '|\{'|\['"
    ),
    "a word of Django": re.compile(r"\b\w+ object \(\d"),
}


# Where codes are what the page is about: what programs call.
OF_PROGRAMS = {"api:docs", "api:docs-of"}
# A header of the layout that CLO tapes have; how a token begins, by which its owner knows it.
OF_OTHERS = re.compile(r"\bDeal_Par_Amount\b|\batlas_\w{6}\b")


class Text(HTMLParser):
    """The sentences of a page, without scripts and what stands for itself."""

    SILENT, EMPTY = {"script", "style", "template", "code", "pre", "textarea"}, {"input", "br", "img", "meta", "link", "hr", "wbr", "col", "source"}  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.told: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        own = tag in self.SILENT or bool(VERBATIM & set((given.get("class") or "").split()))
        is_own = own or bool(self.open and self.open[-1][1])
        self.told += [
            given[name] or "" for name in ("title", "aria-label", "placeholder") if name in given and not is_own
        ]
        if tag not in self.EMPTY:
            self.open.append((tag, is_own))

    def handle_endtag(self, tag: str) -> None:
        while any(tag == each for each, _ in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][1]):
            self.told.append(" ".join(data.split()))


def codes_of(page: str) -> Iterator[str]:
    """Each code among a page's sentences, with the sentence."""
    reader = Text()
    reader.feed(page)
    for sentence in dict.fromkeys(reader.told):
        for name, pattern in CODES.items():
            if found := pattern.search(OF_OTHERS.sub("", sentence)):
                yield f"{name}, {found[0]!r}: {found.string[max(0, found.start() - 60) : found.end() + 60]}"


def test_what_is_a_code_and_what_is_a_word() -> None:
    assert list(codes_of("<p>lease_term, 07c7c32487c5</p><p>got ''</p><code>lease_term</code>")) != []
    assert [each.split(",")[0] for each in codes_of("<p>the lease_term</p><p title='False'>1</p>")] == [
        "a key",
        "a word of Python",
    ]
    assert list(codes_of("<p>figures_2026.xlsx, 1,234, ada@my_house.example</p><i class='hash'>07c7c32487c5</i>")) == []


def test_every_page_speaks_to_people(client_of: Callable[[str], Client], of: dict[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    for name in (*sorted(set(visited()) - OF_PROGRAMS - NO_PAGES), "a person", "an erasure", "nothing here"):
        role, path = page_called(name, of)
        answer = client_of(role).get(path)
        if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            found = list(codes_of(answer.content.decode()))
            wrong |= {f"{name} {path}": found} if found else {}
    assert not wrong


def test_the_lists_of_the_administration_speak_to_people(
    client_of: Callable[[str], Client], of: dict[str, Any]
) -> None:
    """A row's own page is for whoever looks for what is stored: its fields are shown as they are."""
    client, wrong = client_of("admin"), dict[str, list[str]]()
    for model in site._registry:
        answer = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        found = list(codes_of(answer.content.decode()))
        wrong |= {answer.request["PATH_INFO"]: found} if found else {}
    assert not wrong
