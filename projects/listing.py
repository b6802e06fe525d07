"""Lists of projects: searched, filtered, sorted, in an owner's own order, with pinned query counts.

One owner's projects come in that owner's order, by series. Those of several owners have no order in common and come as
one flat table, newest edit first. Lists read the columns the database keeps of the inputs, never the inputs.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from accounts.models import Member, User
from engine.project import Country
from projects.access import binned_projects, visible_projects
from projects.models import Project, Series, Status, Submission, SubmissionStatus

if TYPE_CHECKING:
    # Generic for the type checker only; Django's own class takes no parameter.
    BasePaginator = Paginator[Project]
else:
    BasePaginator = Paginator

PAGE_SIZE = 25
OWN_ORDER, NEWEST = "order", "-updated"
ME, NO_SERIES = "me", "none"
LISTED = (Status.DRAFT, Status.ACTIVE, Status.COMPLETED)  # what a list shows unless asked for more
# Where a sort starts is its natural end: names from A, figures and times from the top.
SORTS: dict[str, Any] = {
    "title": Lower("title"),
    "owner": Lower("owner__full_name"),
    "country": F("country"),
    "mw": F("gross_facility_mw"),
    "status": F("status"),
    "updated": F("updated_at"),
}
# What a row shows. Every column more is parsed for every row, dates and codes at that.
ROW_COLUMNS = (
    *("code", "title", "status", "country", "currency", "gross_facility_mw", "updated_at", "position"),
    *("owner__full_name", "owner__email", "series__code", "series__title"),
)
LARGEST_FIRST = frozenset({"mw", "updated"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked of the list; anything unknown counts as not asked."""

    search: str = ""
    status: str = ""
    country: str = ""
    owner: str = ""
    series: str = ""
    sort: str = ""
    page: str = "1"

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "Asked":
        """What the address of a page asks."""
        return cls(**{name: str(query.get(name, "")).strip() for name in asdict(cls()) if query.get(name)})

    def address(self, **changes: str) -> str:
        """The query of an address that asks the same but for some changes; without them, from the first page."""
        asked = {**asdict(self), "page": "", **changes}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def is_narrow(self) -> bool:
        """True where something is left out that would be listed otherwise."""
        return any((self.search, self.status, self.country, self.series))


@dataclass(frozen=True, slots=True)
class Shelf:
    """A series, or no series, with the projects of it that are on this page."""

    series: Series | None
    projects: tuple[Project, ...]
    total_count: int


@dataclass(frozen=True, slots=True)
class ProjectList:
    """One page of projects; `shelves` where it is in one owner's order, else empty."""

    asked: Asked
    owner: User | None
    sort: str
    projects: tuple[Project, ...]
    shelves: tuple[Shelf, ...]
    page: "Page[Project]"
    total_count: int
    counts_by_status: dict[str, int]
    series: tuple[Series, ...]
    owners: tuple[User, ...]


class _CountedPaginator(BasePaginator):
    """A paginator told how many there are: the counts by status know it already."""

    def __init__(self, projects: QuerySet[Project], size: int, total: int) -> None:
        super().__init__(projects, size)
        self._total = total

    @cached_property
    def count(self) -> int:
        return self._total


def list_projects(user: User, asked: Asked | None = None, *, size: int = PAGE_SIZE) -> ProjectList:
    """The projects this person may read; archived and deleted ones only when asked for."""
    asked = asked or Asked()
    owners = tuple(_owners(user))
    owner = _one_owner(user, asked, owners)
    found = _matching(visible_projects(user) | binned_projects(user), asked, owner)
    counts = dict(found.order_by().values_list("status").annotate(count=Count("pk")))
    shown, total = _of_status(found, asked.status, counts)
    sort = _sort(asked, owner)
    page = _CountedPaginator(_row_columns(_sorted(shown, sort)), size, total).get_page(asked.page or "1")
    projects, series = tuple(page), tuple(_series_of(owner)) if owner else ()
    return ProjectList(
        asked=asked,
        owner=owner,
        sort=sort,
        projects=projects,
        shelves=_shelves(projects, series, asked, page.number) if sort == OWN_ORDER else (),
        page=page,
        total_count=total,
        counts_by_status=counts,
        series=series,
        owners=owners,
    )


