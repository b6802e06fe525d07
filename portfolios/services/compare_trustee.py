"""A trustee's file kept beside our figures."""

from __future__ import annotations

import hashlib

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.grids import read_grid
from lib.verbs import save_checked
from portfolios.access import require_prepare
from portfolios.models import ComplianceRun, TrusteeReport
from portfolios.queries import checked
from portfolios.trustee import compare, our_figures


@transaction.atomic
def compare_trustee(*, by: User, run: ComplianceRun, file_name: str, content: bytes) -> TrusteeReport:
    """The comparison; Invalid for a file that is none."""
    require_prepare(by, run.deal)
    lines = compare(read_grid(content, file_name), our_figures(checked(run)[2]))
    report = TrusteeReport(
        deal=run.deal,
        run=run,
        file_name=file_name[-200:],
        file_hash=hashlib.sha256(content).hexdigest(),
        lines=lines,
        made_by=by,
    )
    save_checked(report)
    differs = [line["line"] for line in lines if line["verdict"] != "agrees"]
    audit.record(by=by, action="trustee.compared", target=report, after={"file": report.file_name, "differs": differs})
    return report
