"""What the installation brings of rules and market; what people do to versions is in records.services."""

from ratings.services.seed_market_sets import seed_market_sets
from ratings.services.seed_rule_sets import seed_rule_sets

__all__ = ["seed_market_sets", "seed_rule_sets"]
