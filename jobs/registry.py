"""The kinds of job there are: each room registers its own when it is ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from accounts.models import User
from jobs.models import Job, Part

if TYPE_CHECKING:
    from jobs.work import Held

Answer = dict[str, Any]


def _whole(part: Part) -> str:
    return "the job"


def _nothing(job: Any) -> Answer:
    return {}


def _nobody(job: Any) -> None:
    """Nobody waits for it."""


def _uncounted(job: Any, answer: Answer) -> None:
    """A job of one part counts nothing by part."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the mechanism must know of a kind of job."""

    model: type[Job]
    label: str
    queue: str  # of the settings' queues
    work: Callable[[Any, Held], Answer]  # the answer to one part; the closing part's is the job's summary
    visible: Callable[[User], QuerySet[Any]]  # the jobs somebody may follow
    address: Callable[[Any], str]  # the page of its result
    related: tuple[str, ...] = ()  # what `work` reads with the row
    unit: str = ""
    most_active: int | None = None  # of one person, waiting and under way; None: any number
    place: Callable[[Part], str] = _whole  # a part in words
    progress: Callable[[Any], Answer] = _nothing  # what its page shows beside the common figures
    counted: Callable[[Any, Answer], None] = _uncounted  # adds a part's answer to the row, in the same transaction
    ended: Callable[[Any], None] = _nobody  # follows the end, done or failed, in the same transaction
    again: Callable[[User, Any], Any] | None = (
        None  # the room's verb for one that stopped; None: it waits again as it is
    )

    @property
    def name(self) -> str:
        """What the rows of this kind are marked with."""
        return self.model.KIND

    @property
    def is_of_one_engine(self) -> bool:
        """True where a row names, from its beginning, the engine that all its parts are of."""
        return any(each.name == "engine_version" and not each.blank for each in self.model._meta.concrete_fields)

    def row(self, code: Any) -> Any:
        """The job of this code, with all that its work reads."""
        return self.model._default_manager.select_related(*self.related).get(code=code)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """From now on jobs of this kind are worked on, followed and listed."""
    _kinds[kind.name] = kind


def kind_of(job: Job) -> Kind:
    """The kind of a job."""
    return kind_named(job.kind)


def kind_named(name: str) -> Kind:
    """The kind of this name; KeyError where none is."""
    return _kinds[name]


def kinds() -> list[Kind]:
    """Every kind, whichever room it belongs to."""
    return list(_kinds.values())


_sweeps: dict[str, Callable[[], int]] = {}


def register_sweep(name: str, sweep: Callable[[], int]) -> None:
    """From now on the watcher calls `sweep` every few seconds; it says how many of what `name` says it did."""
    _sweeps[name] = sweep


def sweeps() -> dict[str, Callable[[], int]]:
    """What the watcher does beside looking after jobs."""
    return dict(_sweeps)
