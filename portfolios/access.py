"""Who may see deals, prepare on them and decide: roles of the room beside those of the house."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from accounts.models import Role, User
from accounts.policies import declare, declare_role, may, require
from lib.errors import NotFound
from portfolios.models import Deal

Row = TypeVar("Row", bound=Model)
MANAGER = declare_role("clo.manager", "CLO manager")
ANALYST = declare_role("clo.analyst", "CLO analyst")
VIEWER = declare_role("clo.viewer", "CLO viewer")
VIEW = declare(
    "portfolios.view",
    roles=(MANAGER, ANALYST, VIEWER, Role.ADMIN, Role.INTERNAL),
    refusal="CLO deals are for their desk.",
)
PREPARE = declare(
    "portfolios.prepare", roles=(MANAGER, ANALYST, Role.ADMIN), refusal="Only CLO analysts and managers prepare this."
)
DECIDE = declare("portfolios.decide", roles=(MANAGER, Role.ADMIN), refusal="Only CLO managers decide this.")


def visible_deals(user: User) -> QuerySet[Deal]:
    """The deals that `user` may see: all of them, or none."""
    return Deal.objects.all() if may(user, VIEW) else Deal.objects.none()


def get_deal(user: User, code: UUID | str) -> Deal:
    """The deal, or NotFound for whoever may not know of it."""
    deal = visible_deals(user).filter(code=code).first()
    if deal is None:
        raise NotFound("There is no such deal.")
    return deal


def get_of_deal(user: User, model: type[Row], code: UUID | str, deal: str = "deal") -> Row:
    """The row of a deal, which `deal` leads to; NotFound for whoever may not know of it."""
    rows: QuerySet[Row] = model._default_manager.filter(**{f"{deal}__in": visible_deals(user), "code": code})
    found = rows.select_related(deal).first()
    if found is None:
        raise NotFound(f"There is no such {model._meta.verbose_name}.")
    return found


def can_prepare(user: User) -> bool:
    """True for those who import, try and simulate."""
    return may(user, PREPARE)


def can_decide(user: User) -> bool:
    """True for those who approve, book and pay."""
    return may(user, DECIDE)


def require_prepare(user: User, deal: Deal) -> None:
    """Raises NotFound or Forbidden unless `user` may prepare on the deal."""
    get_deal(user, deal.code)
    require(user, PREPARE)


def require_decide(user: User, deal: Deal) -> None:
    """Raises NotFound or Forbidden unless `user` may decide on the deal."""
    get_deal(user, deal.code)
    require(user, DECIDE)
