"""Reports by choice: kept under a name, changed and deleted."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import refuse, save_checked
from portfolios.access import require_prepare
from portfolios.models import Deal, SavedReport
from portfolios.report import ASSET_COLUMNS, SECTIONS


@transaction.atomic
def save_report(*, by: User, deal: Deal, name: str, sections: Sequence[str], columns: Sequence[str]) -> SavedReport:
    """The report of this name, new or changed; Invalid for one of nothing, or of assets without columns."""
    require_prepare(by, deal)
    name = " ".join(name.split())
    chosen = [each for each in SECTIONS if each in sections]
    shown = [each for each in ASSET_COLUMNS if each in columns]
    if not chosen:
        raise refuse("required", "sections", "Sections: choose at least one.")
    if "assets" in chosen and not shown:
        raise refuse("required", "columns", "Columns of the assets: choose at least one, or leave the assets out.")
    report = SavedReport.objects.filter(deal=deal, name=name).first() or SavedReport(deal=deal, name=name, made_by=by)
    before = {"sections": report.sections, "columns": report.columns} if report.pk else None
    report.sections, report.columns = chosen, shown
    save_checked(report)
    after = {"name": name, "sections": chosen, "columns": shown}
    audit.record(by=by, action="clo_report.saved", target=report, before=before, after=after)
    return report


@transaction.atomic
def delete_report(*, by: User, report: SavedReport) -> None:
    """The report is gone; files taken of it are their takers'."""
    require_prepare(by, report.deal)
    audit.record(by=by, action="clo_report.deleted", target=report, before={"name": report.name})
    report.delete()
