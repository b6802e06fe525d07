"""Reading the rule sets and market sets: which ones are in force."""

from datetime import date

from engine.market import CurrencyMarket
from lib.errors import NotFound
from projects.asset_classes import asset_class_name
from projects.models import DATA_CENTRE
from ratings.market import FAMILY as HOUSE
from ratings.models import MarketSet, RuleSet
from ratings.rules import RULES
from ratings.seeding import AGENCY_VALUE
from records.cells import Cell, cells
from records.queries import current_version, in_force


def current_rule_set(family: str = AGENCY_VALUE, on: date | None = None) -> RuleSet:
    """The version of the family in force on a day (today); NotFound where there is none."""
    return current_version(RuleSet, family, on)


def rule_set_for(asset_class: str, on: date | None = None) -> RuleSet:
    """The version in force that runs of an asset class take where nobody chose; NotFound where there is none."""
    found = rule_set_choices(asset_class, on)
    if not found:
        raise NotFound(f"There are no active rating rules for {asset_class_name(asset_class).lower()}.")
    return found[0]


def rule_set_choices(asset_class: str = DATA_CENTRE, on: date | None = None) -> list[RuleSet]:
    """The version in force of each family of an asset class, the default family first."""
    newest: dict[str, RuleSet] = {}
    for rule_set in in_force(RuleSet, on).filter(asset_class=asset_class):
        newest.setdefault(rule_set.family, rule_set)
    return sorted(newest.values(), key=lambda rule_set: (not rule_set.family.startswith(AGENCY_VALUE), rule_set.family))


def criteria_lines(rule_set: RuleSet, jurisdiction: str | None = None) -> list[Cell]:
    """Each limit by jurisdiction and rating as one cell with its provenance."""
    found = [cell for cell in cells(RULES, rule_set.content).values() if cell.table == "criteria"]
    return [cell for cell in found if jurisdiction in (None, cell.path[1])]


def current_market_set(family: str = HOUSE, on: date | None = None) -> MarketSet:
    """The market set of the family in force on a day (today); NotFound where there is none."""
    return current_version(MarketSet, family, on)


def market_in_force(currency: str, on: date | None = None) -> tuple[MarketSet | None, CurrencyMarket | None]:
    """The market set in force that has the currency, and its market; None where coupons are not tested against any."""
    found = in_force(MarketSet, on).filter(family=HOUSE).first()
    markets = found.terms().markets if found is not None else {}
    return (found, markets[currency]) if currency in markets else (None, None)
