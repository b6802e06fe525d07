"""Every run somebody may see, newest first, by state."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from jobs.models import JobState
from permutations.access import visible_runs
from permutations.models import RunComparison
from permutations.queries import run_lines

PAGE_SIZE = 25


@signed_in
@require_safe
def runs_list(request: PersonRequest) -> HttpResponse:
    """The runs of the projects this person may see, those of one state where asked."""
    state = request.GET.get("state", "")
    state = state if state in JobState.values else ""
    runs = visible_runs(request.user)
    counts = dict(runs.order_by().values_list("state").annotate(count=Count("pk")))
    page = Paginator(run_lines(runs.filter(state=state) if state else runs), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context: dict[str, Any] = {
        "section": "runs",
        "page": page,
        "state": state,
        "states": [(each.value, each.label, counts.get(each.value, 0)) for each in JobState],
        "kept": RunComparison.objects.filter(owner=request.user),
        "total_count": sum(counts.values()),
    }
    return render(request, "permutations/runs.html", context)
