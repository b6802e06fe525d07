"""Comments on a strategy or a place in it: made, and settled."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.models import Comment, Strategy
from strategies.models.flow import COMMENT_LENGTH
from strategies.news import tell_of_comment
from strategies.queries import latest_version


@transaction.atomic
def make_comment(*, by: User, strategy: Strategy, place: str, text: str) -> Comment:
    """The comment, on the version that stands now."""
    require_on(by, strategy.desk, Action.COMMENT)
    if len(text.strip()) > COMMENT_LENGTH:
        raise refuse(
            "too_long", "text", f"Comment: expected at most {COMMENT_LENGTH:,} characters, got {len(text.strip()):,}."
        )
    version = latest_version(strategy)
    comment = Comment(strategy=strategy, version=version, place=place, text=text.strip(), made_by=by)
    save_checked(comment)
    after = {"place": place, "version": version.number, "text": comment.text}
    audit.record(by=by, action="strategy_comment.made", target=comment, after=after)
    tell_of_comment(comment)
    return comment


@transaction.atomic
def settle_comment(*, by: User, comment: Comment) -> Comment:
    """The comment, settled; nothing happens where it was before."""
    require_on(by, comment.strategy.desk, Action.COMMENT)
    open_one = Comment.objects.filter(pk=comment.pk, resolved_at=None)
    if open_one.update(resolved_at=timezone.now(), resolved_by=by):
        audit.record(by=by, action="strategy_comment.settled", target=comment, after={"place": comment.place})
    comment.refresh_from_db()
    return comment
