"""What people of a desk are told: a strategy waits for them, was decided, or was spoken about."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from notifications import kinds
from notifications.services import close_news, notify
from strategies.access import ALLOWED, Action
from strategies.flow import Step
from strategies.models import Comment, Decision, Desk, Membership, State, Strategy

WAITS, DECIDED, COMMENTED = "strategy_waits", "strategy_decided", "strategy_commented"
LABELS = {
    WAITS: "Strategy waits for you",
    DECIDED: "Strategy approved or sent back",
    COMMENTED: "Comment on a strategy",
}
_WAIT_FOR = {State.RISK_REVIEW: Action.JUDGE_RISK, State.COMPLIANCE: Action.COMPLY}


def declare() -> None:
    """The room's kinds of news are known from now on."""
    kinds.declare(LABELS)


def people_who(desk: Desk, action: Action) -> list[User]:
    """Those put on the desk in a function that may do it."""
    rows = Membership.objects.filter(desk=desk, function__in=ALLOWED[action]).select_related("person")
    return [row.person for row in rows]


def tell_of_decision(decision: Decision, step: Step) -> None:
    """Those who come next hear that it waits; its author hears what became of it."""
    strategy, after = decision.strategy, State(decision.after)
    url = reverse("strategy-compliance", args=[strategy.code])
    close_news(kind=WAITS, urls=[url])
    if after in _WAIT_FOR:
        to = [person for person in people_who(strategy.desk, _WAIT_FOR[after]) if person != decision.version.made_by]
        title = f"{strategy} waits at {after.label.lower()}"
        notify(to=to, kind=WAITS, title=title, body=decision.reason, url=url)
    if step.needs_second or step.code.startswith("reject"):
        became = "sent back" if step.code.startswith("reject") else f"now at {after.label.lower()}"
        to = [each for each in (decision.version.made_by,) if each != decision.made_by]
        notify(to=to, kind=DECIDED, title=f"{strategy}: {became}", body=decision.reason, url=url)


def tell_of_comment(comment: Comment) -> None:
    """The strategy's maker and who spoke about it before hear of it."""
    strategy: Strategy = comment.strategy
    spoke = User.objects.filter(pk__in=Comment.objects.filter(strategy=strategy).values("made_by"))
    to = [each for each in {strategy.made_by, *spoke} if each != comment.made_by]
    url = reverse("strategy-comments", args=[strategy.code])
    notify(
        to=to,
        kind=COMMENTED,
        title=f"{strategy}: comment on {comment.get_place_display().lower()}",
        body=comment.text,
        url=url,
    )
