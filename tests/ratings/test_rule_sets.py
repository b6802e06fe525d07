"""Versions of the rules: one in force, none ever changed."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEntry, User
from lib.canonical import canonical_hash
from lib.errors import AppendOnlyError, Invalid, NotFound
from ratings.models import RuleSet
from ratings.queries import criteria_lines, current_rule_set, rule_set_choices
from ratings.seeding import AGENCY_VALUE, CONSERVATIVE, MARKET_COST
from ratings.services import seed_rule_sets
from records.models import Status
from records.queries import previous_version, standings
from records.services import copy_version, install_version


def test_seeding_twice_adds_nothing(seeded: list[RuleSet]) -> None:
    assert seed_rule_sets() == seeded
    assert RuleSet.objects.count() == 3
    assert AuditEntry.objects.filter(action="rule_set.added").count() == 3


def test_the_default_family_is_in_force(seeded: list[RuleSet]) -> None:
    assert current_rule_set().label == "agency-value/2"
    assert current_rule_set(MARKET_COST).terms().ltv_basis == "market_cost"
    assert [r.family for r in rule_set_choices()] == [AGENCY_VALUE, CONSERVATIVE, MARKET_COST]
    assert current_rule_set().content_hash == canonical_hash(current_rule_set().content)


def test_none_in_force_says_what_to_do(seeded: list[RuleSet]) -> None:
    with pytest.raises(NotFound, match="load_demo"):
        current_rule_set(on=date(2025, 12, 31))
    assert current_rule_set(on=date(2026, 1, 1)).version == 2


def _add(content: dict[str, Any], version: int = 3, day: date = date(2027, 1, 1)) -> RuleSet:
    head = {"family": AGENCY_VALUE, "version": version, "name": "Next", "effective_from": day.isoformat()}
    return install_version(model=RuleSet, document={**head, "content": content})


def test_a_later_version_takes_over_on_its_day(seeded: list[RuleSet], content: dict[str, Any]) -> None:
    second = _add(content)
    assert current_rule_set(on=date(2026, 12, 31)).version == 2
    assert current_rule_set(on=date(2027, 1, 1)) == second
    assert second.terms().version == "agency-value/3"


def test_where_each_version_stands(seeded: list[RuleSet], content: dict[str, Any]) -> None:
    second, third = _add(content), _add(content, 4, date(2028, 1, 1))
    found = standings(RuleSet.objects.filter(family=AGENCY_VALUE), date(2027, 6, 1))
    words = {RuleSet.objects.get(pk=key).version: standing.words for key, standing in found.items()}
    assert words == {2: "Superseded", 3: "In force", 4: "From 1 Jan 2028"}
    assert previous_version(third) == second


def test_drafts_are_not_in_force(seeded: list[RuleSet], admin: User) -> None:
    copy_version(by=admin, version=current_rule_set())
    assert current_rule_set(on=date(2199, 1, 1)).version == 2


def test_the_same_version_twice_is_refused(seeded: list[RuleSet], content: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        _add(content, version=2)


def test_two_active_versions_on_one_day_are_refused(seeded: list[RuleSet], content: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="effective from the same day"):
        _add(content, version=3, day=date(2026, 1, 1))


def test_rules_the_engine_refuses_are_refused_with_its_sentences(db: None, content: dict[str, Any]) -> None:
    rows = [dict(row) for row in content["criteria"]]
    rows[0]["dscr_minimum"] = 1.0
    with pytest.raises(Invalid) as refused:
        _add({**content, "criteria": rows})
    assert "asks for less" in refused.value.problems[0].message
    assert not RuleSet.objects.exists()


def test_the_model_refuses_changes(seeded: list[RuleSet]) -> None:
    rule_set = seeded[0]
    rule_set.name = "Other"
    with pytest.raises(AppendOnlyError):
        rule_set.save()
    with pytest.raises(AppendOnlyError):
        rule_set.delete()
    rule_set.status = Status.DRAFT
    with pytest.raises(AppendOnlyError):
        rule_set.save()


def test_the_database_refuses_changes(seeded: list[RuleSet]) -> None:
    for statement in ("UPDATE ratings_ruleset SET status = 'draft'", "DELETE FROM ratings_ruleset"):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_each_limit_as_a_line(seeded: list[RuleSet]) -> None:
    lines = criteria_lines(current_rule_set(), "UK")
    assert {line.path[1] for line in lines} == {"UK"}
    floor = next(line for line in lines if line.path[2:] == ("BBB", "dscr_minimum"))
    assert (floor.value, floor.provenance) == (1.15, "sourced")
    assert len(criteria_lines(current_rule_set())) == 3 * len(lines)
