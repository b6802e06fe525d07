"""Who may see a financing and add to it: those who see its project see it; administrators type one and enter evidence."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from accounts.policies import declare, may, require
from financings.models import Financing, FinancingComparison
from lib.columns import of_codes
from lib.errors import NotFound
from projects.access import visible_projects

ENTER_EVIDENCE = declare("financings.enter_evidence", refusal="Only administrators enter evidence.")
TYPE = declare("financings.type", refusal="Only administrators may type a financing.")


def visible_financings(user: User) -> QuerySet[Financing]:
    """Financings of the projects that `user` may see."""
    found = Financing.objects.filter(project__in=visible_projects(user))
    return found.select_related("project", "snapshot", "rule_set", "market_set", "made_by")


def get_financing(user: User, code: UUID | str) -> Financing:
    """The financing, or NotFound for whoever may not know of it."""
    financing = visible_financings(user).filter(code=code).first()
    if financing is None:
        raise NotFound("There is no such financing.")
    return financing


def financings_of_codes(user: User, codes: Sequence[str]) -> list[Financing]:
    """The financings of these codes in their order, or NotFound where `user` may not know of one."""
    found = of_codes(visible_financings(user), codes)
    if len(found) < len(codes):
        raise NotFound("There is no such financing.")
    return found


def get_comparison(user: User, code: UUID | str) -> FinancingComparison:
    """The comparison, or NotFound for whoever may not see every financing of it."""
    kept = FinancingComparison.objects.select_related("owner").filter(code=code).first()
    if kept is None:
        raise NotFound("There is no such comparison.")
    financings_of_codes(user, kept.codes)
    return kept


def can_enter_evidence(user: User) -> bool:
    """True for those who may say what was shown to whom."""
    return may(user, ENTER_EVIDENCE)


def require_can_enter_evidence(user: User) -> None:
    """Raises Forbidden unless `user` may say what was shown to whom."""
    require(user, ENTER_EVIDENCE)


def can_type(user: User) -> bool:
    """True for those who may type a financing by hand: who may run."""
    return may(user, TYPE)


def require_can_type(user: User) -> None:
    """Raises Forbidden unless `user` may type a financing by hand."""
    require(user, TYPE)
