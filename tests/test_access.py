"""Every URL as every role: who gets in, who may only read, and for whom it is not there.

A URL without a line in the table fails the test, so none is added without a thought to who may use it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.services import issue_token
from accounts.services.organisations import found_organisation, invite_member
from documents.models import Pack
from documents.services.issue_pack import issue_pack
from documents.services.make_link import make_link
from documents.services.request_pack import request_pack
from documents.sharing import token_of
from financings.models import Financing
from financings.services.keep_comparison import keep_comparison as keep_financings
from financings.services.request_simulation import request_simulation
from jobs.work import work
from lib.admin import ReadOnlyAdmin
from permutations.services.keep_comparison import keep_comparison
from permutations.services.request_run import request_run
from permutations.services.request_search import request_search
from projects.demo import demo_document
from projects.models import Project, Status
from projects.services import (
    archive_project,
    comment_on_submission,
    create_project,
    create_series,
    delete_project,
    edit_project,
)
from projects.services.keep_draft import keep_draft
from ratings.services import seed_market_sets, seed_rule_sets
from ratings.services.scenario_sets import create_scenario_set
from tables.services.save_view import save_view
from tests import world
from tests.documents.small_kinds import packs_of_few
from tests.financings.cast import opened
from tests.portfolios.cast import clo_things
from tests.projects.files import kept_files
from tests.projects.reviewed import approved
from tests.reconciliation import cast as reconciled
from tests.securitisation.cast import notes_things
from tests.strategies.cast import strategy_things

pytestmark = pytest.mark.django_db

LEVERS = {"axes": {"senior_tenor_years": [15, 18], "senior_dscr": [1.35, 1.45], "senior_coupon_rate": [0.065]}}


# Wide enough that a search finds something whatever the run's own few points come to.
WIDE: dict[str, Any] = {
    "levers": {
        "senior_tenor_years": [15, 18],
        "senior_coupon_rate": {"from": 0.03, "to": 0.065},
        "senior_dscr": [1.35, 1.45],
    },
    "effort": 500,
}


class Door(Enum):
    """How a URL receives somebody."""

    OPEN = "answers"
    SIGN_IN = "leads to the sign-in"
    NOT_KNOWN = "401: streams and files cannot lead anywhere"
    FORBIDDEN = "403: seen, but not theirs"
    HIDDEN = "404: as if it were not there"
    NOT_GET = "405: takes another method"


OPEN, SIGN_IN, NOT_KNOWN, FORBIDDEN, HIDDEN, NOT_GET = Door
ROLES = ("nobody", "sponsor", "other_sponsor", "internal", "admin")


Doors = tuple[Door, Door, Door, Door, Door]


def swap(doors: Doors, old: Door, new: Door) -> Doors:
    """The same doors, one kind in the place of another."""
    first, second, third, fourth, fifth = (new if door == old else door for door in doors)
    return first, second, third, fourth, fifth


@dataclass(frozen=True)
class Rule:
    """The doors of one URL, in the order of ROLES, and how to knock."""

    doors: Doors
    of: str = ""  # whose code the URL takes
    method: str = "get"
    post: Doors | None = None  # by POST, for a page that takes it beside GET
    archived: Doors | None = None  # of an archived project, where it is not as one would think
    deleted: Doors | None = None  # of a deleted one, where it is not hidden from all
    arguments: tuple[tuple[str, Any], ...] = ()  # what else the URL takes

    def door(self, role: str) -> Door:
        return self.doors[ROLES.index(role)]

    @property
    def when_archived(self) -> Doors:
        """Readers read on; nobody writes."""
        if self.archived is not None:
            return self.archived
        return self.doors if self.door("internal") == OPEN else swap(self.doors, OPEN, FORBIDDEN)

    @property
    def when_deleted(self) -> Doors:
        """Nothing is there, for nobody."""
        return self.deleted if self.deleted is not None else (self.doors[0], HIDDEN, HIDDEN, HIDDEN, HIDDEN)


NOBODYS = "00000000-0000-4000-8000-000000000000"
EVERYBODY = (OPEN, OPEN, OPEN, OPEN, OPEN)
SIGNED_IN = (SIGN_IN, OPEN, OPEN, OPEN, OPEN)
NOBODY_IN = (SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)
READERS = (SIGN_IN, OPEN, HIDDEN, OPEN, OPEN)
DOWNLOADERS = (NOT_KNOWN, OPEN, HIDDEN, OPEN, OPEN)
WRITERS = (SIGN_IN, OPEN, HIDDEN, FORBIDDEN, OPEN)
ADMINISTRATORS = (SIGN_IN, FORBIDDEN, HIDDEN, FORBIDDEN, OPEN)
KEEPERS = (SIGN_IN, OPEN, HIDDEN, HIDDEN, OPEN)
NOT_PUT_AWAY = (SIGN_IN, FORBIDDEN, HIDDEN, FORBIDDEN, FORBIDDEN)
FOR_ADMINISTRATION = (SIGN_IN, HIDDEN, HIDDEN, HIDDEN, OPEN)
RECONCILERS_TAKE = (NOT_KNOWN, HIDDEN, HIDDEN, HIDDEN, OPEN)  # and those who hold one of reconciliation's roles
RULE_WRITERS = (SIGN_IN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN)
ASKED_FOR = (SIGN_IN, HIDDEN, HIDDEN, HIDDEN, OPEN)  # whoever asked may stop it
ADDRESSED = (SIGN_IN, OPEN, HIDDEN, HIDDEN, HIDDEN)
ENROLLED = (SIGN_IN, HIDDEN, HIDDEN, HIDDEN, OPEN)  # who has a one-time password
OPEN_TO_HOLDERS = (OPEN, OPEN, OPEN, OPEN, OPEN)  # whoever has the address, signed in or not
INSIDERS = (SIGN_IN, HIDDEN, HIDDEN, OPEN, OPEN)  # drafts are not for sponsors
INSIDE_TAKERS = (NOT_KNOWN, HIDDEN, HIDDEN, OPEN, OPEN)
DESK_TAKERS = (NOT_KNOWN, HIDDEN, HIDDEN, FORBIDDEN, OPEN)  # viewers of a desk read on the page
DESK = (SIGN_IN, HIDDEN, HIDDEN, FORBIDDEN, OPEN)  # of a CLO, of notes: those who read it write nothing
HAS_NONE = (SIGN_IN, HIDDEN, HIDDEN, HIDDEN, HIDDEN)  # of what is asked for they have none

TABLE = {
    "home": Rule(SIGNED_IN),
    "tour-leave": Rule(SIGNED_IN, method="post"),
    "find": Rule(SIGNED_IN),
    "help": Rule(SIGNED_IN),
    "sign-in": Rule(EVERYBODY, post=EVERYBODY),
    "account_login": Rule(EVERYBODY, post=EVERYBODY),
    "mfa_authenticate": Rule(SIGNED_IN, post=SIGNED_IN),
    "sign-out": Rule(NOBODY_IN, method="post"),
    "account_signup": Rule(EVERYBODY, post=EVERYBODY),
    "account_email_verification_sent": Rule(EVERYBODY),
    "account-statement": Rule(EVERYBODY),
    "account-waiting": Rule(EVERYBODY),
    "account-declined": Rule(EVERYBODY),
    "account_inactive": Rule(EVERYBODY),
    "account_confirm_email": Rule(EVERYBODY, arguments=(("key", "none"),)),
    "account_reset_password": Rule(EVERYBODY, post=EVERYBODY),
    "account_reset_password_done": Rule(EVERYBODY),
    "account_reset_password_from_key": Rule(EVERYBODY, post=EVERYBODY, arguments=(("uidb36", "1"), ("key", "none"))),
    "account_reset_password_from_key_done": Rule(EVERYBODY),
    "account-preferences": Rule(SIGNED_IN, post=SIGNED_IN),
    "account-theme": Rule(HAS_NONE, method="post"),
    "account-security": Rule(SIGNED_IN),
    "mfa_index": Rule(SIGNED_IN),
    "account_change_password": Rule(SIGNED_IN, post=SIGNED_IN),
    "account_email": Rule(SIGNED_IN, post=SIGNED_IN),
    "usersessions_list": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_activate_totp": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_deactivate_totp": Rule(ENROLLED, post=ENROLLED),
    "mfa_view_recovery_codes": Rule(HAS_NONE),
    "mfa_generate_recovery_codes": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_download_recovery_codes": Rule(HAS_NONE),
    "account_reauthenticate": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_reauthenticate": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_reauthenticate_webauthn": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_login_webauthn": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_add_webauthn": Rule(SIGNED_IN, post=SIGNED_IN),
    "mfa_edit_webauthn": Rule(SIGNED_IN, post=SIGNED_IN, arguments=(("pk", 1),)),
    "mfa_remove_webauthn": Rule(SIGNED_IN, post=SIGNED_IN, arguments=(("pk", 1),)),
    "health": Rule(EVERYBODY),
    "healthz": Rule(EVERYBODY),
    "metrics": Rule(EVERYBODY),
    "signing-keys": Rule(EVERYBODY),
    "jobs": Rule(SIGNED_IN),
    "job": Rule(READERS, of="run"),
    "job-stream": Rule(DOWNLOADERS, of="run"),
    "job-status": Rule(READERS, of="run"),
    "job-cancel": Rule(ADMINISTRATORS, of="run", method="post", deleted=ASKED_FOR),
    "notifications": Rule(SIGNED_IN),
    "notifications-bell": Rule((NOT_KNOWN, OPEN, OPEN, OPEN, OPEN)),
    "notifications-read-all": Rule(SIGNED_IN, method="post"),
    "notification-settings": Rule(SIGNED_IN, post=SIGNED_IN),
    "notification-open": Rule(ADDRESSED, of="notification"),
    "notification-read": Rule(ADDRESSED, of="notification", method="post"),
    "audit": Rule(FOR_ADMINISTRATION, post=FOR_ADMINISTRATION),
    "operations": Rule(FOR_ADMINISTRATION),
    "operations-now": Rule(FOR_ADMINISTRATION),
    "operations-retry": Rule(FOR_ADMINISTRATION, method="post"),
    "audit-entry": Rule(FOR_ADMINISTRATION, arguments=(("sequence", 1),)),
    "audit-export": Rule((NOT_KNOWN, HIDDEN, HIDDEN, HIDDEN, OPEN)),
    "workbook-template": Rule(SIGNED_IN),
    "workbook-new": Rule(SIGNED_IN, post=SIGNED_IN),
    "project-workbook": Rule(DOWNLOADERS, of="project"),
    "workbook-upload": Rule(WRITERS, of="project", post=WRITERS),
    "project-attachments": Rule(READERS, of="project"),
    "attachment-add": Rule(WRITERS, of="project", method="post"),
    "attachment-download": Rule(DOWNLOADERS, of="workbook"),
    "workbook-report": Rule(READERS, of="workbook"),
    "workbook-apply": Rule(WRITERS, of="workbook", method="post"),
    "attachment-delete": Rule(WRITERS, of="document", method="post"),
    "projects-list": Rule(SIGNED_IN),
    "project-new": Rule(SIGNED_IN, post=SIGNED_IN),
    "project-figures": Rule(SIGNED_IN, method="post"),
    "project-draft": Rule(SIGNED_IN, method="post"),
    "project-draft-state": Rule(WRITERS, of="project"),
    "draft-discard": Rule(ADDRESSED, of="draft", method="post"),
    "project-detail": Rule(READERS, of="project"),
    "project-history": Rule(READERS, of="project"),
    "project-saved": Rule(WRITERS, of="project", post=WRITERS, arguments=(("number", 1),)),
    "project-edit": Rule(WRITERS, of="project", post=WRITERS),
    "projects-arrange": Rule(SIGNED_IN),
    "project-asset-class": Rule(ADMINISTRATORS, of="project", method="post"),
    "project-move": Rule(WRITERS, of="project", method="post", archived=WRITERS),
    "project-compare": Rule(READERS, of="project"),
    "project-duplicate": Rule(READERS, of="project", method="post"),
    "project-complete": Rule(WRITERS, of="project", post=WRITERS),
    "project-reopen": Rule(WRITERS, of="project", post=WRITERS),
    "project-archive": Rule(WRITERS, of="project", post=WRITERS, archived=WRITERS),
    "project-delete": Rule(WRITERS, of="project", post=WRITERS, archived=WRITERS),
    "project-restore": Rule(NOT_PUT_AWAY, of="project", post=NOT_PUT_AWAY, archived=WRITERS, deleted=KEEPERS),
    "series-new": Rule(SIGNED_IN, method="post"),
    "series-rename": Rule(WRITERS, of="series", method="post"),
    "series-delete": Rule(WRITERS, of="series", method="post"),
    "series-move": Rule(WRITERS, of="series", method="post"),
    "project-submit": Rule(WRITERS, of="project", post=WRITERS),
    "submission-detail": Rule(READERS, of="submission"),
    "submission-withdraw": Rule(WRITERS, of="submission", method="post"),
    "submission-comment": Rule(READERS, of="submission", method="post"),
    "submission-comment-settle": Rule(WRITERS, of="comment", method="post"),
    "submission-impact": Rule(READERS, of="submission", post=READERS),
    "run-new": Rule(ADMINISTRATORS, of="project", post=ADMINISTRATORS),
    "run-space": Rule(ADMINISTRATORS, of="project", method="post"),
    "runs-list": Rule(SIGNED_IN),
    "runs-compare": Rule(SIGNED_IN),
    "comparison-keep": Rule((SIGN_IN, OPEN, OPEN, OPEN, OPEN), method="post"),
    "comparison": Rule(READERS, of="comparison"),
    "comparison-note": Rule((SIGN_IN, OPEN, HIDDEN, FORBIDDEN, FORBIDDEN), of="comparison", method="post"),
    "comparison-drop": Rule((SIGN_IN, OPEN, HIDDEN, FORBIDDEN, FORBIDDEN), of="comparison", method="post"),
    "run-comparison-note": Rule((SIGN_IN, OPEN, HIDDEN, FORBIDDEN, FORBIDDEN), of="run_comparison", method="post"),
    "run-comparison-keep": Rule(SIGNED_IN, method="post"),
    "run-comparison": Rule(READERS, of="run_comparison"),
    "run-comparison-drop": Rule((SIGN_IN, OPEN, HIDDEN, FORBIDDEN, FORBIDDEN), of="run_comparison", method="post"),
    "run-detail": Rule(READERS, of="run"),
    "run-resume": Rule(ADMINISTRATORS, of="run", method="post"),
    "results": Rule(READERS, of="run"),
    "results-export": Rule(DOWNLOADERS, of="run"),
    "permutation": Rule(READERS, of="run"),
    "permutation-part": Rule(READERS, of="run", arguments=(("part", "stress/"),)),
    "search-new": Rule(ADMINISTRATORS, of="run", post=ADMINISTRATORS),
    "search": Rule(READERS, of="search"),
    "search-point": Rule(READERS, of="search"),
    "run-compare": Rule(READERS, of="run"),
    "compare": Rule(SIGNED_IN),
    "compare-workbook": Rule((NOT_KNOWN, OPEN, OPEN, OPEN, OPEN)),
    "financing": Rule(READERS, of="financing"),
    "financings": Rule(SIGNED_IN),
    "financings-list": Rule(READERS, of="project"),
    "financing-new": Rule(ADMINISTRATORS, of="project", post=ADMINISTRATORS),
    "financing-stress": Rule(READERS, of="financing"),
    "simulation-new": Rule(READERS, of="financing", post=READERS),
    "simulation": Rule(READERS, of="simulation"),
    "view-save": Rule(SIGNED_IN, method="post", arguments=(("kind", "results"),)),
    "view-rename": Rule(ADDRESSED, of="view", method="post"),
    "view-share": Rule(ADDRESSED, of="view", method="post"),
    "view-delete": Rule(ADDRESSED, of="view", method="post"),
    "scenario-sets": Rule(SIGNED_IN),
    "scenario-set-new": Rule(SIGNED_IN, post=SIGNED_IN),
    "scenario-set": Rule(ADDRESSED, of="scenarios", post=ADDRESSED),
    "scenario-set-share": Rule(ADDRESSED, of="scenarios", method="post"),
    "scenario-set-delete": Rule(ADDRESSED, of="scenarios", method="post"),
    "compliance": Rule(READERS, of="financing"),
    "compliance-data": Rule(READERS, of="financing"),
    "evidence": Rule(READERS, of="financing", post=ADMINISTRATORS),
    "rules-export": Rule(SIGNED_IN, of="rules"),
    "market-export": Rule(SIGNED_IN, of="market"),
    "market-list": Rule(SIGNED_IN),
    "market-detail": Rule(SIGNED_IN, of="market"),
    "market-changes": Rule(SIGNED_IN, of="market"),
    "rules-list": Rule(SIGNED_IN),
    "rules-detail": Rule(SIGNED_IN, of="rules"),
    "rules-changes": Rule(SIGNED_IN, of="rules"),
    "live-model": Rule(READERS, of="financing"),
    "pack-new": Rule(ADMINISTRATORS, of="financing", post=ADMINISTRATORS),
    "packs-list": Rule(SIGNED_IN),
    "pack": Rule(INSIDERS, of="draft_pack"),
    "pack-archive": Rule(DOWNLOADERS, of="pack"),
    "pack-manifest": Rule(INSIDE_TAKERS, of="draft_pack"),
    "pack-retry": Rule((SIGN_IN, HIDDEN, HIDDEN, FORBIDDEN, OPEN), of="draft_pack", method="post"),
    "pack-issue": Rule(ADMINISTRATORS, of="pack", post=ADMINISTRATORS),
    "pack-withdraw": Rule(
        (SIGN_IN, HIDDEN, HIDDEN, FORBIDDEN, OPEN), of="draft_pack", post=(SIGN_IN, HIDDEN, HIDDEN, FORBIDDEN, OPEN)
    ),
    "pack-link-make": Rule(ADMINISTRATORS, of="pack", method="post"),
    "pack-link-revoke": Rule(ADMINISTRATORS, of="pack_link", method="post"),
    "document": Rule(READERS, of="pack_document"),
    "document-file": Rule(DOWNLOADERS, of="pack_document"),
    "document-view": Rule(DOWNLOADERS, of="pack_document"),
    "document-again": Rule((SIGN_IN, HIDDEN, HIDDEN, FORBIDDEN, OPEN), of="draft_document", method="post"),
    "mapping-list": Rule(SIGNED_IN),
    "mapping-detail": Rule(SIGNED_IN, of="mapping"),
    "mapping-changes": Rule(SIGNED_IN, of="mapping"),
    "mapping-trial": Rule(FOR_ADMINISTRATION, of="mapping", post=FOR_ADMINISTRATION),
    "mapping-export": Rule(SIGNED_IN, of="mapping"),
    "recon-terms-list": Rule(SIGNED_IN),
    "recon-terms-detail": Rule(SIGNED_IN, of="recon_terms"),
    "recon-terms-changes": Rule(SIGNED_IN, of="recon_terms"),
    "recon-terms-export": Rule(SIGNED_IN, of="recon_terms"),
    "recon": Rule(FOR_ADMINISTRATION),
    "recon-files": Rule(FOR_ADMINISTRATION, post=FOR_ADMINISTRATION),
    "recon-file": Rule(FOR_ADMINISTRATION, of="recon_file"),
    "recon-file-content": Rule(RECONCILERS_TAKE, of="recon_file"),
    "recon-document": Rule(FOR_ADMINISTRATION, of="recon_scan", post=FOR_ADMINISTRATION),
    "recon-page": Rule(RECONCILERS_TAKE, of="recon_scan", arguments=(("number", 1),)),
    "recon-sources": Rule(FOR_ADMINISTRATION, post=FOR_ADMINISTRATION),
    "recon-source": Rule(FOR_ADMINISTRATION, of="recon_source", post=FOR_ADMINISTRATION),
    "recon-source-channel": Rule(FOR_ADMINISTRATION, of="recon_source", method="post"),
    "recon-definitions": Rule(FOR_ADMINISTRATION, post=FOR_ADMINISTRATION),
    "recon-run-new": Rule(FOR_ADMINISTRATION, method="post"),
    "recon-run": Rule(FOR_ADMINISTRATION, of="recon_run"),
    "recon-group": Rule(FOR_ADMINISTRATION, of="recon_run", post=FOR_ADMINISTRATION, arguments=(("number", 1),)),
    "recon-export": Rule(RECONCILERS_TAKE, of="recon_run", arguments=(("kind", "csv"),)),
    "recon-decision-back": Rule(FOR_ADMINISTRATION, of="recon_decision", method="post"),
    "recon-causes": Rule(FOR_ADMINISTRATION, post=FOR_ADMINISTRATION),
    "recon-breaks": Rule(FOR_ADMINISTRATION),
    "recon-breaks-act": Rule(FOR_ADMINISTRATION, method="post"),
    "recon-packs": Rule(FOR_ADMINISTRATION),
    "recon-pack-new": Rule(FOR_ADMINISTRATION, method="post"),
    "recon-pack": Rule(FOR_ADMINISTRATION, of="break_pack"),
    "recon-pack-content": Rule(RECONCILERS_TAKE, of="break_pack"),
    "recon-deliveries": Rule(FOR_ADMINISTRATION, post=FOR_ADMINISTRATION),
    "recon-delivery": Rule(FOR_ADMINISTRATION, of="recon_delivery", post=FOR_ADMINISTRATION),
    "recon-delivery-act": Rule(FOR_ADMINISTRATION, of="recon_delivery", method="post"),
    "recon-delivery-content": Rule(RECONCILERS_TAKE, of="recon_try"),
    "recon-recipients": Rule(FOR_ADMINISTRATION, post=FOR_ADMINISTRATION),
    "recon-recipient-end": Rule(FOR_ADMINISTRATION, of="recon_recipient", method="post"),
    "recon-break": Rule(FOR_ADMINISTRATION, of="recon_break", post=FOR_ADMINISTRATION),
    "document-templates": Rule(RULE_WRITERS),
    "document-template-file": Rule(
        (NOT_KNOWN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN), arguments=(("kind", "term_sheet"),)
    ),
    "document-template-replace": Rule(RULE_WRITERS, method="post", arguments=(("kind", "term_sheet"),)),
    "document-template-restore": Rule(RULE_WRITERS, method="post", arguments=(("kind", "term_sheet"),)),
    "pack-shared": Rule(OPEN_TO_HOLDERS, of="shared"),
    "pack-shared-archive": Rule(OPEN_TO_HOLDERS, of="shared"),
    "pack-shared-file": Rule((HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN), of="shared", arguments=(("document", NOBODYS),)),
    "rules-trial": Rule(RULE_WRITERS, of="rules", post=RULE_WRITERS),
    "run-rejudge": Rule(ADMINISTRATORS, of="run", method="post"),
    "run-best": Rule(READERS, of="run"),
    "run-pack": Rule(ADMINISTRATORS, of="run", method="post"),
    "run-name": Rule(ADMINISTRATORS, of="run", method="post"),
    "limits-list": Rule(SIGNED_IN),
    "limits-detail": Rule(SIGNED_IN, of="limits"),
    "limits-changes": Rule(SIGNED_IN, of="limits"),
    "limits-export": Rule(SIGNED_IN, of="limits"),
    "calculations": Rule(SIGNED_IN),
    "calculation": Rule(SIGNED_IN, arguments=(("slug", "bullet"),)),
    "strategies": Rule((SIGN_IN, FORBIDDEN, FORBIDDEN, OPEN, OPEN)),
    "desks": Rule((SIGN_IN, FORBIDDEN, FORBIDDEN, OPEN, OPEN), post=(SIGN_IN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN)),
    "desk": Rule(INSIDERS, of="desk", post=DESK),
    "strategy-new": Rule(DESK, of="desk", post=DESK),
    "strategy": Rule(INSIDERS, of="strategy"),
    "strategy-run": Rule(INSIDERS, of="strategy_run"),
    "universes": Rule(INSIDERS, of="desk", post=DESK),
    "universe": Rule(INSIDERS, of="universe", post=DESK),
    "universe-data": Rule(INSIDERS, of="universe", post=DESK),
    "panel-import": Rule(INSIDERS, of="panel_import", post=DESK),
    "dataset": Rule(INSIDERS, of="dataset"),
    "strategy-signal": Rule(INSIDERS, of="strategy", post=DESK),
    "strategy-portfolio": Rule(INSIDERS, of="strategy", post=DESK),
    "strategy-what-if": Rule(INSIDERS, of="portfolio_run", post=INSIDERS),
    "strategy-backtest": Rule(INSIDERS, of="strategy", post=DESK),
    "strategy-risk": Rule(INSIDERS, of="strategy", post=DESK),
    "strategy-scenarios": Rule(INSIDERS, of="strategy", post=DESK),
    "desk-scenarios-new": Rule(DESK, of="desk", post=DESK),
    "desk-scenarios": Rule(INSIDERS, of="desk_scenarios", post=DESK),
    "strategy-run-trades": Rule(INSIDERS, of="strategy_run"),
    "strategy-run-ledger": Rule(INSIDERS, of="strategy_run"),
    "strategy-run-trades-csv": Rule(DESK_TAKERS, of="strategy_run"),
    "strategy-run-ledger-csv": Rule(DESK_TAKERS, of="strategy_run"),
    "strategy-run-workbook": Rule(DESK_TAKERS, of="strategy_run"),
    "desk-limits-list": Rule(SIGNED_IN),
    "desk-limits-detail": Rule(SIGNED_IN, of="desk_limits"),
    "desk-limits-changes": Rule(SIGNED_IN, of="desk_limits"),
    "desk-limits-export": Rule(SIGNED_IN, of="desk_limits"),
    "desk-lists": Rule(INSIDERS, of="desk", post=DESK),
    "list-entry-end": Rule(DESK, of="list_entry", method="post"),
    "strategy-compliance": Rule(INSIDERS, of="strategy", post=DESK),
    "strategy-presence": Rule(INSIDERS, of="strategy", method="post"),
    "strategy-comments": Rule(INSIDERS, of="strategy", post=DESK),
    "strategy-comment-settle": Rule(DESK, of="strategy_comment", method="post"),
    "strategy-orders": Rule(INSIDERS, of="signed_strategy", post=DESK),
    "strategy-exports": Rule(INSIDERS, of="signed_strategy", post=DESK),
    "strategy-export-file": Rule(INSIDE_TAKERS, of="export"),
    "strategy-export-link": Rule(DESK, of="export", method="post"),
    "strategy-export-link-revoke": Rule(DESK, of="export_link", method="post"),
    "strategy-export-shared": Rule(OPEN_TO_HOLDERS, of="export_shared"),
    "strategy-roles": Rule(INSIDERS, of="strategy", post=DESK),
    "role-run": Rule(INSIDERS, of="role_run", post=INSIDERS),
    "clo-deals": Rule((SIGN_IN, FORBIDDEN, FORBIDDEN, OPEN, OPEN)),
    "clo-deal": Rule(INSIDERS, of="clo"),
    "clo-test": Rule(INSIDERS, of="clo", arguments=(("number", 1),)),
    "clo-pool": Rule(INSIDERS, of="clo"),
    "clo-bulk": Rule(INSIDERS, of="clo", post=DESK),
    "clo-pool-export": Rule(INSIDE_TAKERS, of="clo"),
    "clo-asset": Rule(INSIDERS, of="clo", arguments=(("row", 1),)),
    "clo-imports": Rule(INSIDERS, of="clo", post=DESK),
    "clo-import": Rule(INSIDERS, of="clo_tape", post=DESK),
    "clo-baskets": Rule(INSIDERS, of="clo", post=DESK),
    "clo-notes": Rule(INSIDERS, of="clo", post=DESK),
    "clo-basket": Rule(INSIDERS, of="clo_basket", post=DESK),
    "clo-candidates": Rule(INSIDERS, of="clo_basket", post=DESK),
    "clo-payment-next": Rule(INSIDERS, of="clo", post=DESK),
    "clo-payment": Rule(INSIDERS, of="clo_payment"),
    "clo-scenarios": Rule(INSIDERS, of="clo", post=DESK),
    "clo-scenario": Rule(INSIDERS, of="clo_scenario", post=DESK),
    "clo-risk": Rule(INSIDERS, of="clo", post=DESK),
    "clo-simulation": Rule(INSIDERS, of="clo_simulation"),
    "clo-report": Rule(INSIDE_TAKERS, of="clo"),
    "clo-paper": Rule(INSIDE_TAKERS, of="clo"),
    "clo-saved-reports": Rule(INSIDERS, of="clo", post=DESK),
    "clo-saved-report": Rule(INSIDERS, of="clo_report", post=DESK),
    "clo-saved-workbook": Rule(INSIDE_TAKERS, of="clo_report"),
    "clo-saved-paper": Rule(INSIDE_TAKERS, of="clo_report"),
    "clo-trustees": Rule(INSIDERS, of="clo", post=DESK),
    "clo-trustee": Rule(INSIDERS, of="clo_trustee"),
    "structures": Rule((SIGN_IN, FORBIDDEN, FORBIDDEN, OPEN, OPEN)),
    "structures-compare": Rule((SIGN_IN, FORBIDDEN, FORBIDDEN, OPEN, OPEN), post=RULE_WRITERS),
    "structure-new": Rule(RULE_WRITERS, post=RULE_WRITERS),
    "structure": Rule(INSIDERS, of="notes"),
    "structure-edit": Rule(DESK, of="notes", post=DESK),
    "structure-size": Rule(INSIDERS, of="notes", post=DESK),
    "structure-tap": Rule(DESK, of="notes", post=DESK),
    "structure-hedges": Rule(DESK, of="notes", method="post"),
    "structure-changes": Rule(INSIDERS, of="notes"),
    "notes-run-new": Rule(DESK, of="notes", post=DESK),
    "notes-run": Rule(INSIDERS, of="notes_run"),
    "notes-hedges": Rule(INSIDERS, of="notes_run"),
    "notes-payments": Rule(INSIDERS, of="notes_run"),
    "notes-workbook": Rule(INSIDE_TAKERS, of="notes_run"),
    "notes-papers": Rule(INSIDERS, of="notes_run", post=DESK),
    "notes-investor-paper": Rule(INSIDE_TAKERS, of="notes_run"),
    "notes-investor-workbook": Rule(INSIDE_TAKERS, of="notes_run"),
    "notes-pack": Rule(INSIDERS, of="notes_pack"),
    "notes-pack-issue": Rule(DESK, of="notes_pack", method="post"),
    "notes-pack-withdraw": Rule(DESK, of="notes_pack", post=DESK),
    "notes-pack-link-make": Rule(DESK, of="notes_pack", method="post"),
    "notes-pack-archive": Rule(INSIDE_TAKERS, of="notes_pack"),
    "notes-pack-file": Rule(INSIDE_TAKERS, of="notes_pack", arguments=(("number", 1),)),
    "loan-pool": Rule(INSIDERS, of="notes_pool"),
    "loan-tapes": Rule((SIGN_IN, FORBIDDEN, FORBIDDEN, OPEN, OPEN), post=RULE_WRITERS),
    "loan-tape": Rule(INSIDERS, of="notes_tape", post=DESK),
    "session-end": Rule((SIGN_IN, HIDDEN, HIDDEN, HIDDEN, HIDDEN), method="post", arguments=(("number", 999_999),)),
    "account-organisation": Rule(SIGNED_IN),
    "organisation-new": Rule((SIGN_IN, OPEN, OPEN, FORBIDDEN, FORBIDDEN), method="post"),
    "organisation": Rule(READERS, of="organisation"),
    "organisation-rename": Rule(WRITERS, of="organisation", method="post"),
    "organisation-invite": Rule(WRITERS, of="organisation", method="post"),
    "member-role": Rule(WRITERS, of="member", method="post"),
    "member-remove": Rule(WRITERS, of="member", method="post"),
    "invitation-accept": Rule((SIGN_IN, HIDDEN, OPEN, HIDDEN, HIDDEN), of="invitation", method="post"),
    "invitation-withdraw": Rule((SIGN_IN, OPEN, OPEN, FORBIDDEN, OPEN), of="invitation", method="post"),
    "account-tokens": Rule(SIGNED_IN),
    "account-data": Rule(SIGNED_IN, post=SIGNED_IN),
    "account-token-new": Rule(SIGNED_IN, post=SIGNED_IN),
    "account-token-revoke": Rule(KEEPERS, of="token", method="post"),
    "api:docs": Rule(SIGNED_IN),
    "api:docs-of": Rule(SIGNED_IN, arguments=(("room", "projects"),)),
    "api:openapi": Rule(EVERYBODY),
}


def patterns(resolver: URLResolver, names: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Every pattern with its full name."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from patterns(entry, inner)
        else:
            yield ":".join((*names, entry.name or "")), entry


ALL = dict(patterns(get_resolver()))


def test_every_url_has_its_line():
    # Whether all is ready says `tests/wiring/test_health.py`: here no worker runs.
    named = {name for name in ALL if not name.startswith(("admin:", "api:v1:"))} - {"readyz"}
    assert named == set(TABLE)


@pytest.fixture(scope="module")
def shared_things(shares_rows: bool, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    assert shares_rows
    with packs_of_few(), django_db_blocker.unblock():
        yield things_of(world.sofia(), world.ada())


@pytest.fixture
def of(shared_things: dict[str, Any], db: None) -> dict[str, Any]:
    """Sofia's project, a run of it that is done, and what she was told of it; every test finds them as they were made."""
    return {**shared_things, "project": Project.objects.get(pk=shared_things["project"].pk)}


