"""What rules and market sets add to the house."""

from accounts import audit
from lib import navigation, personal, slots
from lib.finding import find_by
from ratings import finding
from ratings.models import MarketSet, RuleSet, ScenarioSet
from records.declare import declare_kind, on_pages_of

WORDS = {
    "rule_set.tried": "Rule set tried",
    "scenario_set.created": "Scenario set created",
    "scenario_set.deleted": "Scenario set deleted",
    "scenario_set.edited": "Scenario set edited",
    "scenario_set.shared": "Scenario set shared",
}


def join() -> None:
    """The room's line, kinds, words, and what it holds of people, are known from now on."""
    find_by("Rules and market data", finding.rules, 50)
    declare_kind(RuleSet)
    declare_kind(MarketSet)
    audit.declare(WORDS)
    personal.hold(ScenarioSet, also=("scenarios",))
    navigation.add(navigation.Entry("rules", "Rules", "rules-list", 50))
    slots.fill("versions.actions", "ratings/fragments/beside_rules.html", on_pages_of("rule_set"))
