"""What rating rules add to the house."""

from accounts import audit
from accounts.audit_pages.targets import show_at
from lib import navigation
from notifications import kinds
from ratings import news

WORDS = {
    "rule_set.added": "Rule set added",
    "rule_set.approved": "Rule set approved",
    "rule_set.copied": "Rule set copied",
    "rule_set.deleted": "Rule set deleted",
    "rule_set.edited": "Rule set edited",
    "rule_set.imported": "Rule set imported",
    "rule_set.rejected": "Rule set rejected",
    "rule_set.submitted": "Rule set submitted",
    "rule_set.tried": "Rule set tried",
    "scenario_set.created": "Scenario set created",
    "scenario_set.deleted": "Scenario set deleted",
    "scenario_set.edited": "Scenario set edited",
    "scenario_set.shared": "Scenario set shared",
}


def join() -> None:
    """The room's line and words are known from now on."""
    kinds.declare(news.LABELS, for_administrators=news.FOR_ADMINISTRATORS)
    audit.declare(WORDS)
    show_at("ratings.RuleSet", "rules-detail")
    navigation.add(navigation.Entry("rules", "Rules", "rules-list", 50))
