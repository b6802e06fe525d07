"""What the CLO room adds to the house."""

from typing import Any

from accounts import audit
from accounts.audit_pages.targets import show_at
from accounts.policies import may
from jobs.registry import register_sweep
from lib import navigation, personal, slots
from portfolios import demo, news
from portfolios.access import VIEW
from portfolios.kinds import register_kinds
from portfolios.models import (
    Basket,
    ComplianceRun,
    Deal,
    LimitSet,
    Payment,
    PoolSnapshot,
    SavedReport,
    Scenario,
    TakenNote,
    TapeImport,
    TrusteeReport,
)
from records.declare import declare_kind

WORDS = {
    "assets.edited": "Assets of a pool edited",
    "basket.approved": "Trades approved",
    "basket.booked": "Trades booked",
    "basket.changed": "Trades changed",
    "basket.made": "Basket of trades made",
    "basket.rejected": "Trades sent back",
    "basket.submitted": "Trades submitted",
    "clo_report.deleted": "Report of a CLO deleted",
    "clo_report.saved": "Report of a CLO saved",
    "deal.after_default_set": "What follows an event of default set",
    "deal.created": "CLO deal created",
    "note.taken": "Notes issued here taken among a deal's candidates",
    "payment.booked": "Payment date booked",
    "pool.taken": "Pool taken",
    "pool_simulation.cancelled": "Simulation of a pool cancelled",
    "pool_simulation.requested": "Simulation of a pool requested",
    "scenario.deleted": "Scenario deleted",
    "scenario.saved": "Scenario saved",
    "tape.applied": "Tape applied",
    "tape.discarded": "Tape put away",
    "tape.mapped": "Tape's columns mapped",
    "tape.mended": "Tape corrected",
    "tape.opened": "Tape taken in",
    "tape.row_left_out": "Row of a tape left out",
    "tests.taken": "Tests taken",
    "trustee.compared": "Trustee's file compared",
}


def join() -> None:
    """The room's line, kinds, words, jobs, and what it holds of people, are known from now on."""
    audit.declare(WORDS)
    personal.hold(Basket, ComplianceRun, Deal, Payment, PoolSnapshot, SavedReport, Scenario, TakenNote, TrusteeReport)
    personal.hold(TapeImport, also=("sender",))
    personal.mention(TapeImport, "corrections")
    declare_kind(LimitSet)
    news.declare()
    register_kinds()
    register_sweep("told of CLO payment dates", news.tell_of_payments)
    show_at("portfolios.Deal", "clo-deal")
    show_at("portfolios.TapeImport", "clo-import")
    show_at("portfolios.Basket", "clo-basket")
    show_at("portfolios.Payment", "clo-payment")
    show_at("portfolios.Scenario", "clo-scenario")
    show_at("portfolios.PoolSimulation", "clo-simulation")
    show_at("portfolios.SavedReport", "clo-saved-report")
    show_at("portfolios.TrusteeReport", "clo-trustee")
    slots.answer("demo.load", demo.load)
    navigation.add(navigation.Entry("clo", "CLOs", "clo-deals", 35, is_for=_reads))


def _reads(person: Any) -> bool:
    return may(person, VIEW)
