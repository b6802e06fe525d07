"""Exports of an approved strategy, and signed links to them for people who do not sign in."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.models import User
from lib.errors import NotFound
from lib.signed_links import code_in, require_open
from lib.storage import keep_content
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.models import Export, ExportForm, ExportLink, State, Strategy
from strategies.queries import latest_version, locked
from strategies.report import file_of
from strategies.services.check import check_that_opens
from strategies.services.decide import export_begun

OPEN_TO_EXPORT = (State.APPROVED, State.EXPORTED)


@transaction.atomic
def make_export(*, by: User, strategy: Strategy, form: str) -> Export:
    """The approved version as a file; Invalid while it is not approved, or while any rule says BLOCK."""
    require_on(by, strategy.desk, Action.EXPORT)
    if form not in ExportForm.values:
        raise refuse("unknown_form", "form", "Form: choose one of those offered.")
    held = locked(strategy)
    if held.state not in OPEN_TO_EXPORT:
        raise refuse("not_approved", "state", f"{held} is not approved: only what was signed leaves the building.")
    version = latest_version(held)
    check = check_that_opens(by, version)
    name, content = file_of(version, check, form)
    export = Export(
        version=version,
        check_made=check,
        form=form,
        file_name=name,
        file_hash=keep_content(content),
        size_bytes=len(content),
        made_by=by,
    )
    save_checked(export)
    after = {"version": version.number, "file": name, "hash": export.file_hash}
    audit.record(by=by, action="strategy_export.made", target=export, after=after)
    export_begun(by, held, check)
    return export


@transaction.atomic
def make_export_link(*, by: User, export: Export, recipient: str, days: int) -> ExportLink:
    """The link; it ends by itself."""
    require_on(by, export.version.strategy.desk, Action.EXPORT)
    link = ExportLink(export=export, recipient=" ".join(recipient.split()), days=days, made_by=by)
    save_checked(link)
    after = {"file": export.file_name, "recipient": link.recipient, "days": days, "ends_at": link.ends_at.isoformat()}
    audit.record(by=by, action="strategy_export_link.made", target=link, after=after)
    return link


@transaction.atomic
def revoke_export_link(*, by: User, link: ExportLink) -> ExportLink:
    """The link, which opens nothing any more; nothing happens where it was taken back before."""
    require_on(by, link.export.version.strategy.desk, Action.EXPORT)
    valid = ExportLink.objects.filter(pk=link.pk, revoked_at=None)
    if valid.update(revoked_at=timezone.now(), revoked_by=by):
        after = {"file": link.export.file_name, "recipient": link.recipient}
        audit.record(by=by, action="strategy_export_link.revoked", target=link, after=after)
    link.refresh_from_db()
    return link


@transaction.atomic
def open_export_link(*, token: str) -> ExportLink:
    """The link of the token; NotFound for one that never was, LinkEnded for one that opens nothing any more."""
    link = ExportLink.objects.filter(code=code_in(token, ExportLink.salt)).select_related("export__version").first()
    if link is None:
        raise NotFound("There is no such link.")
    require_open(link, token)
    ExportLink.objects.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, opened_at=timezone.now())
    after = {"file": link.export.file_name, "recipient": link.recipient}
    audit.record(by=None, action="strategy_export_link.opened", target=link, after=after)
    return link
