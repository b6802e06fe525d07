"""The demo desk: a drawn market of real assets, and people in its functions."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import User
from accounts.services import change_user
from strategies.access import DESK
from strategies.demo_market import market
from strategies.limit_seeds import install_limit_sets
from strategies.models import DatasetKind, Desk, Function, Universe
from strategies.services.desks import open_desk, put_on_desk
from strategies.services.take_dataset import take_dataset
from strategies.services.universes import make_universe

NAME = "Listed real assets"
ORIGIN = "Drawn with seed 20261127: a market that never was"


def ensure_demo_desk(by: User) -> Desk:
    """The desk with its universe and data, made where there is none of its name."""
    install_limit_sets()
    known = Desk.objects.filter(name=NAME).first()
    if known:
        return known
    desk = open_desk(by=by, name=NAME, currency="USD")
    fill_universe(by, desk)
    return desk


def fill_universe(by: User, desk: Desk, names: int = 20, days: int = 756) -> Universe:
    """A universe of the drawn market with its three panels."""
    drawn = market(names, days)
    universe = make_universe(by=by, desk=desk, name=NAME, members=drawn.members)
    for kind, rows in (
        (DatasetKind.PRICES, drawn.prices),
        (DatasetKind.FACTORS, drawn.factors),
        (DatasetKind.RISK_MODEL, drawn.risk_factors),
    ):
        take_dataset(by=by, universe=universe, kind=kind, rows=rows, origin=ORIGIN)
    return universe


def load(people: Mapping[str, User]) -> str:
    """The desk as the demo loads it; whoever signs off needs a second person, so the internal user is its compliance."""
    admin, second = people["admin@demo.example"], people["internal@demo.example"]
    desk = ensure_demo_desk(admin)
    if DESK not in second.further_roles:
        second.further_roles = [*second.further_roles, DESK]
        change_user(by=admin, user=second)
    put_on_desk(by=admin, desk=desk, person=second, function=Function.COMPLIANCE)
    return f"Strategies: {desk}, desk of {admin.email}, compliance {second.email}"
