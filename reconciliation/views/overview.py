"""The dashboard: what is open, how old, what came and what did not, how much matched."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.policies import may
from accounts.requests import PersonRequest, signed_in
from reconciliation import queries
from reconciliation.access import CONFIGURE, DELIVER, LOAD, RUN, require_see
from reconciliation.forms import RunForm
from reconciliation.models import Definition, ReconciliationRun

BANDS = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
RUNS_SHOWN = 8


@signed_in
@require_safe
def overview(request: PersonRequest) -> HttpResponse:
    """The dashboard."""
    require_see(request.user)
    ageing = [(words, [counts.get(band, 0) for band in BANDS], total) for words, counts, total in queries.ageing()]
    context = {
        "section": "reconciliation",
        "bands": BANDS,
        "ageing": ageing,
        "open_count": sum(total for _, _, total in ageing),
        "clusters": queries.clusters()[:5],
        "rates": queries.match_rates()[:20],
        "in_time": queries.kept_in_time(),
        "statements": queries.statements(timezone.localdate()),
        "definitions": Definition.objects.filter(is_active=True).prefetch_related("sources"),
        "runs": ReconciliationRun.objects.select_related("definition", "requested_by")[:RUNS_SHOWN],
        "run_form": RunForm() if may(request.user, RUN) else None,
        "may_load": may(request.user, LOAD),
        "may_configure": may(request.user, CONFIGURE),
        "may_deliver": may(request.user, DELIVER),
    }
    return render(request, "reconciliation/overview.html", context)
