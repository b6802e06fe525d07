"""A project to look at, and a small run of it that is done."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect, sync_playwright

from accounts.models import User
from jobs.work import work
from permutations.models import Run
from permutations.services.request_run import request_run
from projects.demo import demo_document
from projects.models import Project
from projects.services import create_project
from ratings.services import seed_market_sets, seed_rule_sets
from tests import chromium
from tests.folder_platform import _platform, redis_server
from tests.projects.reviewed import approved

__all__ = ["_platform", "redis_server"]

# Two cores may be busy with other tests; a page that is slow is not a page that is wrong.
expect.set_options(timeout=20_000)

# One browser for the whole folder, which ends with it: no async view could be called beside its event loop.


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real browser, without a tab."""
    path = chromium.find()
    if path is None:
        pytest.skip(chromium.MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        browser.close()


SMALL: dict[str, Any] = {
    "axes": {
        "senior_tenor_years": [7, 15, 18],
        "senior_amortisation": ["annuity", "interest_only"],
        "senior_coupon_rate": [0.0625, 0.065],
        "senior_dscr": [1.15, 1.25, 1.35],
        "mezz_dscr": [1.1, 1.15],
        "mezz_coupon_rate": [0.1],
        "equity_irr_rate": [0.12, 0.15],
    }
}


@pytest.fixture
def project(live: object, sponsor: User, admin: User) -> Project:
    """Sofia's campus, its inputs approved."""
    seed_rule_sets()
    seed_market_sets()
    inputs = demo_document(timezone.localdate())["inputs"]
    return approved(create_project(by=sponsor, title="Harbour campus", inputs=inputs), by=admin)


@pytest.fixture
def run(project: Project, admin: User) -> Run:
    """144 permutations of it, evaluated and ranked."""
    run = request_run(by=admin, project=project, levers=SMALL, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    return run
