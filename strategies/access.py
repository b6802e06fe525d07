"""Who may do what on a desk: a table of actions by function. The house's administrators are desk administrators
everywhere, its internal users viewers; everybody else is what a desk made of them, and knows nothing of other desks."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from accounts.models import Role, User
from accounts.policies import declare, declare_role, may, require, roles_of
from lib.errors import Forbidden, NotFound
from strategies.models import (
    Comment,
    ComplianceCheck,
    Dataset,
    Desk,
    Export,
    ExportLink,
    Function,
    ListEntry,
    Membership,
    PanelImport,
    RoleRun,
    ScenarioSet,
    Strategy,
    StrategyRun,
    StrategyVersion,
    Universe,
)

DESK = declare_role("strategies.desk", "Member of strategy desks")
VIEW = declare("strategies.view", roles=(DESK, Role.ADMIN, Role.INTERNAL), refusal="Strategies are for their desks.")
OPEN_DESK = declare("strategies.open_desk", roles=(Role.ADMIN,), refusal="Only administrators open a desk.")
Row = TypeVar("Row", bound=Model)


class Action(StrEnum):
    """What is done on a desk."""

    VIEW = "view"
    MANAGE = "manage"
    DATA = "data"
    RESEARCH = "research"
    MEASURE = "measure"
    JUDGE_RISK = "judge_risk"
    COMPLY = "comply"
    COMMENT = "comment"
    EXPORT = "export"


_F = Function
_LEADS = (_F.OWNER, _F.ADMIN)
ALLOWED: dict[Action, frozenset[Function]] = {
    Action.VIEW: frozenset(_F),
    Action.MANAGE: frozenset(_LEADS),
    Action.DATA: frozenset((*_LEADS, _F.QUANT)),
    Action.RESEARCH: frozenset((*_LEADS, _F.QUANT, _F.STRATEGIST)),
    Action.MEASURE: frozenset((*_LEADS, _F.QUANT, _F.STRATEGIST, _F.RISK)),
    Action.JUDGE_RISK: frozenset((*_LEADS, _F.RISK)),
    Action.COMPLY: frozenset((*_LEADS, _F.COMPLIANCE)),
    Action.COMMENT: frozenset(_F) - {_F.VIEWER},
    Action.EXPORT: frozenset(_F) - {_F.VIEWER},
}
REFUSALS = {
    Action.VIEW: "Strategies are for their desk.",
    Action.MANAGE: "Only the desk's owner and administrators decide who is on it.",
    Action.DATA: "Only quant analysts take data in.",
    Action.RESEARCH: "Only quant analysts and strategists work on strategies.",
    Action.MEASURE: "Only quant analysts, strategists and risk managers measure strategies.",
    Action.JUDGE_RISK: "Only risk managers judge a strategy's risk.",
    Action.COMPLY: "Only compliance officers decide this.",
    Action.COMMENT: "Viewers read, and do not comment.",
    Action.EXPORT: "Viewers read, and do not export.",
}
# Where each row has its desk.
_DESK_OF: dict[type[Model], str] = {
    Universe: "desk",
    Dataset: "universe__desk",
    PanelImport: "universe__desk",
    Strategy: "desk",
    StrategyVersion: "strategy__desk",
    StrategyRun: "version__strategy__desk",
    ScenarioSet: "desk",
    ListEntry: "desk",
    ComplianceCheck: "version__strategy__desk",
    Comment: "strategy__desk",
    Export: "version__strategy__desk",
    ExportLink: "export__version__strategy__desk",
    RoleRun: "version__strategy__desk",
}


def at_desk(model: type[Model], path: str) -> None:
    """A further row's desk is found by `path` from now on."""
    _DESK_OF[model] = path


def visible_desks(user: User) -> QuerySet[Desk]:
    """The desks that `user` may know of: all for the house, else those they are on."""
    if not may(user, VIEW):
        return Desk.objects.none()
    if roles_of(user) & {Role.ADMIN, Role.INTERNAL}:
        return Desk.objects.all()
    return Desk.objects.filter(pk__in=Membership.objects.filter(person=user).values("desk"))


def visible(user: User, model: type[Row]) -> QuerySet[Row]:
    """The rows on desks that `user` may know of."""
    return model._default_manager.filter(Q(**{f"{_DESK_OF[model]}__in": visible_desks(user)}))


def get_visible(user: User, model: type[Row], code: UUID | str) -> Row:
    """The row of this code, or NotFound for whoever may not know of it."""
    found = visible(user, model).filter(code=code).select_related(_DESK_OF[model]).first()
    if found is None:
        raise NotFound(f"There is no such {model._meta.verbose_name}.")
    return found


def get_desk(user: User, code: UUID | str) -> Desk:
    """The desk, or NotFound for whoever may not know of it."""
    found = visible_desks(user).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such desk.")
    return found


def functions_of(user: User, desk: Desk) -> frozenset[Function]:
    """What `user` is on the desk."""
    if not may(user, VIEW):
        return frozenset()
    given = Membership.objects.filter(desk=desk, person=user).values_list("function", flat=True)
    roles = roles_of(user)
    house = ({_F.ADMIN} if Role.ADMIN in roles else set()) | ({_F.VIEWER} if Role.INTERNAL in roles else set())
    return frozenset(house | {Function(each) for each in given})


def can(user: User, desk: Desk, action: Action) -> bool:
    """True where one of the person's functions on the desk may do it."""
    return not functions_of(user, desk).isdisjoint(ALLOWED[action])


def actions_of(user: User, desk: Desk) -> frozenset[Action]:
    """All that `user` may do on the desk, in one question to the database."""
    functions = functions_of(user, desk)
    return frozenset(action for action, allowed in ALLOWED.items() if functions & allowed)


def require_on(user: User, desk: Desk, action: Action) -> None:
    """Raises NotFound for outsiders and Forbidden, in words, for those of the desk who may not."""
    get_desk(user, desk.code)
    if not can(user, desk, action):
        raise Forbidden(REFUSALS[action])


def require_view(user: User) -> None:
    """Raises Forbidden unless `user` may see strategies at all."""
    require(user, VIEW)
