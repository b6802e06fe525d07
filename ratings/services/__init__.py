"""What can be done to rule sets, one verb a file."""

from ratings.services.add_rule_set import add_rule_set
from ratings.services.seed_rule_sets import seed_rule_sets

__all__ = ["add_rule_set", "seed_rule_sets"]
