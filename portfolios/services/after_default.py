"""What follows an event of default."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import refuse, save_checked
from portfolios.access import require_decide
from portfolios.models import Deal
from portfolios.queries import last_payment


@transaction.atomic
def set_after_default(*, by: User, deal: Deal, accelerates: bool) -> Deal:
    """The deal, whose payments go on after an event of default in one priority, or stop there.

    Raises Invalid once an accelerated deal would have to go back.
    """
    require_decide(by, deal)
    paid = last_payment(deal)
    if not accelerates and paid and paid.closing.get("is_accelerated"):
        raise refuse("accelerated", "deal", f"{paid} is booked with an event of default: the deal stays accelerated.")
    before, deal.accelerates_after_default = deal.accelerates_after_default, accelerates
    save_checked(deal)
    audit.record(by=by, action="deal.after_default_set", target=deal, before={"accelerates": before}, after={"accelerates": accelerates})  # fmt: skip
    return deal