def things_of(sponsor: User, admin: User) -> dict[str, Any]:
    """One of each thing that a URL may be about."""
    seed_rule_sets()
    seed_market_sets()
    inputs = demo_document(timezone.localdate())["inputs"]
    organisation = found_organisation(by=sponsor, name="Sponsor and Sons")
    project = approved(create_project(by=sponsor, title="Campus", inputs=inputs), by=admin)
    older, run = (request_run(by=admin, project=project, levers=LEVERS, enqueue=False, seed=seed) for seed in (1, 0))
    for each in (older, run):
        work(each.code)
        each.refresh_from_db()
    financing, other = opened(run), opened(run, int(not run.summary["best"]["index"]))
    pair = keep_financings(by=sponsor, financings=[financing, other], name="Pair")
    simulation = request_simulation(by=admin, financing=financing, terms={"paths": 100}, enqueue=False)
    search = request_search(by=admin, run=run, terms=WIDE, enqueue=False)
    work(search.code)
    return {
        **packs_of(financing, admin),
        **reconciled.things(admin),
        "organisation": organisation,
        "member": organisation.memberships.get(),
        "invitation": invite_member(by=sponsor, organisation=organisation, email="otto@other.example", role="reader"),
        "financing": financing,
        "comparison": pair,
        "financing_comparison": pair,
        "simulation": simulation,
        "search": search,
        "scenarios": create_scenario_set(by=sponsor, name="Slow", scenarios=[{"name": "Late", "delay_months": 6}]),
        "token": issue_token(by=sponsor, name="Export", scopes=["read"], days=1)[0],
        "view": save_view(by=sponsor, kind="results", name="Best", address="filter=tier|=|Diamond"),
        "project": project,
        "run": run,
        "run_comparison": keep_comparison(by=sponsor, runs=[older, run], name="Two"),
        **kept_files(project),
        **clo_things(admin),
        **notes_things(admin, financing),
        **strategy_things(admin),
        "series": create_series(by=sponsor, title="North"),
        "submission": project.submissions.get(),
        "comment": comment_on_submission(
            by=sponsor, submission=project.submissions.get(), place="power.pue", text="By the supplier's sheet."
        ),
        "notification": sponsor.notifications.first(),
        "rules": run.rule_set,
        "market": seed_market_sets()[0],
        "draft": keep_draft(by=sponsor, project=None, door="quick", typed={"title": "Quay"}, base={}),
    }


