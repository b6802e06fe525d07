"""What can be done to stress scenario sets, one verb a file."""

from ratings.services.scenario_sets.create_scenario_set import create_scenario_set
from ratings.services.scenario_sets.delete_scenario_set import delete_scenario_set
from ratings.services.scenario_sets.edit_scenario_set import edit_scenario_set
from ratings.services.scenario_sets.share_scenario_set import share_scenario_set

__all__ = ["create_scenario_set", "delete_scenario_set", "edit_scenario_set", "share_scenario_set"]
