"""Versions of the rules: one in force, none ever changed."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Forbidden, Invalid, NotFound
from accounts.models import AppendOnlyError, AuditEntry, User
from projects.canonical import canonical_hash
from ratings.models import RuleSet, RuleSetStatus
from ratings.queries import criteria_lines, current_rule_set, rule_set_choices
from ratings.seeding import AGENCY_VALUE, MARKET_COST, load_document
from ratings.services import add_rule_set, seed_rule_sets


@pytest.fixture
def content() -> dict[str, Any]:
    loaded: dict[str, Any] = load_document("uk_eu_us_v1.json")["content"]
    return loaded


@pytest.fixture
def seeded(db: None) -> list[RuleSet]:
    return seed_rule_sets()


def test_seeding_twice_adds_nothing(seeded: list[RuleSet]) -> None:
    assert seed_rule_sets() == seeded
    assert RuleSet.objects.count() == 2
    assert AuditEntry.objects.filter(action="rule_set.added").count() == 2


def test_the_default_family_is_in_force(seeded: list[RuleSet]) -> None:
    assert current_rule_set().label == "agency-value/1"
    assert current_rule_set(MARKET_COST).terms().ltv_basis == "market_cost"
    assert [r.family for r in rule_set_choices()] == [AGENCY_VALUE, MARKET_COST]
    assert current_rule_set().content_hash == canonical_hash(current_rule_set().content)


def test_none_in_force_says_what_to_do(seeded: list[RuleSet]) -> None:
    with pytest.raises(NotFound, match="load_demo"):
        current_rule_set(on=date(2024, 12, 31))
    assert current_rule_set(on=date(2025, 1, 1)).version == 1


def _add(by: User | None, content: dict[str, Any], version: int = 2, day: date = date(2026, 1, 1)) -> RuleSet:
    return add_rule_set(by=by, family=AGENCY_VALUE, version=version, name="Second", effective_from=day, content=content)


def test_a_later_version_takes_over_on_its_day(seeded: list[RuleSet], admin: User, content: dict[str, Any]) -> None:
    second = _add(admin, {**content, "version": "agency-value/2"})
    assert current_rule_set(on=date(2025, 12, 31)).version == 1
    assert current_rule_set(on=date(2026, 1, 1)) == second
    assert AuditEntry.objects.get(target_code=second.code).actor == admin


def test_drafts_are_not_in_force_and_may_be_worked_on(seeded: list[RuleSet], content: dict[str, Any]) -> None:
    draft = RuleSet(family=AGENCY_VALUE, version=9, name="Draft", effective_from=date(2025, 6, 1), content=content)
    draft.content_hash = canonical_hash(content)
    draft.save()
    draft.name = "Better draft"
    draft.save()
    assert current_rule_set().version == 1
    draft.delete()


@pytest.mark.parametrize("change", ["internal", "sponsor", "other_sponsor"])
def test_only_administrators_add(change: str, request: pytest.FixtureRequest, content: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        _add(request.getfixturevalue(change), content)


def test_the_same_version_twice_is_refused(seeded: list[RuleSet], admin: User, content: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        _add(admin, content, version=1)


def test_rules_the_engine_refuses_are_refused_with_its_sentences(admin: User, content: dict[str, Any]) -> None:
    rows = [dict(row) for row in content["criteria"]]
    rows[0]["dscr_minimum"] = float("nan")
    with pytest.raises(Exception, match="finite"):
        _add(admin, {**content, "criteria": rows})
    rows[0]["dscr_minimum"] = 1.0
    with pytest.raises(Invalid) as refused:
        _add(admin, {**content, "criteria": rows})
    assert "asks for less" in refused.value.problems[0].message
    assert not RuleSet.objects.exists()


def test_the_model_refuses_changes(seeded: list[RuleSet]) -> None:
    rule_set = seeded[0]
    rule_set.name = "Other"
    with pytest.raises(AppendOnlyError):
        rule_set.save()
    with pytest.raises(AppendOnlyError):
        rule_set.delete()
    rule_set.status = RuleSetStatus.DRAFT
    with pytest.raises(AppendOnlyError):
        rule_set.save()


def test_the_database_refuses_changes(seeded: list[RuleSet]) -> None:
    for statement in ("UPDATE ratings_ruleset SET status = 'draft'", "DELETE FROM ratings_ruleset"):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_each_limit_as_a_line(seeded: list[RuleSet]) -> None:
    lines = criteria_lines(current_rule_set(), "UK")
    assert {line.jurisdiction for line in lines} == {"UK"}
    floor = next(line for line in lines if (line.rating, line.name) == ("BBB", "dscr_minimum"))
    assert (floor.value, floor.provenance) == (1.15, "sourced")
    assert len(criteria_lines(current_rule_set())) == 3 * len(lines)
