"""One financing: its choice as data, and the same figures with or without a space around it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from engine.deal import AXES, CLOSED, Choice, Deal, price, result_row
from engine.deal.reasons import CATALOGUE, GATE_A, GATE_B, NOT_COMPUTED, REASONS
from engine.errors import InputProblems
from engine.permutations import Case, LeverSet, evaluate
from engine.permutations.detail import result_row as row_of_space
from tests.engine.cases import random_case
from tests.engine.deals import NO_CAPS, deal

WHOLE = {"senior_tenor_years": 20, "grace_months": 6, "zcis_tenor_years": 10, "senior_dscr": 1.25, "wrap": "senior"}


def problems(payload: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InputProblems) as caught:
        Choice.from_dict(payload)
    return [(p.code, p.place) for p in caught.value.problems]


# The choice


def test_a_choice_names_every_lever_in_catalogue_order():
    assert [field.name for field in fields(Choice)] == list(AXES)


def test_closed_levers_stand_at_their_defaults():
    assert CLOSED.to_dict() == {code: spec.default for code, spec in AXES.items() if spec.default is not None}
    assert CLOSED.indexation is None


def test_a_choice_reads_back_what_it_writes():
    choice = Choice.from_dict(WHOLE)
    assert Choice.from_dict(json.loads(json.dumps(choice.to_dict()))) == choice


@pytest.mark.parametrize(("one", "other"), [
    ({"senior_tenor_years": 20.0}, {"senior_tenor_years": 20}),
    ({"senior_dscr": 2}, {"senior_dscr": 2.0}),
    ({"zcis_tenor_years": 5.0}, {"zcis_tenor_years": 5}),
    ({"wrap": None, "mezz_tenor_years": None}, {}),
    ({"dsra_months": 6}, {}),
])  # fmt: skip
def test_equal_choices_are_written_alike(one: dict[str, Any], other: dict[str, Any]):
    """What is written is what a financing is named by: a whole number has one spelling, a default stands."""
    assert json.dumps(Choice.from_dict(one).to_dict()) == json.dumps(Choice.from_dict(other).to_dict())


@pytest.mark.parametrize(("payload", "expected"), [
    ({"tenor": 15}, [("unknown_lever", "tenor")]),
    ({"senior_dscr": 0.5, "wrap": "mezzanine"}, [("out_of_range", "senior_dscr"), ("not_a_choice", "wrap")]),
    ({"senior_dscr": True}, [("not_a_number", "senior_dscr")]),
    ({"senior_dscr": float("nan")}, [("not_a_number", "senior_dscr")]),
    ({"senior_dscr": [1.3]}, [("not_a_number", "senior_dscr")]),
    ({"grace_months": 6.5}, [("not_whole", "grace_months")]),
    ({"zcis_tenor_years": 7}, [("not_a_choice", "zcis_tenor_years")]),
])  # fmt: skip
def test_a_wrong_lever_is_named(payload: dict[str, Any], expected: list[tuple[str, str]]):
    assert problems(payload) == expected


# The deal and the space


@pytest.mark.parametrize("seed", range(8))
def test_a_financing_has_the_figures_it_has_in_a_space(seed: int):
    case = replace(random_case(seed, 24), levers=LeverSet(random_case(seed, 24).levers.axes))
    for index in range(case.levers.size):
        row, alone = row_of_space(case, index), result_row(price(case.deal_of(index)))
        assert {k: v for k, v in row.items() if k != "stress_key"} == {
            k: v for k, v in alone.items() if k != "stress_key"
        }


def test_an_index_outside_the_space_is_refused():
    case = deal({"senior_dscr": [1.2, 1.3]})
    assert case.deal_of(1).choice.senior_dscr == 1.3
    with pytest.raises(InputProblems, match="expected 0 to 1, got 2"):
        case.deal_of(2)


def test_a_closed_axis_stands_where_the_space_stands():
    base = deal({"senior_dscr": [1.2, 1.3]})
    moved = replace(base, choice=Choice.from_dict({"senior_tenor_years": 10}))
    other = Case(base.inputs, base.terms, base.rules,
                 LeverSet.from_dict({"axes": {"senior_tenor_years": [10], "senior_dscr": [1.2, 1.3]}}))  # fmt: skip
    one, two = (evaluate(case, np.arange(2)).columns for case in (moved, other))
    assert all(np.array_equal(one[name], two[name], equal_nan=one[name].dtype.kind == "f") for name in one)
    assert moved.deal_of(1) == other.deal_of(1)


def test_a_filter_reads_a_closed_lever_where_the_space_stands():
    rules: list[dict[str, Any]] = [{"column": "senior_tenor_years", "operator": ">=", "value": 15}]
    case = deal({"senior_dscr": [1.3]}, filters=rules, rules=NO_CAPS)
    short = replace(case, choice=Choice.from_dict({"senior_tenor_years": 10}))
    gates = [int(evaluate(each, np.arange(1)).columns["reason"][0]) for each in (case, short)]
    assert gates == [0, 20]


def test_a_financing_knows_no_space():
    case = deal({"senior_dscr": [1.3]})
    assert price(
        Deal(case.inputs, case.terms, case.rules, Choice.from_dict({"senior_dscr": 1.3}))
    ).deal == case.deal_of(0)


# Reasons


def test_reasons_have_one_number_name_and_check_each():
    assert all(code == reason.code for code, reason in CATALOGUE.items())
    assert len({reason.name for reason in CATALOGUE.values()}) == len(CATALOGUE) == len(REASONS) - 1
    checks = [reason.check for reason in (GATE_A | GATE_B).values()]
    assert len(set(checks)) == len(checks) == 27
    assert NOT_COMPUTED not in REASONS
