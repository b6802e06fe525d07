"""A version checked against limits and lists, and the check kept."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.errors import Forbidden
from lib.verbs import refuse, save_checked
from strategies.access import REFUSALS, Action, can, get_desk
from strategies.checking import Judged, judged
from strategies.models import CheckStatus, ComplianceCheck, StrategyVersion


@transaction.atomic
def check_version(*, by: User, version: StrategyVersion) -> ComplianceCheck:
    """What the rules say of the version's orders now; Invalid where it has no portfolio."""
    desk = version.strategy.desk
    get_desk(by, desk.code)
    if not (can(by, desk, Action.MEASURE) or can(by, desk, Action.COMPLY)):
        raise Forbidden(REFUSALS[Action.MEASURE])
    return keep_check(by, version, judged(version))


def keep_check(by: User, version: StrategyVersion, found: Judged) -> ComplianceCheck:
    """The check as a row; one with equal inputs and limits is the same check."""
    known = ComplianceCheck.objects.filter(version=version, inputs_hash=found.inputs_hash).first()
    if known is not None:
        return known
    check = ComplianceCheck(
        version=version,
        limit_set=found.limit_set,
        status=found.found.status.value,
        reasons=found.reasons,
        inputs=found.inputs,
        inputs_hash=found.inputs_hash,
        made_by=by,
    )
    save_checked(check)
    after = {"status": check.status, "limits": found.limit_set.label, "inputs": check.inputs_hash}
    audit.record(by=by, action="compliance_check.made", target=check, after=after)
    return check


def check_that_opens(by: User, version: StrategyVersion) -> ComplianceCheck:
    """The check of now; Invalid, with the sentences, while any rule says BLOCK."""
    check = keep_check(by, version, judged(version))
    if check.status == CheckStatus.BLOCK:
        told = " ".join(row["sentence"] for row in check.reasons if row["status"] == CheckStatus.BLOCK)
        raise refuse("blocked", "check", f"A rule says BLOCK. {told}")
    return check
