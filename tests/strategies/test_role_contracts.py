"""The contracts of the roles' tools: strict, and judged as a full validator judges them."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.errors import InputProblems
from engine.strategies.contracts import CONTRACTS, hold_arguments, hold_result
from engine.strategies.schemas import WORDS, broken
from tests.strategies.desk_of_roles import BLOCKED, RESULTS

SCHEMAS = {
    f"{tool}.{side}": getattr(contract, side)
    for tool, contract in CONTRACTS.items()
    for side in ("arguments", "result")
}


def parts(schema):
    """The schema and every one inside it."""
    yield schema
    for inside in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from parts(inside)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_contract_is_a_schema_of_known_words_and_strict_objects(schema):
    Draft202012Validator.check_schema(schema)
    for part in parts(schema):
        assert set(part) <= WORDS
        if "properties" in part:
            assert part["additionalProperties"] is False
            assert sorted(part["required"]) == sorted(part["properties"])


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-2, 2)
    | st.sampled_from(["", "OK", "2025-01-31", "pdf"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["name", "weight", "x"]), inside),
    max_leaves=8,
)


def changed(draw, value):
    """The value with one place of it replaced, left out or added to."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        how = draw(st.sampled_from(["inside", "gone", "more"]))
        rest = {name: each for name, each in value.items() if name != key}
        if how == "inside":
            return rest | {key: changed(draw, value[key])}
        return rest if how == "gone" else value | {"more": 1}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [changed(draw, value[0]), *value[1:]]
    return draw(json)


@given(st.sampled_from(sorted(RESULTS)), st.data())
@settings(max_examples=400, deadline=None)
def test_the_checker_judges_as_a_full_validator(tool, data):
    schema = CONTRACTS[tool].result
    value = changed(data.draw, deepcopy(RESULTS[tool]))
    assert (not list(broken(schema, value))) == Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("tool", RESULTS)
def test_the_examples_hold(tool):
    hold_result(tool, RESULTS[tool])


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (lambda r: r.pop("count"), "missing", "Compliance.check.result.count"),
        (lambda r: r.update(lifted=True), "unknown", "Compliance.check.result.lifted"),
        (lambda r: r.update(status="FINE"), "enum", "Compliance.check.result.status"),
        (lambda r: r.update(count=-1), "out_of_range", "Compliance.check.result.count"),
        (lambda r: r.update(count=True), "type", "Compliance.check.result.count"),
        (lambda r: r.update(count=1.5), "type", "Compliance.check.result.count"),
        (lambda r: r["reasons"][0].update(value=0.6), "type", "Compliance.check.result.reasons.0.value"),
    ],
)
def test_what_breaks_a_contract_is_named_with_its_place(change, code, place):
    result = deepcopy(BLOCKED)
    change(result)
    with pytest.raises(InputProblems) as refused:
        hold_result("Compliance.check", result)
    assert [(problem.code, problem.place) for problem in refused.value.problems] == [(code, place)]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.6", None])
def test_a_number_is_a_finite_number(value):
    with pytest.raises(InputProblems):
        hold_arguments("Compliance.check", {"weights": [{"name": "A", "weight": value}], "ruleset": "x"})


@pytest.mark.parametrize(("fields", "code"), [([], "too_few"), ("close", "type")])
def test_data_is_asked_for_by_field(fields, code):
    asked = {"universe_id": "U", "fields": fields, "range": {"first": "2025-01-01", "last": "2025-01-31"}}
    with pytest.raises(InputProblems) as refused:
        hold_arguments("Data.load", asked)
    assert refused.value.problems[0].code == code


def test_a_day_is_a_day():
    asked = {"universe_id": "U", "fields": ["close"], "range": {"first": "1.1.2025", "last": "2025-01-31"}}
    with pytest.raises(InputProblems) as refused:
        hold_arguments("Data.load", asked)
    assert refused.value.problems[0].place == "Data.load.arguments.range.first"
