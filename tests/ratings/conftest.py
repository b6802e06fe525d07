"""Two administrators, the seeded rules, and a draft of the next version."""

from typing import Any

import pytest

from accounts.models import User
from ratings.models import RuleSet
from ratings.queries import current_rule_set
from ratings.seeding import load_document
from ratings.services import seed_rule_sets
from records.services import copy_version


@pytest.fixture
def content() -> dict[str, Any]:
    """The seeded rules of the default family."""
    loaded: dict[str, Any] = load_document("uk_eu_us_v2.json")["content"]
    return loaded


@pytest.fixture
def seeded(db: None) -> list[RuleSet]:
    return seed_rule_sets()


@pytest.fixture
def draft(admin: User, seeded: list[RuleSet]) -> RuleSet:
    """Ada's copy of the rules in force."""
    return copy_version(by=admin, version=current_rule_set())
