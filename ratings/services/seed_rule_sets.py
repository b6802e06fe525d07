from ratings.models import RuleSet
from ratings.paths import DATA
from ratings.seeding import load_document
from records.services import install_missing


def seed_rule_sets() -> list[RuleSet]:
    """The seeded versions, added where they are not there yet."""
    names = sorted(path.name for path in DATA.glob("*.json"))
    return install_missing(model=RuleSet, documents=[load_document(name) for name in names])