def _owners(user: User) -> QuerySet[User]:
    """Whose projects this person may choose among: for a sponsor those of their organisation, where there are others'."""
    if user.is_sponsor and not Member.objects.filter(person=user).exists():
        return User.objects.none()
    theirs = visible_projects(user) | binned_projects(user) if user.is_sponsor else Project.objects.all()
    owning = User.objects.filter(Exists(theirs.filter(owner=OuterRef("pk"))))
    return owning.only("code", "full_name", "email").order_by("full_name", "email")


def _one_owner(user: User, asked: Asked, owners: tuple[User, ...]) -> User | None:
    is_alone = user.is_sponsor and all(owner == user for owner in owners)
    if is_alone or asked.owner == ME:
        return user
    return next((owner for owner in owners if str(owner.code) == asked.owner), None)


def _matching(projects: QuerySet[Project], asked: Asked, owner: User | None) -> QuerySet[Project]:
    for word in asked.search.split():
        whose = Q(owner__email__icontains=word) | Q(owner__full_name__icontains=word)
        projects = projects.filter(Q(title__icontains=word) | whose)
    if owner:
        projects = projects.filter(owner=owner)
    if asked.country in set(Country):
        projects = projects.filter(country=asked.country)
    if asked.series == NO_SERIES:
        return projects.filter(series=None)
    code = _code(asked.series)
    return projects.filter(series__code=code) if code else projects


def _code(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _of_status(projects: QuerySet[Project], status: str, counts: dict[str, int]) -> tuple[QuerySet[Project], int]:
    wanted = [status] if status in Status.values else list(LISTED)
    return projects.filter(status__in=wanted), sum(counts.get(each, 0) for each in wanted)


def _sort(asked: Asked, owner: User | None) -> str:
    known = asked.sort.removeprefix("-") in SORTS
    if known:
        return asked.sort
    return OWN_ORDER if owner and asked.status not in {Status.ARCHIVED, Status.DELETED} else NEWEST


def _sorted(projects: QuerySet[Project], sort: str) -> QuerySet[Project]:
    if sort == OWN_ORDER:
        return projects.order_by(F("series__position").asc(nulls_last=True), "series_id", "position", "-pk")
    if sort == NEWEST:
        return projects.order_by("-updated_at", "-pk")  # as the index has it
    key = SORTS[sort.removeprefix("-")]
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return projects.order_by(order, "-pk")


def _row_columns(projects: QuerySet[Project]) -> QuerySet[Project]:
    waiting = Submission.objects.filter(project=OuterRef("pk"), status=SubmissionStatus.PENDING)
    return projects.select_related("owner", "series").only(*ROW_COLUMNS).annotate(is_waiting=Exists(waiting))


def _series_of(owner: User) -> QuerySet[Series]:
    in_use = Q(projects__status__in=LISTED)
    return owner.series.annotate(project_count=Count("projects", filter=in_use))


def _shelves(
    projects: tuple[Project, ...], series: tuple[Series, ...], asked: Asked, page_number: int
) -> tuple[Shelf, ...]:
    """The page by series; empty series stand on the first page, where nothing narrows the list."""
    by_series = {key: tuple(group) for key, group in groupby(projects, key=lambda project: project.series_id)}
    shows_empty = page_number == 1 and not asked.is_narrow
    filled = [
        Shelf(each, by_series.get(each.pk, ()), getattr(each, "project_count", 0))
        for each in series
        if each.pk in by_series or (shows_empty and not getattr(each, "project_count", 0))
    ]
    loose = by_series.get(None, ())
    return (*filled, Shelf(None, loose, len(loose))) if loose else tuple(filled)


def owner_of(user: User, asked: str) -> User | None:
    """The owner that `asked` names, "me" or a code, among those whose projects this person may read."""
    return _one_owner(user, Asked(owner=asked), tuple(_owners(user)))


def neighbours(project: Project) -> tuple[Project | None, Project | None]:
    """The projects that lists show right above and right below this one in its series."""
    order, at = _shown_order(project), place_of(project) - 1
    if at < 0:
        return None, None
    return (order[at - 1] if at else None), (order[at + 1] if at + 1 < len(order) else None)


def place_of(project: Project) -> int:
    """The project's place among those that lists show of its series, from 1; 0 where they do not show it."""
    order = _shown_order(project)
    return order.index(project) + 1 if project in order else 0


def _shown_order(project: Project) -> list[Project]:
    shown = Project.objects.filter(owner_id=project.owner_id, series=project.series, status__in=LISTED)
    return list(shown.only("pk", "position").order_by("position", "-pk"))
