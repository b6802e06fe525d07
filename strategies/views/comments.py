"""What people said about a strategy or a place in it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from strategies.access import get_visible
from strategies.models import Comment, Place, Strategy
from strategies.models.flow import COMMENT_LENGTH
from strategies.services.comments import make_comment, settle_comment
from strategies.views.shown import strategy_context


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: PersonRequest, code: UUID) -> HttpResponse:
    """The comments by place, and making one."""
    strategy = get_visible(request.user, Strategy, code)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            place, text = request.POST.get("place", ""), request.POST.get("text", "")
            make_comment(by=request.user, strategy=strategy, place=place, text=text)
            return redirect("strategy-comments", strategy.code)
        except Invalid as error:
            problems = error.problems
    rows = list(Comment.objects.filter(strategy=strategy).select_related("made_by", "resolved_by", "version"))
    context = {
        **strategy_context(request, strategy, "strategy-comments"),
        "groups": [(place, [row for row in rows if row.place == place]) for place in Place],
        "count": len(rows),
        "places": Place.choices,
        "most": COMMENT_LENGTH,
        "typed": request.POST if problems else {},
        "problems": problems,
    }
    return render(request, "strategies/comments.html", context, status=422 if problems else 200)


@signed_in
@require_POST
def settle(request: PersonRequest, code: UUID) -> HttpResponse:
    """A comment settled."""
    comment = settle_comment(by=request.user, comment=get_visible(request.user, Comment, code))
    return redirect("strategy-comments", comment.strategy.code)
