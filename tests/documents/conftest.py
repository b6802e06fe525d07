"""The project, the runs and the packs that the tests of documents use."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from accounts.models import User
from documents.facts import Marks, PackFacts
from documents.kinds import parts_of
from documents.kinds.kind import DocumentKind
from documents.models import Pack
from documents.services.issue_pack import issue_pack
from documents.services.request_pack import request_pack
from documents.translate import first_origin, pack_facts
from financings.evaluation import Evaluation
from jobs.work import work
from permutations.models import Run
from projects.models import Project
from tests import world
from tests.documents.small_kinds import packs_of_few
from tests.financings.cast import opened
from tests.permutations.conftest import (
    done,
    project,
    requested,
    shared_project,
    shared_run,
    small_chunks,
    small_run,
    smallest_chunk,
)
from tests.permutations.conftest import worked as worked_run

__all__ = ["done", "project", "requested", "shared_project", "shared_run", "small_chunks", "smallest_chunk"]

CLOSE = date(2027, 1, 31)
# Few, for speed: the best of them passes both gates with mezzanine and both swaps.
AXES: dict[str, Any] = {
    "senior_tenor_years": [15, 18],
    "senior_amortisation": ["sculpted"],
    "senior_coupon_rate": [0.065],
    "senior_dscr": [1.45, 1.55],
    "mezz_dscr": [1.15],
    "mezz_coupon_rate": [0.1],
    "zcis_tenor_years": [10],
    "trs_share": [0.25],
    "equity_irr_rate": [0.12],
}


def best_facts(project: Project, smallest_chunk: int) -> PackFacts:
    """The best permutation of a run of four, in draft."""
    return facts_of_best(worked_run(small_run(project, smallest_chunk, levers={"axes": AXES})), CLOSE)


def facts_of_best(run: Run, close_date: date) -> PackFacts:
    """What a draft pack of the run's best financing says."""
    evaluation = Evaluation(opened(run))
    return pack_facts(evaluation, close_date, Marks(), first_origin(evaluation))


@pytest.fixture(scope="session")
def kept() -> dict[str, Any]:
    """What the first test that asked has made: facts read no database once they are gathered."""
    return {}


@pytest.fixture
def facts(kept: dict[str, Any], request: pytest.FixtureRequest) -> PackFacts:
    """The best permutation of a run of four, in draft."""
    if "facts" not in kept:
        kept["facts"] = best_facts(request.getfixturevalue("project"), request.getfixturevalue("smallest_chunk"))
    found: PackFacts = kept["facts"]
    return found


@pytest.fixture
def pack_files(kept: dict[str, Any], facts: PackFacts) -> dict[str, bytes]:
    """Every document of the pack by its file name."""
    if "files" not in kept:
        kept["files"] = {part.filename: kind.make(facts, part) for kind, part in parts_of(facts)}
    files: dict[str, bytes] = kept["files"]
    return files


@pytest.fixture
def few() -> Iterator[tuple[DocumentKind, ...]]:
    """Packs of three small kinds, in the place of the registry's."""
    with packs_of_few() as small:
        yield small


TINY = {
    "axes": {
        "senior_tenor_years": [15, 18],
        "senior_amortisation": ["annuity"],
        "senior_coupon_rate": [0.0625, 0.065],
        "senior_dscr": [1.35, 1.45],
        "mezz_dscr": [1.1],
        "mezz_coupon_rate": [0.1],
        "equity_irr_rate": [0.12],
    }
}


@pytest.fixture
def tiny(requested: Callable[..., Run]) -> Run:
    """The smallest run that has senior and mezzanine notes to write of."""
    run = requested(levers=TINY)
    work(run.code)
    run.refresh_from_db()
    return run


@pytest.fixture
def ask(tiny: Run, admin: User) -> Callable[..., Pack]:
    """`ask(close_date=...)`: a pack of the best permutation asked for by Ada, with no entry in the queue."""

    def asked(**options: Any) -> Pack:
        terms = {
            "by": admin,
            "financing": opened(tiny),
            "close_date": world.coming(3),
            "organisation": "Harbour Bank",
            "confidentiality": "Private",
        }
        return request_pack(**{**terms, "enqueue": False, **options})

    return asked


@pytest.fixture
def draft(ask: Callable[..., Pack]) -> Pack:
    """A draft with all its documents."""
    return worked(ask())


@pytest.fixture
def issued(draft: Pack, admin: User) -> Pack:
    """The same, issued."""
    return worked(issue_pack(by=admin, pack=draft, enqueue=False))


def worked(pack: Pack) -> Pack:
    """The pack as a worker leaves it."""
    assert work(pack.code)
    return Pack.objects.get(id=pack.pk)
