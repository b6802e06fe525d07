"""Things of one kind side by side: chosen in a list, kept under a name, noted, starred, opened by link, dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from financings.comparison import require_few
from financings.models import NAME_LENGTH, KeptComparison
from financings.services.keep_comparison import drop_comparison, note_comparison
from lib.errors import Invalid, NotFound


class _Coded(Protocol):
    @property
    def code(self) -> Any: ...


Kind = TypeVar("Kind", bound=_Coded)
Kept = TypeVar("Kept", bound=KeptComparison)


@dataclass(frozen=True)
class ComparisonPages(Generic[Kind, Kept]):
    """The pages of comparisons of one kind; a room says what it compares and what stands on the page."""

    section: str
    words: str  # what is compared, in the plural
    template: str
    compare: str  # names of addresses: side by side, kept, and where to go back to
    kept: str
    back: str
    of_codes: Callable[[User, Sequence[str]], list[Kind]]
    get_kept: Callable[[User, UUID], Kept]
    keep: Callable[[User, Sequence[Kind], str], Kept]
    context: Callable[[list[Kind]], dict[str, Any]]  # beyond what every comparison has

    def urls(self, at: str) -> list[URLPattern]:
        """The addresses below `at/`."""
        return [
            path(f"{at}/compare/", signed_in(require_safe(self._side_by_side)), name=self.compare),
            path(f"{at}/comparisons/keep/", signed_in(require_POST(self._keep)), name=f"{self.kept}-keep"),
            path(f"{at}/comparisons/<uuid:code>/", signed_in(require_safe(self._open)), name=self.kept),
            path(f"{at}/comparisons/<uuid:code>/note/", signed_in(require_POST(self._note)), name=f"{self.kept}-note"),
            path(f"{at}/comparisons/<uuid:code>/drop/", signed_in(require_POST(self._drop)), name=f"{self.kept}-drop"),
        ]

    def chosen(self, user: User, typed: Iterable[str]) -> list[Kind]:
        """Those of the codes, each once, in their order; NotFound for one the person may not know of."""
        return self.of_codes(user, few_codes(typed, self.words))

    def _side_by_side(self, request: PersonRequest) -> HttpResponse:
        return self._page(request, self.chosen(request.user, request.GET.getlist("of")))

    def _open(self, request: PersonRequest, code: UUID) -> HttpResponse:
        kept = self.get_kept(request.user, code)
        return self._page(request, self.of_codes(request.user, kept.codes), kept)

    def _page(self, request: PersonRequest, found: list[Kind], kept: Kept | None = None) -> HttpResponse:
        common = {
            "section": self.section,
            "codes": [each.code for each in found],
            "kept": kept,
            "is_own": kept is not None and kept.owner == request.user,
            "name_length": NAME_LENGTH,
        }
        return render(request, self.template, common | self.context(found))

    def _keep(self, request: PersonRequest) -> HttpResponse:
        found = self.chosen(request.user, request.POST.getlist("of"))
        try:
            kept = self.keep(request.user, found, request.POST.get("name", ""))
        except Invalid as error:
            messages.error(request, str(error))
            return redirect(f"{reverse(self.compare)}?{query_of(found)}")
        messages.success(
            request, f"Kept as {kept.name}. The page's address opens for everybody who may see these {self.words}."
        )
        return redirect(self.kept, kept.code)

    def _note(self, request: PersonRequest, code: UUID) -> HttpResponse:
        kept, typed = self.get_kept(request.user, code), request.POST
        try:
            note_comparison(
                by=request.user,
                kept=kept,
                name=typed.get("name", ""),
                note=typed.get("note", ""),
                is_starred=bool(typed.get("is_starred")),
            )
        except Invalid as error:
            messages.error(request, str(error))
        return redirect(self.kept, kept.code)

    def _drop(self, request: PersonRequest, code: UUID) -> HttpResponse:
        drop_comparison(by=request.user, kept=self.get_kept(request.user, code))
        messages.success(request, f"The comparison is gone; its {self.words} stay.")
        return redirect(self.back)


def few_codes(typed: Iterable[str], words: str) -> list[str]:
    """The codes, each once, in their order; NotFound for what is none, Invalid for too few or too many to compare."""
    try:
        codes = list(dict.fromkeys(str(UUID(code)) for code in typed))
    except ValueError:
        raise NotFound(f"There are no such {words}.") from None
    require_few(len(codes), words)
    return codes


def query_of(found: Iterable[_Coded]) -> str:
    """The part of an address that names what is compared."""
    return urlencode([("of", str(each.code)) for each in found])
