"""Rating rules as a kind of versioned data."""

from accounts.policies import declare
from engine.ratings import RuleSet as EngineRuleSet
from ratings.collateral import collateral_problems
from ratings.problems import gap_problems, range_problems
from ratings.scales import scale_problems
from ratings.seeding import completed
from ratings.tables import TABLES, parts
from records.kinds import RecordKind

RULES = RecordKind(
    name="rule_set",
    noun="rule set",
    title="Rating rules",
    about="What a financing must show to reach a rating. Each run keeps the version it was computed with.",
    form="atlas-nexus/rules/1",
    pages="rules",
    tables=TABLES,
    write=declare("ratings.write", refusal="Only administrators work on rating rules."),
    read=EngineRuleSet.from_dict,
    checks=(gap_problems, scale_problems, collateral_problems, range_problems),
    parts=parts,
    completed=completed,
    head=("asset_class",),
    scope_noun="asset class",
    load_hint="Load them with manage.py load_demo.",
)
