"""What causes people found, how well they are ranked from that, and whether the ranking is used."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policies import may
from accounts.requests import PersonRequest, signed_in
from engine.reconciliation.ranking import TITLES
from jobs.access import may_cancel
from jobs.models import ACTIVE_STATES
from lib.errors import Invalid
from reconciliation.access import CONFIGURE, require_may, require_see
from reconciliation.learning import FEWEST, last_learning
from reconciliation.models import Break, BreakState, CauseLearning
from reconciliation.services.request_learning import request_learning


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def causes(request: PersonRequest) -> HttpResponse:
    """The page of causes; posted, they are learned again."""
    require_see(request.user)
    if request.method == "POST":
        require_may(request.user, CONFIGURE)
        try:
            request_learning(by=request.user)
        except Invalid as error:
            messages.error(request, str(error))
        return redirect("recon-causes")
    settled = Break.objects.filter(state=BreakState.RESOLVED).order_by()
    found = settled.exclude(found_cause="").values_list("found_cause").annotate(count=Count("pk"))
    under_way = CauseLearning.objects.filter(state__in=ACTIVE_STATES).first()
    context = {
        "section": "reconciliation",
        "found": [(TITLES.get(cause, cause), count) for cause, count in sorted(found, key=lambda each: -each[1])],
        "found_count": sum(count for _, count in found),
        "fewest": FEWEST,
        "learning": last_learning(),
        "under_way": under_way,
        "may_cancel": under_way is not None and may_cancel(request.user, under_way),
        "may_learn": may(request.user, CONFIGURE),
    }
    return render(request, "reconciliation/causes.html", context)
