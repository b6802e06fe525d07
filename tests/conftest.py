"""What every test may ask for: the cast of people, a real Redis, a running platform, a real browser."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import django_rq
import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, ConsoleMessage, Page
from rq import Queue

from accounts.models import Role, User
from accounts.sealing import decrypt
from accounts.services.one_time_password import current_code
from lib.canonical import canonical_hash
from records.kinds import RecordKind
from records.problems import content_problems
from tests import stack, triggers, world
from tests.migrated import Migrated
from tests.world import PASSWORD

# Playwright keeps an event loop in the test's own thread; Django would refuse to talk to the database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# A change is judged by cases that are the same for everybody; `make search` looks for new ones.
# How long a case takes to draw says how busy the machine is.
hypothesis_settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "new", derandomize=False, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--of-the-database", action="store_true", help="only tests that reach the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--of-the-database` what is the same whichever database there is, is left out."""
    if not config.getoption("--of-the-database"):
        return
    left_out = [item for item in items if not world.reaches_the_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def _migrated() -> Migrated:
    return Migrated(connection)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, django_db_blocker: Any, _migrated: Migrated) -> bool:
    """True where the database need not be made from nothing."""
    with django_db_blocker.unblock():
        return _migrated.copied()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, _migrated: Migrated) -> None:
    with django_db_blocker.unblock():
        _migrated.keep()
    triggers.lift_while_flushing(connection)


@pytest.fixture(scope="session", autouse=True)
def _rules_are_checked_once() -> Iterator[None]:
    """The rules that most tests begin with are the same: whoever saves them again is told what was found the first time."""
    found: dict[tuple[str, str], Any] = {}

    def checked(kind: RecordKind, content: Any) -> Any:
        key = (kind.name, canonical_hash(content))
        if key not in found:
            found[key] = content_problems(kind, content)
        return found[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("records.models.content_problems", checked)
        yield


# The cast


@pytest.fixture
def sponsor(db: None) -> User:
    """Sofia owns projects."""
    return world.sofia()


@pytest.fixture
def other_sponsor(db: None) -> User:
    """Otto owns other projects, and must never learn of Sofia's."""
    return world.person("otto@other.example", "Otto Outsider", Role.SPONSOR)


@pytest.fixture
def internal(db: None) -> User:
    """Iris reads everything."""
    return world.iris()


@pytest.fixture
def admin(db: None) -> User:
    """Ada approves and runs; her phone shows one-time codes."""
    return world.ada()


@pytest.fixture
def second_admin(db: None) -> User:
    """Amir approves what Ada writes."""
    return world.with_phone(world.person("amir@house.example", "Amir Approver", Role.ADMIN))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of a module that commit come after the others, and find no rows shared."""
    if "shares_rows" in metafunc.fixturenames:
        shared = not world.commits(metafunc.definition, metafunc.fixturenames)
        metafunc.parametrize("shares_rows", [shared], indirect=True, ids=[pytest.HIDDEN_PARAM], scope="module")


@pytest.fixture(scope="module")
def shares_rows(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[bool]:
    """True where the test may share rows with others of its module: each finds them as they were made."""
    asks = request._pyfuncitem  # of whom it is asked while it runs, pytest has no parameter
    if not getattr(request, "param", not world.commits(asks, asks.fixturenames)):
        yield False
        return
    with world.rows_held(request):
        yield True


def one_time_code(user: User) -> str:
    """What the person's phone shows now; nothing for somebody without a one-time password."""
    totp = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return current_code(decrypt(totp.data["secret"])) if totp else ""


def type_credentials(page: Page, user: User) -> None:
    """Signs in as somebody through the page everybody uses, with the second step where there is one."""
    cache.clear()  # half a minute goes by: the code is fresh again
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if Authenticator.objects.filter(user=user).exists():
        page.get_by_label("One-time code").fill(one_time_code(user))
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A client with somebody's session: `signed_in(sponsor).get(...)`."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


# Real processes. They last for a module: another may start its own at the same addresses, or kill it.


@pytest.fixture(scope="module")
def redis_server() -> Iterator[str]:
    """The address of a Redis of this test process alone."""
    with stack.redis_server():
        yield settings.REDIS_URL


@pytest.fixture
def redis_queue(redis_server: str) -> Iterator[Queue]:
    """The queue of runs, empty before and after."""
    queues = [django_rq.get_queue(name) for name in settings.RQ_QUEUES]
    for queue in queues:
        queue.empty()
    yield django_rq.get_queue("runs")
    for queue in queues:
        queue.empty()


@pytest.fixture(scope="module")
def _platform(redis_server: str, django_db_setup: None) -> Iterator[stack.Platform]:
    with stack.platform(workers=2) as platform:
        yield platform


@pytest.fixture
def live(_platform: stack.Platform, transactional_db: None, redis_queue: object) -> stack.Platform:
    """The whole platform, web server, workers and watcher, on the rows of this test: `live.url`."""
    _platform.check()
    return _platform


@pytest.fixture
def page(live: stack.Platform, browser: Browser) -> Iterator[Page]:
    """An empty tab on the running platform, `page.goto("/")`; any error its console saw fails the test."""
    context = browser.new_context(base_url=live.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.extend(_complaint(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints, complaints


def _complaint(message: ConsoleMessage) -> list[str]:
    # A refused form or an outsider's 404 is the page's answer, not its mistake.
    is_answer = "Failed to load resource" in message.text and " 5" not in message.text
    return [message.text] if message.type == "error" and not is_answer else []


@pytest.fixture
def sign_in(page: Page) -> Callable[[User], Page]:
    """The tab, signed in as somebody through the page everybody uses: `sign_in(sponsor)`."""

    def by_form(user: User) -> Page:
        type_credentials(page, user)
        return page

    return by_form
