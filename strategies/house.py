"""What the strategy floor adds to the house."""

from typing import Any

from accounts import audit
from accounts.audit_pages.targets import show_at
from accounts.policies import may
from lib import navigation, personal
from records.declare import declare_kind
from strategies import news
from strategies.access import VIEW
from strategies.kinds import register_kinds
from strategies.models import (
    Attendance,
    Comment,
    ComplianceCheck,
    Dataset,
    Decision,
    Desk,
    DeskLimits,
    Export,
    ExportLink,
    ListEntry,
    Membership,
    PanelImport,
    PaperOrder,
    RoleRun,
    ScenarioSet,
    Strategy,
    StrategyVersion,
    Task,
    Universe,
)
from strategies.running import backtest, optimise, risk, roles, scenarios, signals
from strategies.tasks import does

WORDS = {
    "compliance_check.made": "Strategy checked against limits",
    "dataset.taken": "Panel taken",
    "desk.opened": "Strategy desk opened",
    "desk.member_put": "Member of a desk put in a function",
    "desk.member_taken_off": "Member taken off a desk",
    "list_entry.ended": "Name taken off a list",
    "list_entry.made": "Name put on a list",
    "panel_import.discarded": "File of a panel put away",
    "panel_import.left_out": "Rows of a panel left out",
    "panel_import.mapped": "Columns of a panel given their meaning",
    "panel_import.mended": "Cells of a panel corrected",
    "panel_import.opened": "File of a panel taken in",
    "panel_import.taken": "File of a panel taken as a dataset",
    "paper_orders.done": "Paper orders done",
    "paper_orders.drawn_up": "Paper orders drawn up",
    "paper_orders.sent": "Paper orders sent",
    "role_run.made": "Roles put to work on a strategy",
    "scenario_set.deleted": "Set of scenarios deleted",
    "scenario_set.saved": "Set of scenarios saved",
    "strategy.approved": "Strategy signed off",
    "strategy.archived": "Strategy archived",
    "strategy.compliance": "Strategy passed to compliance",
    "strategy.exported": "Strategy exported",
    "strategy.research": "Strategy at research",
    "strategy.risk_review": "Strategy submitted for risk review",
    "strategy_comment.made": "Comment on a strategy",
    "strategy_comment.settled": "Comment on a strategy settled",
    "strategy_export.made": "Export of a strategy made",
    "strategy_export_link.made": "Link to an export made",
    "strategy_export_link.opened": "Link to an export opened",
    "strategy_export_link.revoked": "Link to an export taken back",
    "strategy.made": "Strategy made",
    "strategy.changed": "Strategy changed",
    "strategy_run.cancelled": "Run of a strategy cancelled",
    "strategy_run.requested": "Run of a strategy requested",
    "universe.made": "Universe made",
    "universe.members_put": "Members of a universe put in",
}

MADE_BY_PEOPLE = (
    *(Comment, ComplianceCheck, Dataset, Decision, Desk, Export, ExportLink, ListEntry, PanelImport, PaperOrder),
    *(RoleRun, ScenarioSet, Strategy, StrategyVersion, Universe),
)


def join() -> None:
    """The room's line, jobs, words, and what it holds of people, are known from now on."""
    audit.declare(WORDS)
    personal.hold(*MADE_BY_PEOPLE)
    personal.hold(Membership, also=("function", "added_at"), goes=True)
    personal.hold(Attendance, also=("seen_at",), goes=True)
    personal.mention(PanelImport, "corrections")
    personal.mention(ExportLink, "recipient")
    declare_kind(DeskLimits)
    news.declare()
    register_kinds()
    does(Task.SIGNALS, signals.work)
    does(Task.BACKTEST, backtest.work)
    does(Task.RISK, risk.work)
    does(Task.SCENARIOS, scenarios.work)
    does(Task.OPTIMISE, optimise.work)
    does(Task.ROLES, roles.work)
    show_at("strategies.Desk", "desk")
    show_at("strategies.Strategy", "strategy")
    show_at("strategies.StrategyRun", "strategy-run")
    show_at("strategies.ScenarioSet", "desk-scenarios")
    show_at("strategies.Universe", "universe")
    show_at("strategies.PanelImport", "panel-import")
    show_at("strategies.Dataset", "dataset")
    show_at("strategies.RoleRun", "role-run")
    navigation.add(navigation.Entry("strategies", "Strategies", "strategies", 36, is_for=_reads))


def _reads(person: Any) -> bool:
    return may(person, VIEW)
