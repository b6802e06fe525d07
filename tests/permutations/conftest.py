"""A project to run, the rules it is rated by, and runs of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from permutations.models import Run
from permutations.services import request_run as requesting
from permutations.services.request_run import request_run
from permutations.work import work
from projects.demo import demo_document
from projects.models import Project
from projects.services import create_project
from ratings.services import seed_rule_sets
from tests.permutations.cast import SMALL_LEVERS
from tests.projects.reviewed import approved


@pytest.fixture
def project(sponsor: User, admin: User) -> Project:
    """Sofia's project: the demo's figures, approved, and the rules to rate it by."""
    seed_rule_sets()
    document = demo_document(timezone.localdate())
    project = create_project(by=sponsor, title=document["title"], inputs=document["inputs"])
    return approved(project, by=admin)


@pytest.fixture
def smallest_chunk() -> int:
    """How small a chunk may be, so that small runs are cut into a few too; each costs a file."""
    return 1_000


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch, smallest_chunk: int) -> None:
    """Chunks as small as the test asks for."""
    monkeypatch.setattr(requesting, "SMALLEST_CHUNK", smallest_chunk)


@pytest.fixture
def requested(admin: User, project: Project, small_chunks: None) -> Callable[..., Run]:
    """`requested(levers=..., budget=...)`: a run asked for by Ada, with no ticket in the queue."""

    def ask(**options: Any) -> Run:
        return request_run(by=admin, project=project, **{"levers": SMALL_LEVERS, "enqueue": False, **options})

    return ask


@pytest.fixture
def done(requested: Callable[..., Run]) -> Run:
    """A small run, evaluated in this process."""
    run = requested()
    work(run.code)
    run.refresh_from_db()
    return run
