"""A project to run, the rules it is rated by, and runs of it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from jobs.work import work
from permutations.files import RunFiles
from permutations.models import Run
from permutations.services import request_run as requesting
from permutations.services.request_run import request_run
from projects.demo import demo_document
from projects.models import Project
from projects.services import create_project
from ratings.services import seed_market_sets, seed_rule_sets
from tests import world
from tests.permutations.cast import SMALL_LEVERS
from tests.projects.reviewed import approved


def approved_demo() -> Project:
    """Sofia's project: the demo's figures, approved, and the rules to rate it by."""
    seed_rule_sets()
    seed_market_sets()
    document = demo_document(timezone.localdate())
    project = create_project(by=world.sofia(), title=document["title"], inputs=document["inputs"])
    return approved(project, by=world.ada())


def small_run(project: Project, smallest_chunk: int, **options: Any) -> Run:
    """A run asked for by Ada, with no entry in the queue."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requesting, "SMALLEST_CHUNK", smallest_chunk)
        return request_run(by=world.ada(), project=project, **{"levers": SMALL_LEVERS, "enqueue": False, **options})


def worked(run: Run) -> Run:
    """The run, evaluated in this process."""
    work(run.code)
    run.refresh_from_db()
    return run


@pytest.fixture(scope="module")
def shared_project(shares_rows: bool, django_db_blocker: Any) -> Project | None:
    with django_db_blocker.unblock():
        return approved_demo() if shares_rows else None


@pytest.fixture(scope="module")
def shared_run(shared_project: Project | None, smallest_chunk: int, django_db_blocker: Any) -> Run | None:
    with django_db_blocker.unblock():
        return worked(small_run(shared_project, smallest_chunk)) if shared_project else None


@pytest.fixture
def project(shared_project: Project | None, sponsor: User, admin: User) -> Project:
    """Sofia's project: the demo's figures, approved, and the rules to rate it by."""
    return Project.objects.get(pk=shared_project.pk) if shared_project else approved_demo()


@pytest.fixture(scope="module")
def smallest_chunk() -> int:
    """How small a chunk may be, so that small runs are cut into a few too; each costs a file."""
    return 1_000


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch, smallest_chunk: int) -> None:
    """Chunks as small as the test asks for."""
    monkeypatch.setattr(requesting, "SMALLEST_CHUNK", smallest_chunk)


@pytest.fixture
def requested(project: Project, small_chunks: None, smallest_chunk: int) -> Callable[..., Run]:
    """`requested(levers=..., budget=...)`: a run asked for by Ada, with no entry in the queue."""
    return partial(small_run, project, smallest_chunk)


@pytest.fixture
def done(shared_run: Run | None, project: Project, smallest_chunk: int) -> Iterator[Run]:
    """A small run, evaluated in this process."""
    if shared_run is None:
        yield worked(small_run(project, smallest_chunk))
        return
    with world.files_kept(RunFiles(shared_run.code).folder):
        yield Run.objects.select_related("requested_by").get(id=shared_run.pk)
