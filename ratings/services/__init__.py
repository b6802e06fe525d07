"""What can be done to rule sets, one verb a file."""

from ratings.services.approve_rule_set import approve_rule_set
from ratings.services.copy_rule_set import copy_rule_set
from ratings.services.delete_draft import delete_draft
from ratings.services.edit_rule_set import edit_rule_set
from ratings.services.import_rule_set import import_rule_set
from ratings.services.reject_rule_set import reject_rule_set
from ratings.services.seed_rule_sets import install_rule_set, seed_rule_sets
from ratings.services.submit_rule_set import submit_rule_set

__all__ = [
    "approve_rule_set",
    "copy_rule_set",
    "delete_draft",
    "edit_rule_set",
    "import_rule_set",
    "install_rule_set",
    "reject_rule_set",
    "seed_rule_sets",
    "submit_rule_set",
]
