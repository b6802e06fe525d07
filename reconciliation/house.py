"""What reconciliation adds to the house."""

from __future__ import annotations

from accounts import audit
from accounts.audit_pages.targets import show_at
from jobs.registry import register, register_sweep
from lib import navigation, personal, slots
from notifications import kinds
from reconciliation.access import may_see
from reconciliation.fetching import fetch_due
from reconciliation.folder import watch_folder
from reconciliation.job import DELIVERY, KIND, LEARNING, PACK
from reconciliation.mapping_trial import sample_beside
from reconciliation.models import (
    Break,
    Comment,
    Decision,
    MappingTemplate,
    ReceivedFile,
    ReconciliationTerms,
    ScheduledDelivery,
)
from reconciliation.services.escalate_breaks import escalate_breaks
from reconciliation.services.save_delivery import deliver_due
from reconciliation.services.tell_overdue import tell_overdue
from records.declare import declare_kind, on_pages_of

WORDS = {
    "break.approved": "Resolution of a break approved",
    "break.assigned": "Break assigned",
    "break.commented": "Comment on a break",
    "break.escalated": "Break escalated",
    "break.proposed": "Resolution of a break proposed",
    "break.rejected": "Resolution of a break sent back",
    "break.resolved": "Break resolved",
    "break_pack.cancelled": "Break pack cancelled",
    "break_pack.requested": "Break pack requested",
    "break_pack.taken": "Break pack taken away",
    "cause_learning.cancelled": "Learning of causes cancelled",
    "delivery.cancelled": "Delivery cancelled",
    "delivery.ended": "Scheduled delivery ended",
    "delivery.saved": "Scheduled delivery set up",
    "delivery.started": "Delivery tried",
    "reconciliation.cancelled": "Reconciliation cancelled",
    "reconciliation.channel_ended": "Channel of a source ended",
    "reconciliation.channel_saved": "Channel of a source set up",
    "reconciliation.decided": "Records matched or split by hand",
    "reconciliation.defined": "Reconciliation set up",
    "reconciliation.fetch_asked": "Files of a channel asked for",
    "reconciliation.document_accepted": "Scanned document accepted",
    "reconciliation.file_received": "File received",
    "reconciliation.hedges_superseded": "Hedges superseded",
    "reconciliation.learning_requested": "Learning of causes requested",
    "reconciliation.recipient_ended": "Recipient of files ended",
    "reconciliation.recipient_saved": "Recipient of files set up",
    "reconciliation.requested": "Reconciliation requested",
    "reconciliation.source_saved": "Source set up",
    "reconciliation.taken_back": "Decision on records taken back",
}


def join() -> None:
    """The room's line, kinds, words, jobs, and what it holds of people, are known from now on."""
    declare_kind(MappingTemplate)
    slots.fill("version.actions", "reconciliation/fragments/mapping_trial_link.html", on_pages_of("mapping"), 10)
    slots.fill("version.body", "reconciliation/fragments/sample.html", sample_beside, 10)
    declare_kind(ReconciliationTerms)
    audit.declare(WORDS)
    personal.hold(Break, Comment, Decision, ReceivedFile, ScheduledDelivery)
    show_at("reconciliation.Break", "recon-break")
    show_at("reconciliation.BreakPack", "recon-pack")
    show_at("reconciliation.ScheduledDelivery", "recon-delivery")
    show_at("reconciliation.ReceivedFile", "recon-file")
    show_at("reconciliation.ReconciliationRun", "recon-run")
    kinds.declare(
        {
            "break_escalated": "Break past its time",
            "break_proposed": "Resolution of a break to approve",
            "channel_failed": "Files could not be fetched",
            "delivery_failed": "Delivery failed",
            "delivery_ready": "File delivered by link",
            "delivery_sent": "Delivery sent",
            "statement_late": "File late or missing",
        }
    )
    navigation.add(navigation.Entry("reconciliation", "Reconciliation", "recon", 60, is_for=may_see))
    register(KIND)
    register(LEARNING)
    register(PACK)
    register(DELIVERY)
    register_sweep("breaks escalated", escalate_breaks)
    register_sweep("files taken in", watch_folder)
    register_sweep("channels fetched", fetch_due)
    register_sweep("deliveries started", deliver_due)
    register_sweep("told of overdue files", tell_overdue)
