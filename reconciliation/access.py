"""Who sees reconciliation and who does what: three roles beside the platform's, as rows of the policies' table."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts import four_eyes
from accounts.models import Role, User
from accounts.policies import Policy, declare, may, require
from lib.errors import Forbidden, NotFound
from reconciliation.kinds import ANALYST, COMPLIANCE, OPERATIONS
from reconciliation.models import Break, BreakState

EVERY = (ANALYST, OPERATIONS, COMPLIANCE, Role.ADMIN)
SEE = declare(
    "reconciliation.see", roles=EVERY, refusal="Reconciliation is for its analysts, operations and compliance."
)
LOAD = declare(
    "reconciliation.load", roles=(OPERATIONS, ANALYST, Role.ADMIN), refusal="Only analysts and operations load files."
)
CONFIGURE = declare(
    "reconciliation.configure", roles=(ANALYST, Role.ADMIN), refusal="Only analysts and administrators set up sources."
)
RUN = declare(
    "reconciliation.run",
    roles=(ANALYST, OPERATIONS, Role.ADMIN),
    refusal="Only analysts and operations run reconciliations.",
)
WORK = declare(
    "reconciliation.work",
    roles=(ANALYST, OPERATIONS, Role.ADMIN),
    refusal="Only analysts and operations work on breaks.",
)
PACK = declare(
    "reconciliation.pack",
    roles=EVERY,
    refusal="Break packs are for those who see reconciliation.",
)
DELIVER = declare(
    "reconciliation.deliver",
    roles=(Role.ADMIN,),
    refusal="Only administrators set up what leaves the house by itself, and for whom it is locked.",
)
APPROVE = declare(
    "reconciliation.approve",
    roles=(COMPLIANCE, OPERATIONS, Role.ADMIN),
    refusal="Only compliance and operations approve resolutions.",
)
GOVERN = declare(
    "reconciliation.govern",
    roles=(COMPLIANCE, Role.ADMIN),
    refusal="Only compliance and administrators read who did what in reconciliation.",
)
# From this size on a resolution needs a second person.
FOUR_EYES_FROM_AMOUNT = Decimal(1_000_000)

M = TypeVar("M", bound=Model)


def may_see(user: User) -> bool:
    """True for those for whom reconciliation is there at all."""
    return may(user, SEE)


def require_see(user: User) -> None:
    """Raises NotFound for outsiders: what is reconciled with whom is not theirs to know."""
    if not may_see(user):
        raise NotFound("There is no such page.")


def require_may(user: User, policy: Policy) -> None:
    """Raises NotFound for outsiders, Forbidden for those who only read."""
    require_see(user)
    require(user, policy)


def get(user: User, found: QuerySet[M], code: UUID | str) -> M:
    """The row of this code; NotFound for outsiders and where there is none."""
    require_see(user)
    row = found.filter(code=code).first()
    if row is None:
        raise NotFound("There is no such thing.")
    return row


def needs_second(row: Break) -> bool:
    """True where the resolution of a break needs a second person."""
    return abs(row.amount) >= FOUR_EYES_FROM_AMOUNT


def require_second(user: User, row: Break) -> None:
    """Raises Forbidden unless the person may decide on another's proposal."""
    require_may(user, APPROVE)
    if row.state != BreakState.PROPOSED or row.proposed_by_id == user.pk:
        raise Forbidden("A resolution is decided by somebody else than who proposed it.")
    four_eyes.require_second(user, [row.proposed_by_id])