def packs_of(financing: Financing, admin: User) -> dict[str, Any]:
    """An issued pack with a link to it, and a draft."""
    terms: dict[str, Any] = {
        "by": admin,
        "financing": financing,
        "organisation": "House",
        "confidentiality": "Private",
        "enqueue": False,
    }
    drafts = [request_pack(close_date=world.coming(months), **terms) for months in (3, 6)]
    for pack in drafts:
        work(pack.code)
    issue_pack(by=admin, pack=drafts[0], enqueue=False)
    work(drafts[0].code)
    issued, draft = (Pack.objects.get(id=pack.pk) for pack in drafts)
    link = make_link(by=admin, pack=issued, recipient="A bank", days=7)
    return {
        "pack": issued,
        "draft_pack": draft,
        "pack_document": issued.documents.get(kind="contents"),
        "draft_document": draft.documents.get(kind="contents"),
        "pack_link": link,
        "shared": SimpleNamespace(code=token_of(link)),
    }


@pytest.fixture
def client_of(request: pytest.FixtureRequest) -> Callable[[str], Client]:
    """Of each call another client of the role's one session: what a page does to the client is forgotten."""
    known: dict[str, SimpleCookie] = {}

    def sign_in(role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role != "nobody":
            if role not in known:
                client.force_login(request.getfixturevalue(role))
                known[role] = client.cookies
            client.cookies = SimpleCookie({name: morsel.value for name, morsel in known[role].items()})
        return client

    return sign_in


def door(response: HttpResponseBase) -> Door | int:
    """What the answer amounts to; a number where no door answers so."""
    status = response.status_code
    if status in {301, 302} and response.headers["Location"].startswith("/sign-in/"):
        return SIGN_IN
    if status == 204 and response.headers.get("HX-Redirect", "").startswith("/sign-in/"):
        return SIGN_IN
    known = {401: NOT_KNOWN, 403: FORBIDDEN, 404: HIDDEN, 405: NOT_GET}
    return known.get(status, OPEN if status < 500 else status)


def knock(client: Client, name: str, rule: Rule, of: dict[str, Any], method: str = "") -> Door | int:
    """Who receives us; whatever the answer changed is undone."""
    arguments = {"code": of[rule.of].code} if rule.of else {}
    if "index" in ALL[name].pattern.converters:
        arguments["index"] = 0
    url = reverse(name, kwargs={**arguments, **dict(rule.arguments)})
    with transaction.atomic():
        response = getattr(client, method or rule.method)(url)
        found = door(response)
        for close in response._resource_closers:  # files; the connection, which `close` would end too, is still needed
            close()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_url_as(role: str, client_of: Callable[[str], Client], of: dict[str, Any]):
    wrong = {}
    for name, rule in TABLE.items():
        found = knock(client_of(role), name, rule, of)
        if found != rule.door(role):
            wrong[name] = f"expected {rule.door(role)}, got {found}"
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_every_url_by_the_other_method_as(role: str, client_of: Callable[[str], Client], of: dict[str, Any]):
    """By POST where the table says `post`; a URL that does not say so opens to nobody."""
    wrong = {}
    for name, rule in TABLE.items():
        found = knock(client_of(role), name, rule, of, method="get" if rule.method == "post" else "post")
        expected = rule.post[ROLES.index(role)] if rule.post else None
        if found != expected if expected else found == OPEN:
            wrong[name] = f"expected {expected or 'a refusal'}, got {found}"
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_a_project_of_an_internal_person_as(role: str, client_of: Callable[[str], Client], internal: User):
    """To its owner it is what a sponsor's is to a sponsor; sponsors never learn of it."""
    inputs = demo_document(timezone.localdate())["inputs"]
    of = {"project": create_project(by=internal, title="In-house", inputs=inputs)}
    as_if = {"internal": "sponsor", "sponsor": "other_sponsor"}.get(role, role)
    wrong = {}
    for name, rule in TABLE.items():
        for method, doors in (("", rule.doors), ("post", rule.post)):
            if rule.of == "project" and doors:
                found, expected = knock(client_of(role), name, rule, of, method), doors[ROLES.index(as_if)]
                if found != expected:
                    wrong[name, method] = f"expected {expected}, got {found}"
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("status", [Status.DRAFT, Status.ARCHIVED, Status.DELETED])
def test_a_project_in_another_status_as(
    role: str, status: Status, client_of: Callable[[str], Client], sponsor: User, of: dict[str, Any]
):
    """A draft is as open as the rest; an archived one is only read; a deleted one and its runs are not there."""
    project: Project = of["project"]
    if status is Status.DRAFT:
        edit_project(by=sponsor, project=project, title="Half", inputs={}, version=project.version)
    else:
        {Status.ARCHIVED: archive_project, Status.DELETED: delete_project}[status](by=sponsor, project=project)
    wrong = {}
    for name, rule in TABLE.items():
        if rule.of == "project" or (rule.of in ("run", "financing") and status is Status.DELETED):
            doors = {Status.ARCHIVED: rule.when_archived, Status.DELETED: rule.when_deleted}.get(status, rule.doors)
            found, expected = knock(client_of(role), name, rule, of), doors[ROLES.index(role)]
            if found != expected:
                wrong[name] = f"expected {expected}, got {found}"
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_a_code_that_is_nobodys(role: str, client_of: Callable[[str], Client]):
    """Indistinguishable from somebody else's."""
    unknown = SimpleNamespace(code=NOBODYS)
    wrong = {}
    for name, rule in TABLE.items():
        if rule.of:
            found = knock(client_of(role), name, rule, {rule.of: unknown})
            is_asked_in = role == "nobody" and rule.door("nobody") is not OPEN
            if found != (rule.door("nobody") if is_asked_in else HIDDEN):
                wrong[name] = found
    assert not wrong


ADMIN = {name: pattern for name, pattern in ALL.items() if name.startswith("admin:")}


ADMINISTRATION = {
    "nobody": {SIGN_IN},
    "sponsor": {HIDDEN},
    "other_sponsor": {HIDDEN},
    "internal": {HIDDEN},
    "admin": {OPEN, HIDDEN, FORBIDDEN, NOT_GET},
}


def admin_url(name: str) -> str:
    converters = ADMIN[name].pattern.converters
    groups = ADMIN[name].pattern.regex.groupindex
    return reverse(name, kwargs={key: "accounts" if key == "app_label" else "1" for key in {*converters, *groups}})


def admin_door(response: Any) -> Door | int:
    """As `door`, after the administration's own redirects."""
    return SIGN_IN if response.request["PATH_INFO"] == "/sign-in/" else door(response)


@pytest.mark.parametrize("role", ROLES)
def test_the_administration_as(role: str, client_of: Callable[[str], Client]):
    client, wrong = client_of(role), {}
    for name in ADMIN.keys() - {"admin:", "admin:login", "admin:logout"}:
        found = admin_door(client.get(admin_url(name), follow=True))
        # Of the administrator's pages some are of things that are not there, or only shown: but none fails.
        wrong[name] = found if found not in ADMINISTRATION[role] else None
    assert not {name: found for name, found in wrong.items() if found}


@pytest.mark.parametrize("role", ROLES[:-1])
def test_the_administration_by_post_as(role: str, client_of: Callable[[str], Client], of: dict[str, Any]):
    """Pages and list actions: nobody but administrators gets as far as the form, and nothing is written."""
    client, wrong = client_of(role), {}
    before = AuditEntry.objects.count()
    for name in ADMIN.keys() - {"admin:", "admin:login", "admin:logout"}:
        found = admin_door(client.post(admin_url(name), {"post": "yes"}, follow=True))
        wrong[name] = found if found not in ADMINISTRATION[role] else None
    for model, model_admin in site._registry.items():
        for action in model_admin.get_actions(_request_of(of)):
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            pks = list(model._default_manager.values_list("pk", flat=True)[:5])
            found = admin_door(client.post(url, {"action": action, ACTION_CHECKBOX_NAME: pks}, follow=True))
            wrong[f"{url} {action}"] = found if found not in ADMINISTRATION[role] else None
    assert not {name: found for name, found in wrong.items() if found}
    assert AuditEntry.objects.count() == before


def _request_of(of: dict[str, Any]) -> HttpRequest:
    """A request of an administrator: whoever may do most is asked what can be done."""
    request = RequestFactory().get("/admin/")
    request.user = of["run"].requested_by
    return request


def test_no_list_of_the_administration_reads_what_rows_store_as_json(
    client_of: Callable[[str], Client], of: dict[str, Any]
):
    """A run's charts are a quarter of a megabyte: read with every row of a list, they would be what it waits for."""
    client = client_of("admin")
    client.get(reverse("admin:index"))
    found: dict[str, str] = {}
    for model, model_admin in site._registry.items():
        if not isinstance(model_admin, ReadOnlyAdmin):
            continue
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert answer.status_code == 200
        own = [name for name in model_admin._stored_data() if "__" not in name and name not in model_admin.listed_data]
        stored = [f'"{model._meta.db_table}"."{name}"' for name in own]
        read = [each["sql"] for each in queries for column in stored if column in each["sql"]]
        found |= {model.__name__: read[0][:300]} if read else {}
    assert not found


@pytest.mark.parametrize("name", ["run", "topresult"])
def test_what_a_row_stores_as_json_is_folded(name: str, client_of: Callable[[str], Client], of: dict[str, Any]):
    model = apps.get_model("permutations", name)
    page = client_of("admin").get(
        reverse(f"admin:permutations_{name}_change", args=[model._default_manager.first().pk])
    )
    assert "<summary>" in page.content.decode().split("Stored data")[0][-300:]
