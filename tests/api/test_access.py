"""Every operation as every role and scope: who gets in, who may only read, for whom it is not there.

An operation without a line in the table fails the test.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import reverse

from accounts.models import Scope, User
from api.operations import UploadView
from api.urls import v1
from tests.api.cast import Program

pytestmark = pytest.mark.django_db

ROLES = ("sponsor", "other_sponsor", "internal", "admin")
NOBODYS = "00000000-0000-4000-8000-000000000000"
OPEN, FORBIDDEN, HIDDEN = "open", "forbidden", "hidden"
Doors = tuple[str, str, str, str]

EVERYBODY: Doors = (OPEN, OPEN, OPEN, OPEN)
READERS: Doors = (OPEN, HIDDEN, OPEN, OPEN)
WRITERS: Doors = (OPEN, HIDDEN, FORBIDDEN, OPEN)
ADMINISTRATORS: Doors = (FORBIDDEN, HIDDEN, FORBIDDEN, OPEN)
FOR_ADMINISTRATORS: Doors = (FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN)
KEEPERS: Doors = (OPEN, HIDDEN, HIDDEN, OPEN)
OWN: Doors = (OPEN, HIDDEN, HIDDEN, HIDDEN)
INSIDERS: Doors = (HIDDEN, HIDDEN, OPEN, OPEN)
HOUSE: Doors = (FORBIDDEN, FORBIDDEN, OPEN, OPEN)
MAKERS: Doors = (HIDDEN, HIDDEN, FORBIDDEN, OPEN)
DRAFTERS: Doors = (HIDDEN, HIDDEN, HIDDEN, OPEN)
# To those who hold no role of reconciliation it is not there.
RECONCILERS: Doors = (HIDDEN, HIDDEN, HIDDEN, OPEN)
# Of an administrator's project a sponsor's verb that only owners have.
NOT_THEIRS: Doors = (OPEN, HIDDEN, FORBIDDEN, FORBIDDEN)
# Only who keeps it changes it.
ASKERS: Doors = (OPEN, HIDDEN, FORBIDDEN, FORBIDDEN)
NOT_CLOSED: Doors = (FORBIDDEN, HIDDEN, FORBIDDEN, FORBIDDEN)


@dataclass(frozen=True)
class Rule:
    """Who may, with which scope; whose code the address takes."""

    doors: Doors
    scope: str = Scope.READ
    of: str = ""
    body: Any = None
    index: str = "0"


def versions(noun: str, thing: str, draft: str) -> dict[tuple[str, str], Rule]:
    """The operations of a kind of versions; drafts are for those who write."""
    document: dict[str, Any] = {"document": {}}
    edit = {"revision": 1}
    return {
        (f"{noun}s", "get"): Rule(EVERYBODY),
        (f"{noun}s", "post"): Rule(FOR_ADMINISTRATORS, Scope.WRITE, body=document),
        (noun, "get"): Rule(EVERYBODY, of=thing),
        (noun, "patch"): Rule(DRAFTERS, Scope.WRITE, of=draft, body=edit),
        (noun, "delete"): Rule(DRAFTERS, Scope.WRITE, of=draft),
        (f"{noun}-export", "get"): Rule(EVERYBODY, of=thing),
        (f"{noun}-copy", "post"): Rule(FOR_ADMINISTRATORS, Scope.WRITE, of=thing),
        (f"{noun}-submit", "post"): Rule(DRAFTERS, Scope.WRITE, of=draft),
        (f"{noun}-approve", "post"): Rule((HIDDEN, HIDDEN, HIDDEN, FORBIDDEN), Scope.ISSUE, of=draft),
        (f"{noun}-reject", "post"): Rule(DRAFTERS, Scope.ISSUE, of=draft),
    }


SCENARIOS = {"name": "Slow", "scenarios": [{"name": "Late", "delay_months": 6}]}
FACT = {"fact": "x", "state": "shown", "source": "Letter", "seen_on": "2026-01-05"}
DELIVERY = {"name": "D", "what": "breaks", "way": "folder", "at": "18:00"}
SOURCE = {"name": "Messages of D", "role": "broker", "format": "fpml"}
CHANNEL = {"kind": "sftp", "address": "127.0.0.1:9", "user": "atlas", "is_active": False}
PACK = {"close_date": "2027-05-01", "organisation": "House", "confidentiality": "Private"}
CLO_EDIT = {"assets": ["APA-0003"], "edits": [{"column": "market_value", "value": "97"}]}
TABLE: dict[tuple[str, str], Rule] = {
    ("me", "get"): Rule(EVERYBODY),
    ("own-data", "get"): Rule(EVERYBODY),
    ("organisations", "get"): Rule(EVERYBODY),
    ("organisations", "post"): Rule((OPEN, OPEN, FORBIDDEN, FORBIDDEN), Scope.WRITE, body={"name": "Quays"}),
    ("organisation", "get"): Rule(READERS, of="organisation"),
    ("organisation", "patch"): Rule(WRITERS, Scope.WRITE, of="organisation", body={"name": "Quays"}),
    ("organisation-invitations", "get"): Rule(WRITERS, of="organisation"),
    ("organisation-invitations", "post"): Rule(
        WRITERS, Scope.WRITE, of="organisation", body={"email": "ann@parks.example"}
    ),
    ("organisation-member", "get"): Rule(READERS, of="member"),
    ("organisation-member", "patch"): Rule(WRITERS, Scope.WRITE, of="member", body={"role": "owner"}),
    ("organisation-member", "delete"): Rule(WRITERS, Scope.WRITE, of="member"),
    ("invitations", "get"): Rule(EVERYBODY),
    ("invitation", "get"): Rule(EVERYBODY, of="invitation"),
    ("invitation", "delete"): Rule((OPEN, OPEN, FORBIDDEN, OPEN), Scope.WRITE, of="invitation"),
    ("invitation-accept", "post"): Rule((HIDDEN, OPEN, HIDDEN, HIDDEN), Scope.WRITE, of="invitation"),
    ("tokens", "get"): Rule(EVERYBODY),
    ("token-revoke", "post"): Rule(KEEPERS, Scope.WRITE, of="token"),
    ("registrations", "get"): Rule(FOR_ADMINISTRATORS),
    ("registration-approve", "post"): Rule(FOR_ADMINISTRATORS, Scope.ISSUE, of="person"),
    ("registration-decline", "post"): Rule(FOR_ADMINISTRATORS, Scope.ISSUE, of="person", body={"reason": "No."}),
    ("audit", "get"): Rule(FOR_ADMINISTRATORS),
    ("projects", "get"): Rule(EVERYBODY),
    ("projects", "post"): Rule(EVERYBODY, Scope.WRITE, body={"title": "Quay"}),
    ("project", "get"): Rule(READERS, of="project"),
    ("project", "put"): Rule(WRITERS, Scope.WRITE, of="project", body={"title": "Quay", "inputs": {}}),
    ("project", "delete"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("project-complete", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("project-reopen", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("project-archive", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("project-restore", "post"): Rule(NOT_CLOSED, Scope.WRITE, of="project"),
    ("project-duplicate", "post"): Rule(READERS, Scope.WRITE, of="project"),
    ("project-move", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("project-asset-class", "post"): Rule(
        ADMINISTRATORS, Scope.WRITE, of="project", body={"asset_class": "data_centre"}
    ),
    ("project-snapshots", "get"): Rule(READERS, of="project"),
    ("project-snapshots", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("project-submit", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("snapshot", "get"): Rule(READERS, of="snapshot"),
    ("submissions", "get"): Rule(EVERYBODY),
    ("submission", "get"): Rule(READERS, of="submission"),
    ("submission-approve", "post"): Rule(ADMINISTRATORS, Scope.ISSUE, of="submission"),
    ("submission-reject", "post"): Rule(ADMINISTRATORS, Scope.ISSUE, of="submission"),
    ("submission-withdraw", "post"): Rule(WRITERS, Scope.WRITE, of="submission"),
    ("submission-comments", "get"): Rule(READERS, of="submission"),
    ("submission-comments", "post"): Rule(READERS, Scope.WRITE, of="submission", body={"text": "Why?"}),
    ("comment-settle", "post"): Rule(WRITERS, Scope.WRITE, of="comment"),
    ("submission-impact", "get"): Rule((HIDDEN,) * 4, of="submission"),  # a first submission changes nothing
    ("submission-impact", "post"): Rule((HIDDEN,) * 4, Scope.RUN, of="submission"),
    ("series-list", "get"): Rule(EVERYBODY),
    ("series-list", "post"): Rule(EVERYBODY, Scope.WRITE, body={"title": "South"}),
    ("series", "get"): Rule(READERS, of="series"),
    ("series", "put"): Rule(WRITERS, Scope.WRITE, of="series", body={"title": "West"}),
    ("series", "delete"): Rule(WRITERS, Scope.WRITE, of="series"),
    ("series-move", "post"): Rule(WRITERS, Scope.WRITE, of="series", body={"places": 1}),
    ("asset-classes", "get"): Rule(EVERYBODY),
    ("asset-classes", "post"): Rule(FOR_ADMINISTRATORS, Scope.WRITE, body={"code": "port", "name": "Port"}),
    ("project-files", "get"): Rule(READERS, of="project"),
    ("project-files", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("project-workbook", "get"): Rule(READERS, of="project"),
    ("project-workbook", "post"): Rule(WRITERS, Scope.WRITE, of="project"),
    ("workbooks", "get"): Rule(EVERYBODY),
    ("workbooks", "post"): Rule(EVERYBODY, Scope.WRITE),
    ("file", "get"): Rule(READERS, of="document"),
    ("file", "delete"): Rule(WRITERS, Scope.WRITE, of="document"),
    ("file-content", "get"): Rule(READERS, of="document"),
    ("file-apply", "post"): Rule(WRITERS, Scope.WRITE, of="workbook"),
    **versions("rule-set", "rules", "rules_draft"),
    **versions("market-set", "market", "market_draft"),
    ("scenario-sets", "get"): Rule(EVERYBODY),
    ("scenario-sets", "post"): Rule(EVERYBODY, Scope.WRITE, body={**SCENARIOS, "name": "New"}),
    ("scenario-set", "get"): Rule(OWN, of="scenarios"),
    ("scenario-set", "put"): Rule(OWN, Scope.WRITE, of="scenarios", body=SCENARIOS),
    ("scenario-set", "delete"): Rule(OWN, Scope.WRITE, of="scenarios"),
    ("scenario-set-share", "post"): Rule(OWN, Scope.WRITE, of="scenarios", body={"is_shared": True}),
    ("levers", "get"): Rule(EVERYBODY),
    ("levers-measure", "post"): Rule(FOR_ADMINISTRATORS, Scope.RUN, body={"levers": {}}),
    ("result-columns", "get"): Rule(EVERYBODY),
    ("project-runs", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="project"),
    ("runs", "get"): Rule(EVERYBODY),
    ("run", "get"): Rule(READERS, of="run"),
    ("run-summary", "get"): Rule(READERS, of="run"),
    ("run-resume", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="run"),
    ("run-rejudge", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="run"),
    ("results", "get"): Rule(READERS, of="run"),
    ("results-export", "get"): Rule(READERS, of="run"),
    ("result", "get"): Rule(READERS, of="run"),
    ("result-open", "post"): Rule(READERS, Scope.WRITE, of="run"),
    ("financing-comparisons", "get"): Rule(EVERYBODY),
    ("financing-comparisons", "post"): Rule(
        (HIDDEN,) * 4, Scope.WRITE, body={"of": [NOBODYS, NOBODYS.replace("4", "5")], "name": "Two"}
    ),
    ("financing-comparison", "get"): Rule(READERS, of="financing_comparison"),
    ("financing-comparison", "patch"): Rule(ASKERS, Scope.WRITE, of="financing_comparison", body={"note": "Why"}),
    ("financing-comparison", "delete"): Rule(ASKERS, Scope.WRITE, of="financing_comparison"),
    ("run-comparisons", "get"): Rule(EVERYBODY),
    ("run-comparisons", "post"): Rule(
        (HIDDEN,) * 4, Scope.WRITE, body={"of": [NOBODYS, NOBODYS.replace("4", "5")], "name": "Two"}
    ),
    ("run-comparison", "get"): Rule(READERS, of="run_comparison"),
    ("run-comparison", "patch"): Rule(ASKERS, Scope.WRITE, of="run_comparison", body={"is_starred": True}),
    ("run-comparison", "delete"): Rule(ASKERS, Scope.WRITE, of="run_comparison"),
    ("run-searches", "get"): Rule(READERS, of="run"),
    ("run-searches", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="run"),
    ("search", "get"): Rule(READERS, of="search"),
    ("search-open", "post"): Rule(READERS, Scope.WRITE, of="search"),
    ("price", "post"): Rule(FOR_ADMINISTRATORS, Scope.RUN, body={"inputs": {}}),
    ("project-financings", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="project", body={"choice": {}}),
    ("financings", "get"): Rule(EVERYBODY),
    ("financing", "get"): Rule(READERS, of="financing"),
    ("financing-detail", "get"): Rule(READERS, of="financing"),
    ("financing-stress", "get"): Rule(READERS, of="financing"),
    ("financing-stress", "post"): Rule(READERS, Scope.RUN, of="financing", body={"scenarios": []}),
    ("financing-simulations", "get"): Rule(READERS, of="financing"),
    ("financing-simulations", "post"): Rule(READERS, Scope.RUN, of="financing"),
    ("simulation", "get"): Rule(READERS, of="simulation"),
    ("financing-evidence", "get"): Rule(READERS, of="financing"),
    ("financing-evidence", "post"): Rule(ADMINISTRATORS, Scope.WRITE, of="financing", body=FACT),
    ("financing-compliance", "get"): Rule(READERS, of="financing"),
    ("financing-model", "get"): Rule(READERS, of="financing"),
    ("financing-packs", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="financing", body=PACK),
    ("packs", "get"): Rule(EVERYBODY),
    ("pack", "get"): Rule(INSIDERS, of="draft_pack"),
    ("pack-issue", "post"): Rule(ADMINISTRATORS, Scope.ISSUE, of="pack"),
    ("pack-withdraw", "post"): Rule(MAKERS, Scope.ISSUE, of="draft_pack"),
    ("pack-retry", "post"): Rule(MAKERS, Scope.RUN, of="draft_pack"),
    ("pack-archive", "get"): Rule(READERS, of="pack"),
    ("pack-manifest", "get"): Rule(INSIDERS, of="draft_pack"),
    ("pack-links", "get"): Rule(ADMINISTRATORS, of="pack"),
    ("pack-links", "post"): Rule(ADMINISTRATORS, Scope.ISSUE, of="pack", body={"recipient": "A bank", "days": 3}),
    ("link-revoke", "post"): Rule(ADMINISTRATORS, Scope.ISSUE, of="pack_link"),
    ("document-file", "get"): Rule(READERS, of="pack_document"),
    ("document-again", "post"): Rule(MAKERS, Scope.RUN, of="draft_document"),
    ("loan-pools", "get"): Rule(HOUSE),
    ("loan-pools", "post"): Rule(FOR_ADMINISTRATORS, Scope.WRITE, body={"financings": [NOBODYS]}),
    ("loan-pool", "get"): Rule(INSIDERS, of="notes_pool"),
    ("loan-tapes", "get"): Rule(HOUSE),
    ("loan-tapes", "post"): Rule(FOR_ADMINISTRATORS, Scope.WRITE),
    ("loan-tape", "get"): Rule(INSIDERS, of="notes_tape"),
    ("loan-tape-mapping", "post"): Rule(MAKERS, Scope.WRITE, of="notes_tape", body={"mapping": {}}),
    ("loan-tape-cells", "post"): Rule(MAKERS, Scope.WRITE, of="notes_tape", body={"cells": []}),
    ("loan-tape-discard", "post"): Rule(MAKERS, Scope.WRITE, of="notes_tape"),
    ("loan-tape-take", "post"): Rule(MAKERS, Scope.WRITE, of="notes_tape"),
    ("structures", "get"): Rule(HOUSE),
    ("structures", "post"): Rule(
        (FORBIDDEN, FORBIDDEN, FORBIDDEN, HIDDEN), Scope.WRITE, body={"name": "N", "pool": NOBODYS}
    ),
    ("structures-runs", "post"): Rule(
        (FORBIDDEN, FORBIDDEN, FORBIDDEN, HIDDEN), Scope.RUN, body={"versions": [NOBODYS]}
    ),
    ("structure", "get"): Rule(INSIDERS, of="notes"),
    ("structure-versions", "get"): Rule(INSIDERS, of="notes"),
    ("structure-versions", "post"): Rule(
        MAKERS, Scope.WRITE, of="notes", body={"content": {}, "behaviour": {}, "based_on": 1}
    ),
    ("structure-size", "post"): Rule(INSIDERS, Scope.RUN, of="notes", body={"keeps_ratings": False, "class_code": "A"}),
    ("structure-series", "post"): Rule(
        MAKERS, Scope.WRITE, of="notes", body={"beside": "A", "series": "A-2", "balance_amount": 1.0, "based_on": 1}
    ),
    ("structure-runs", "get"): Rule(INSIDERS, of="notes"),
    ("structure-runs", "post"): Rule(MAKERS, Scope.RUN, of="notes"),
    ("notes-run", "get"): Rule(INSIDERS, of="notes_run"),
    ("notes-run-hedges", "get"): Rule(INSIDERS, of="notes_run"),
    ("notes-run-packs", "get"): Rule(INSIDERS, of="notes_run"),
    ("notes-run-packs", "post"): Rule(
        MAKERS, Scope.RUN, of="notes_run", body={"organisation": "House", "confidentiality": "Private"}
    ),
    ("notes-pack", "get"): Rule(INSIDERS, of="notes_pack"),
    ("notes-pack-issue", "post"): Rule(MAKERS, Scope.ISSUE, of="notes_pack"),
    ("notes-pack-withdraw", "post"): Rule(MAKERS, Scope.ISSUE, of="notes_pack"),
    ("notes-pack-links", "get"): Rule((HIDDEN, HIDDEN, FORBIDDEN, OPEN), of="notes_pack"),
    ("notes-pack-links", "post"): Rule(MAKERS, Scope.ISSUE, of="notes_pack", body={"recipient": "A bank", "days": 3}),
    ("notes-pack-archive", "get"): Rule(INSIDERS, of="notes_pack"),
    **versions("desk-limit", "desk_limits", "desk_limits_draft"),
    ("desks", "get"): Rule(HOUSE),
    ("desk-scenarios", "get"): Rule(INSIDERS, of="desk"),
    ("desk-scenarios", "post"): Rule(MAKERS, Scope.WRITE, of="desk", body={"name": "S", "rows": []}),
    ("universes", "get"): Rule(HOUSE),
    ("universes", "post"): Rule((HIDDEN,) * 4, Scope.WRITE, body={"name": "U", "desk": NOBODYS}),
    ("universe-members", "get"): Rule(INSIDERS, of="universe"),
    ("universe-members", "post"): Rule(MAKERS, Scope.WRITE, of="universe", body={"members": []}),
    ("universe-upload", "post"): Rule(MAKERS, Scope.WRITE, of="universe"),
    ("universe-datasets", "get"): Rule(INSIDERS, of="universe"),
    ("strategies", "get"): Rule(HOUSE),
    ("strategies", "post"): Rule(
        (FORBIDDEN, FORBIDDEN, HIDDEN, HIDDEN),
        Scope.WRITE,
        body={"name": "S", "universe": NOBODYS, "limits": "long-only-fund"},
    ),
    ("strategy", "get"): Rule(INSIDERS, of="strategy"),
    ("strategy-versions", "get"): Rule(INSIDERS, of="strategy"),
    ("strategy-versions", "post"): Rule(MAKERS, Scope.WRITE, of="strategy", body={"costs": {}, "based_on": 1}),
    ("strategy-runs", "get"): Rule(INSIDERS, of="strategy"),
    ("strategy-run", "get"): Rule(INSIDERS, of="strategy_run"),
    ("strategy-signals", "post"): Rule(MAKERS, Scope.RUN, of="strategy"),
    ("strategy-optimize", "post"): Rule(MAKERS, Scope.RUN, of="strategy"),
    ("strategy-backtest", "post"): Rule(MAKERS, Scope.RUN, of="strategy"),
    ("strategy-risk", "post"): Rule(MAKERS, Scope.RUN, of="strategy"),
    ("strategy-risk-metrics", "get"): Rule(INSIDERS, of="strategy"),
    ("strategy-scenarios", "post"): Rule((HIDDEN,) * 4, Scope.RUN, of="strategy", body={"scenario_set": NOBODYS}),
    ("strategy-pretrade", "post"): Rule(MAKERS, Scope.RUN, of="strategy"),
    ("strategy-checks", "get"): Rule(INSIDERS, of="strategy"),
    ("strategy-steps", "get"): Rule(INSIDERS, of="strategy"),
    ("strategy-steps", "post"): Rule(MAKERS, Scope.ISSUE, of="strategy", body={"step": "begin"}),
    ("strategy-orders", "get"): Rule(INSIDERS, of="signed_strategy"),
    ("strategy-orders", "post"): Rule(MAKERS, Scope.ISSUE, of="signed_strategy"),
    ("strategy-export", "post"): Rule(MAKERS, Scope.ISSUE, of="signed_strategy", body={"form": "csv"}),
    ("strategy-roles", "post"): Rule(MAKERS, Scope.RUN, of="strategy"),
    ("export", "get"): Rule(INSIDERS, of="export"),
    ("role-run", "get"): Rule(INSIDERS, of="role_run"),
    **versions("limit-set", "limits", "limits_draft"),
    ("clo-deals", "get"): Rule(HOUSE),
    ("clo-deal", "get"): Rule(INSIDERS, of="clo"),
    ("clo-pools", "get"): Rule(INSIDERS, of="clo"),
    ("clo-pool", "get"): Rule(INSIDERS, of="clo_pool"),
    ("clo-pool-edits-try", "post"): Rule(INSIDERS, Scope.RUN, of="clo_pool", body=CLO_EDIT),
    ("clo-pool-edits", "post"): Rule(MAKERS, Scope.WRITE, of="clo_pool", body={**CLO_EDIT, "reason": "Marks."}),
    ("clo-tapes", "get"): Rule(INSIDERS, of="clo"),
    ("clo-tapes", "post"): Rule(MAKERS, Scope.WRITE, of="clo"),
    ("clo-tape", "get"): Rule(INSIDERS, of="clo_tape"),
    ("clo-tape-mapping", "post"): Rule(MAKERS, Scope.WRITE, of="clo_tape", body={"mapping": {}}),
    ("clo-tape-cells", "post"): Rule(MAKERS, Scope.WRITE, of="clo_tape", body={"cells": []}),
    ("clo-tape-leave-out", "post"): Rule(MAKERS, Scope.WRITE, of="clo_tape", body={"row": 1, "reason": "Sold."}),
    ("clo-tape-discard", "post"): Rule(MAKERS, Scope.WRITE, of="clo_tape"),
    ("clo-tape-apply", "post"): Rule(MAKERS, Scope.WRITE, of="clo_tape"),
    ("clo-test-runs", "get"): Rule(INSIDERS, of="clo"),
    ("clo-test-history", "get"): Rule(INSIDERS, of="clo", index="1"),
    ("clo-test-run", "get"): Rule(INSIDERS, of="clo_run"),
    ("clo-test", "get"): Rule(INSIDERS, of="clo_run", index="1"),
    ("clo-trades-try", "post"): Rule(INSIDERS, Scope.RUN, of="clo", body={"trades": []}),
    ("clo-baskets", "get"): Rule(INSIDERS, of="clo"),
    ("clo-baskets", "post"): Rule(MAKERS, Scope.WRITE, of="clo", body={"name": "B"}),
    ("clo-basket", "get"): Rule(INSIDERS, of="clo_basket"),
    ("clo-basket", "put"): Rule(MAKERS, Scope.WRITE, of="clo_basket", body={"trades": []}),
    ("clo-basket-changes", "get"): Rule(INSIDERS, of="clo_basket"),
    ("clo-basket-search", "post"): Rule(INSIDERS, Scope.RUN, of="clo_basket"),
    ("clo-basket-submit", "post"): Rule(MAKERS, Scope.WRITE, of="clo_basket"),
    ("clo-basket-approve", "post"): Rule(MAKERS, Scope.ISSUE, of="clo_basket"),
    ("clo-basket-reject", "post"): Rule(MAKERS, Scope.ISSUE, of="clo_basket", body={"reason": "No."}),
    ("clo-basket-book", "post"): Rule(MAKERS, Scope.ISSUE, of="clo_basket"),
    ("clo-payments", "get"): Rule(INSIDERS, of="clo"),
    ("clo-payments", "post"): Rule(MAKERS, Scope.ISSUE, of="clo"),
    ("clo-after-default", "put"): Rule(MAKERS, Scope.ISSUE, of="clo", body={"accelerates": True}),
    ("clo-payment-next", "get"): Rule(INSIDERS, of="clo"),
    ("clo-payment", "get"): Rule(INSIDERS, of="clo_payment"),
    ("clo-scenarios", "get"): Rule(INSIDERS, of="clo"),
    ("clo-scenarios", "post"): Rule(MAKERS, Scope.WRITE, of="clo", body={"name": "S"}),
    ("clo-scenario", "get"): Rule(INSIDERS, of="clo_scenario"),
    ("clo-scenario", "delete"): Rule(MAKERS, Scope.WRITE, of="clo_scenario"),
    ("clo-scenario-outcome", "get"): Rule(INSIDERS, of="clo_scenario"),
    ("clo-simulations", "get"): Rule(INSIDERS, of="clo"),
    ("clo-simulations", "post"): Rule(MAKERS, Scope.RUN, of="clo"),
    ("clo-simulation", "get"): Rule(INSIDERS, of="clo_simulation"),
    ("clo-trustee-reports", "get"): Rule(INSIDERS, of="clo"),
    ("clo-trustee-reports", "post"): Rule(MAKERS, Scope.WRITE, of="clo"),
    ("clo-report", "get"): Rule(INSIDERS, of="clo"),
    ("clo-reports", "get"): Rule(INSIDERS, of="clo"),
    ("clo-reports", "post"): Rule(MAKERS, Scope.WRITE, of="clo", body={"name": "R", "sections": ["coverage"]}),
    ("clo-notes", "get"): Rule(INSIDERS, of="clo"),
    ("clo-notes", "post"): Rule(
        (HIDDEN, HIDDEN, FORBIDDEN, HIDDEN), Scope.WRITE, of="clo", body={"note": NOBODYS, "source": "Letter"}
    ),
    ("sources", "get"): Rule(RECONCILERS),
    ("sources", "post"): Rule(RECONCILERS, Scope.WRITE, body=SOURCE),
    ("source", "get"): Rule(RECONCILERS, of="recon_source"),
    ("source", "put"): Rule(RECONCILERS, Scope.WRITE, of="recon_source", body=SOURCE),
    ("source-channel", "get"): Rule(RECONCILERS, of="channel_source"),
    ("source-channel", "put"): Rule(RECONCILERS, Scope.WRITE, of="channel_source", body=CHANNEL),
    ("source-channel", "delete"): Rule(RECONCILERS, Scope.WRITE, of="channel_source"),
    ("channel-fetches", "get"): Rule(RECONCILERS, of="channel_source"),
    ("channel-fetches", "post"): Rule(RECONCILERS, Scope.RUN, of="channel_source"),
    ("channel-try", "post"): Rule(RECONCILERS, Scope.WRITE, of="channel_source"),
    ("source-files", "post"): Rule(RECONCILERS, Scope.WRITE, of="recon_source"),
    ("received-files", "get"): Rule(RECONCILERS),
    ("received-file", "get"): Rule(RECONCILERS, of="recon_file"),
    ("received-file-content", "get"): Rule(RECONCILERS, of="recon_file"),
    ("recon-runs", "get"): Rule(RECONCILERS),
    ("recon-runs", "post"): Rule((HIDDEN,) * 4, Scope.RUN, body={"definition": NOBODYS, "business_date": "2026-06-16"}),
    ("recon-run", "get"): Rule(RECONCILERS, of="recon_run"),
    ("recon-run-groups", "get"): Rule(RECONCILERS, of="recon_run"),
    ("decisions", "get"): Rule(RECONCILERS, of="recon_definition"),
    ("decisions", "post"): Rule(
        RECONCILERS, Scope.WRITE, of="recon_definition", body={"choice": "split", "reason": "Not ours."}
    ),
    ("decision-take-back", "post"): Rule(RECONCILERS, Scope.WRITE, of="recon_decision"),
    ("breaks", "get"): Rule(RECONCILERS),
    ("breaks-assign", "post"): Rule(RECONCILERS, Scope.WRITE, body={"breaks": [NOBODYS], "owner": None}),
    ("breaks-resolve", "post"): Rule(RECONCILERS, Scope.WRITE, body={"breaks": [NOBODYS], "reason": "Agreed."}),
    ("break", "get"): Rule(RECONCILERS, of="recon_break"),
    ("break-comments", "get"): Rule(RECONCILERS, of="recon_break"),
    ("break-comments", "post"): Rule(RECONCILERS, Scope.WRITE, of="recon_break", body={"text": "Asked."}),
    ("clusters", "get"): Rule(RECONCILERS),
    ("break-packs", "get"): Rule(RECONCILERS),
    ("break-packs", "post"): Rule((HIDDEN,) * 4, Scope.RUN, body={"breaks": [NOBODYS]}),
    ("break-pack", "get"): Rule(RECONCILERS, of="break_pack"),
    ("break-pack-content", "get"): Rule(RECONCILERS, of="break_pack"),
    ("ages", "get"): Rule(RECONCILERS),
    ("match-rates", "get"): Rule(RECONCILERS),
    ("statements", "get"): Rule(RECONCILERS),
    ("recon-run-export", "get"): Rule(RECONCILERS, of="recon_run"),
    ("scheduled-deliveries", "get"): Rule(RECONCILERS),
    ("scheduled-deliveries", "post"): Rule(RECONCILERS, Scope.WRITE, body=DELIVERY),
    ("scheduled-delivery", "get"): Rule(RECONCILERS, of="recon_delivery"),
    ("scheduled-delivery", "put"): Rule(RECONCILERS, Scope.WRITE, of="recon_delivery", body=DELIVERY),
    ("scheduled-delivery", "delete"): Rule(RECONCILERS, Scope.WRITE, of="recon_delivery"),
    ("delivery-tries", "get"): Rule(RECONCILERS, of="recon_delivery"),
    ("delivery-tries", "post"): Rule(RECONCILERS, Scope.RUN, of="recon_delivery"),
    ("recipients", "get"): Rule(RECONCILERS),
    ("recipients", "post"): Rule(
        RECONCILERS, Scope.WRITE, body={"name": "R", "method": "zip", "secret": "four plain words here"}
    ),
    ("recipient", "delete"): Rule(RECONCILERS, Scope.WRITE, of="recon_recipient"),
    ("definitions", "get"): Rule(RECONCILERS),
    ("definitions", "post"): Rule((HIDDEN,) * 4, Scope.WRITE, body={"name": "D", "what": "otc", "sources": [NOBODYS]}),
    **versions("mapping", "mapping", "mapping_draft"),
    **versions("terms-version", "recon_terms", "recon_terms_draft"),
    ("resolutions", "get"): Rule(RECONCILERS),
    ("resolution-approve", "post"): Rule((HIDDEN, HIDDEN, HIDDEN, FORBIDDEN), Scope.ISSUE, of="recon_break"),
    ("resolution-reject", "post"): Rule((HIDDEN, HIDDEN, HIDDEN, FORBIDDEN), Scope.ISSUE, of="recon_break"),
    ("trail", "get"): Rule(RECONCILERS),
    ("rights", "get"): Rule(RECONCILERS),
    ("jobs", "get"): Rule(EVERYBODY),
    ("job", "get"): Rule(READERS, of="run"),
    ("job-progress", "get"): Rule(READERS, of="run"),
    ("job-events", "get"): Rule(READERS, of="run"),
    ("job-cancel", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="run"),
    ("job-retry", "post"): Rule(ADMINISTRATORS, Scope.RUN, of="run"),
    ("operations", "get"): Rule(FOR_ADMINISTRATORS),
    ("webhooks", "get"): Rule(EVERYBODY),
    ("webhooks", "post"): Rule(EVERYBODY, Scope.WRITE, body={"url": "https://example.com/hook"}),
    ("webhook", "get"): Rule(OWN, of="webhook"),
    ("webhook", "delete"): Rule(OWN, Scope.WRITE, of="webhook"),
    ("webhook-deliveries", "get"): Rule(OWN, of="webhook"),
    ("delivery-again", "post"): Rule(OWN, Scope.WRITE, of="delivery"),
    ("notifications", "get"): Rule(EVERYBODY),
    ("notification-read", "post"): Rule(OWN, Scope.WRITE, of="notice"),
}
VIEWS = {entry.name: entry.callback.cls for entry in v1}


def operations() -> set[tuple[str, str]]:
    """Every method of every address."""
    methods = ("get", "post", "put", "patch", "delete")
    return {(name, method) for name, view in VIEWS.items() for method in methods if hasattr(view, method)}


def test_every_operation_has_its_line():
    assert operations() == set(TABLE)


def test_every_operation_asks_for_the_scope_of_its_line():
    declared = {(name, method): getattr(VIEWS[name], method).operation.scope for name, method in operations()}
    assert declared == {key: rule.scope for key, rule in TABLE.items()}


def door(response: HttpResponseBase) -> str | int:
    """What the answer amounts to; a number where no door answers so. Refused data is an open door."""
    known = {403: FORBIDDEN, 404: HIDDEN}
    status = response.status_code
    return known.get(status, OPEN if status < 300 or status in {412, 422, 428} else status)


def knock(program: Program, name: str, method: str, things: dict[str, Any], code: Any = None) -> Any:
    """The response; whatever it changed is undone."""
    rule = TABLE[name, method]
    given = {"code": code or things[rule.of].code} if rule.of else {}
    if "index" in address_of(name):
        given["index"] = rule.index
    with transaction.atomic():
        response = ask(
            program, method, reverse(f"api:v1:{name}", kwargs=given), rule, issubclass(VIEWS[name], UploadView)
        )
        for close in response._resource_closers:
            close()
        transaction.set_rollback(True)
    return response


def address_of(name: str) -> str:
    """The address with its converters."""
    return next(str(entry.pattern) for entry in v1 if entry.name == name)


def ask(program: Program, method: str, url: str, rule: Rule, is_upload: bool) -> Any:
    if method == "post" and is_upload:
        file = SimpleUploadedFile("note.txt", b"words")
        return program.client.post(url, {"file": file}, headers=program.headers)
    headers = {"If_Match": "*"} if method == "put" else {}
    return program(method, url, rule.body if method == "get" else rule.body or {}, **headers)


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_as(role: str, things: dict[str, Any], request: pytest.FixtureRequest):
    program, wrong = Program(request.getfixturevalue(role)), {}
    for (name, method), rule in TABLE.items():
        found, expected = door(knock(program, name, method, things)), rule.doors[ROLES.index(role)]
        if found != expected:
            wrong[name, method] = f"expected {expected}, got {found}"
    assert not wrong


def test_every_operation_as_nobody(things: dict[str, Any]):
    program = Program(None)
    wrong = {key: found for key in TABLE if (found := knock(program, *key, things).status_code) != 401}
    assert not wrong


@pytest.mark.parametrize("scope", Scope.values)
def test_every_operation_with_one_scope(scope: str, things: dict[str, Any], admin: User):
    """A token opens what its scope is for, and of the rest nothing, not even whether it is there."""
    program, wrong = Program(admin, [scope]), {}
    for (name, method), rule in TABLE.items():
        if rule.scope == scope:
            continue
        refused = knock(program, name, method, things, NOBODYS)
        if refused.status_code != 403 or refused.json()["code"] != "scope":
            wrong[name, method] = refused.status_code
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_a_code_that_is_nobodys(role: str, things: dict[str, Any], request: pytest.FixtureRequest):
    """Indistinguishable from somebody else's, wherever the thing is asked for before the role."""
    program = Program(request.getfixturevalue(role))
    for (name, method), rule in TABLE.items():
        if rule.of:
            found = door(knock(program, name, method, things, NOBODYS))
            assert found == HIDDEN or (found == FORBIDDEN and rule.doors[0] == FORBIDDEN), (name, method, found)
