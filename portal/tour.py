"""The tour of the portal on a person's start page: what stands where, for their role, until they leave it."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Role, User


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: a title, what is to be known there, and where it is; `shown` is what the page points at."""

    title: str
    text: str
    address: str
    link: str
    shown: str  # a CSS selector


@dataclass(frozen=True, slots=True)
class _Planned:
    title: str
    text: str
    view: str
    link: str
    shown: str = ""


_PROJECT = _Planned(
    "Enter a project",
    "One page of per-megawatt figures is enough to begin; the detailed form takes every cost line, pasted from Excel or read from a CSV file. What you type is kept as a draft only you see.",
    "project-new",
    "Open the form",
)
_SUBMIT = _Planned(
    "Submit it for review",
    "An administrator reads the inputs, asks at single fields where something is open, and approves. You are told; every version can be seen and brought back.",
    "projects-list",
    "Your projects",
)
_RUNS = _Planned(
    "Runs and results",
    "A run tries every way to finance the project. Its table filters, sorts, counts by two levers and keeps views under a name; any row opens in full.",
    "runs-list",
    "Runs",
)
_PACKS = _Planned(
    "Packs",
    "The papers of a financing, drafts until they are issued, with links for people without an account.",
    "packs-list",
    "Packs",
)
_REVIEW = _Planned(
    "What waits for you",
    "Registrations, submissions and versions that wait for a decision stand on this page, each decided in place or opened in full.",
    "home",
    "Start page",
)
_START = _Planned(
    "Start a run",
    "From an approved project: choose the levers, see how large the space is and how long it takes, then start.",
    "projects-list",
    "Projects",
)
_RULES = _Planned(
    "Rules and markets",
    "Limits and curves are versions: changed as a draft, approved by a second person, tried on past runs.",
    "rules-list",
    "Rules",
)
_FIND = _Planned(
    "Find anything",
    "Press / or Ctrl K to search projects, runs, financings, packs and rules; press ? for keys and the terms of the pages.",
    "find",
    "Search",
    "[data-find]",
)
_NEWS = _Planned(
    "News", "What concerns you is told here and, as you choose, by e-mail.", "notifications", "Notifications", "#bell"
)
_OWN = _Planned("Make it yours", "Numbers and dates in your format, light or dark, a passkey to sign in with, colleagues in an organisation.", "account-preferences", "Preferences", ".bar__tools > details.menu > summary")  # fmt: skip

_PLANS = {
    Role.SPONSOR: (_PROJECT, _SUBMIT, _RUNS, _FIND, _NEWS, _OWN),
    Role.INTERNAL: (_RUNS, _PACKS, _RULES, _FIND, _NEWS, _OWN),
    Role.ADMIN: (_REVIEW, _START, _RUNS, _PACKS, _RULES, _FIND, _OWN),
}  # fmt: skip


def stops_for(user: User, *, may_create: bool) -> list[Stop]:
    """The stops of the person's role, in the order of their work; who may not create a project submits none either."""
    barred = () if may_create else (_PROJECT, _SUBMIT)
    return [_stop(planned) for planned in _PLANS[Role(user.role)] if planned not in barred]


def _stop(planned: _Planned) -> Stop:
    address = reverse(planned.view)
    shown = planned.shown or f'.bar__nav a[href="{address}"]'
    return Stop(planned.title, planned.text, address, planned.link, shown)
