"""The form of a run, read from what was typed."""

from typing import Any

import pytest
from django.http import QueryDict

from engine.permutations import DEFAULT_LEVERS, PRESETS
from engine.terms import StructuringTerms
from financings.typed import typed_number
from lib import figures
from permutations.forms import RunForm

NOISE = [
    "",
    " ",
    "NaN",
    "inf",
    "-inf",
    "1e9999",
    "-1",
    "0x10",
    "１２",
    "٣",
    "1,2,3",
    "' OR 1=1 --",
    "<script>",
    "9" * 400,
]


def posted(form: RunForm, **changes: Any) -> QueryDict:
    """What a browser sends of the form, with some fields changed; a list replaces all values of its field."""
    data = QueryDict(mutable=True)
    for axis in form.axes:
        code = axis.spec.code
        if axis.is_open:
            data[f"open-{code}"] = "yes"
        data.setlist(f"tick-{code}", [tick.typed for tick in axis.ticks if tick.is_chosen])
        data[f"mode-{code}"] = "range" if axis.by_range else "ticks"
        data[f"from-{code}"], data[f"to-{code}"], data[f"step-{code}"] = axis.start, axis.stop, axis.step
    for term in form.term_inputs:
        data[term.name] = term.typed
    data["budget"], data["seed"] = form.budget_typed, form.seed_typed
    for name, value in changes.items():
        data.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return data


@pytest.mark.parametrize("code", PRESETS)
def test_a_preset_comes_back_as_it_was(code: str):
    form = RunForm.from_post(posted(RunForm.from_preset(code)))
    assert form.is_valid, form.problems
    assert form.levers == PRESETS[code].levers
    assert form.terms == StructuringTerms.from_dict()
    assert form.size == PRESETS[code].levers.size


def test_an_unknown_preset_is_the_default():
    assert RunForm.from_preset("no such thing").levers == DEFAULT_LEVERS


def test_a_range_is_free_of_binary_noise():
    form = RunForm.from_post(
        posted(
            RunForm.from_preset("default"),
            **{"mode-senior_coupon_rate": "range", "from-senior_coupon_rate": "3", "to-senior_coupon_rate": "3.3",
               "step-senior_coupon_rate": "0.1"},
        )
    )  # fmt: skip
    assert form.levers is not None
    assert dict(form.levers.axes)["senior_coupon_rate"] == (0.03, 0.031, 0.032, 0.033)


def test_a_value_off_the_grid_keeps_its_tick():
    form = RunForm.from_post(posted(RunForm.from_preset("default"), **{"tick-senior_dscr": ["1.15", "1.234"]}))
    axis = next(axis for axis in form.axes if axis.spec.code == "senior_dscr")
    assert [tick.label for tick in axis.ticks if tick.is_chosen] == ["1.15x", "1.234x"]
    assert form.is_valid


def test_every_axis_closed_is_an_empty_space():
    data = posted(RunForm.from_preset("default"))
    for name in [name for name in data if name.startswith("open-")]:
        del data[name]
    assert [problem.code for problem in RunForm.from_post(data).problems] == ["empty_space"]


def test_an_open_axis_without_values_says_so_beside_itself():
    form = RunForm.from_post(posted(RunForm.from_preset("default"), **{"tick-senior_dscr": []}))
    axis = next(axis for axis in form.axes if axis.spec.code == "senior_dscr")
    assert form.size == 0
    assert axis.problems == ["Senior DSCR: choose at least one value, or close the axis."]
    assert not form.is_valid


def test_a_space_above_the_budget_is_sampled():
    form = RunForm.from_post(posted(RunForm.from_preset("default"), budget="1,000"))
    assert form.is_valid
    assert form.is_sample
    assert form.evaluated_count == 1000


def test_a_space_too_large_to_count_is_refused():
    changes: dict[str, Any] = {}
    for axis in RunForm.from_preset("default").axes:
        changes[f"open-{axis.spec.code}"] = "yes"
        if axis.spec.choices:
            changes[f"tick-{axis.spec.code}"] = [str(choice) for choice in axis.spec.choices]
        else:
            low, high = axis.spec.minimum, axis.spec.maximum
            assert low is not None
            assert high is not None
            changes[f"mode-{axis.spec.code}"] = "range"
            changes[f"from-{axis.spec.code}"] = typed_number(low, axis.spec.unit)
            changes[f"to-{axis.spec.code}"] = typed_number(high, axis.spec.unit)
    form = RunForm.from_post(posted(RunForm.from_preset("default"), **changes))
    assert "space_too_large" in {problem.code for problem in form.problems}


def test_filters_are_typed_in_percent_and_ratings():
    form = RunForm.from_post(
        posted(
            RunForm.from_preset("default"),
            **{
                "filter-column": ["coverage_ratio", "rating_notch", "dscr_minimum"],
                "filter-operator": [">=", "<=", ">"],
                "filter-value": ["95%", "bbb", "1.3x"],
            },
        )
    )
    assert form.levers is not None
    assert [(f.column, f.value) for f in form.levers.filters] == [
        ("coverage_ratio", 0.95), ("rating_notch", 9.0), ("dscr_minimum", 1.3),
    ]  # fmt: skip


def test_lock_up_steps_are_pairs():
    form = RunForm.from_post(
        posted(RunForm.from_preset("default"), **{"term-lock_up_steps": "1.45 at 50%, 1.25 at 100%"})
    )
    assert form.terms is not None
    assert form.terms.lock_up_steps == ((1.45, 0.5), (1.25, 1.0))


@pytest.mark.parametrize("noise", NOISE)
def test_noise_is_answered_in_words(noise: str):
    blank = RunForm.from_preset("default")
    names = [
        f"{name}-{axis.spec.code}" for axis in blank.axes for name in ("tick", "from", "to", "step", "mode", "open")
    ]
    names += [term.name for term in blank.term_inputs] + ["budget", "seed", "filter-value", "filter-column"]
    for name in names:
        form = RunForm.from_post(posted(blank, **{"filter-column": "llcr", "filter-operator": "<", name: noise}))
        assert form.is_valid or form.problems
        for problem in form.problems:
            assert problem.message
            assert len(problem.message) < 2000


@pytest.mark.parametrize(
    ("name", "typed", "asked"),
    [
        ("term-lock_up_steps", "1,2 at 50%", "1,2 may be one number or several, write 1.2 or 1; 2"),
        ("term-lock_up_steps", "1,05 at 100%", "1,05 may be one number or several, write 1.05 or 1; 05"),
        ("term-stress_cpi_rates", "1,8", "1,8 may be one number or several, write 1.8 or 1; 8"),
        ("term-stress_rate_shifts_bps", "1,000", "1,000 may be one number or several, write 1 or 1000 or 1; 000"),
        ("term-base_cpi_rate", "2,5", "2,5 may mean two numbers, write 2.5 or 25"),
        ("budget", "1,5", "1,5 may mean two numbers, write 1.5 or 15"),
        ("budget", "0,500", "0,500 may mean two numbers, write 0.5 or 500"),
        ("filter-value", "1,250", "1,250 may mean two numbers, write 1.25 or 1250"),
        ("tick-senior_dscr", "1,250", "1,250 may mean two numbers, write 1.25 or 1250"),
    ],
)
def test_a_comma_in_doubt_is_asked_about(name: str, typed: str, asked: str):
    filters = {"filter-column": "llcr", "filter-operator": ">=", "filter-value": "1"}
    form = RunForm.from_post(posted(RunForm.from_preset("default"), **{**filters, name: typed}))
    told = [problem.message for problem in form.problems] + [text for axis in form.axes for text in axis.problems]
    assert any(asked in message for message in told), told
    assert not form.is_valid


def test_lists_and_steps_are_told_apart_by_semicolons():
    changes = {"term-lock_up_steps": "1.45x at 50%; 1.25 at 100%", "term-stress_cpi_rates": "0; 1.8; 2.5"}
    form = RunForm.from_post(posted(RunForm.from_preset("default"), **changes))
    assert form.terms is not None, form.problems
    assert form.terms.lock_up_steps == ((1.45, 0.5), (1.25, 1.0))
    assert form.terms.stress_cpi_rates == (0.0, 0.018, 0.025)


@pytest.mark.parametrize("numbers", figures.SEPARATORS)
def test_a_form_reads_what_it_shows_in_every_number_format(numbers: str):
    token = figures.number_format.set(numbers)
    try:
        form = RunForm.from_post(posted(RunForm.from_preset("default")))
    finally:
        figures.number_format.reset(token)
    assert form.is_valid, form.problems
    assert form.levers == DEFAULT_LEVERS
    assert form.terms == StructuringTerms.from_dict()


def test_who_writes_a_decimal_comma_is_read():
    token = figures.number_format.set("point_comma")
    changes = {"term-lock_up_steps": "1,2 at 50%", "tick-senior_dscr": ["1,25", "1,3x"], "budget": "1.000"}
    try:
        form = RunForm.from_post(posted(RunForm.from_preset("default"), **changes))
    finally:
        figures.number_format.reset(token)
    assert form.terms is not None
    assert form.levers is not None
    assert form.terms.lock_up_steps == ((1.2, 0.5),)
    assert dict(form.levers.axes)["senior_dscr"] == (1.25, 1.3)
    assert form.budget == 1000


def test_a_range_is_refused_once_in_the_unit_that_is_typed():
    data = QueryDict("open-senior_coupon_rate=yes&mode-senior_coupon_rate=range", mutable=True)
    data.update({"from-senior_coupon_rate": "-5", "to-senior_coupon_rate": "5", "step-senior_coupon_rate": "1"})
    [axis] = [each for each in RunForm.from_post(data).axes if each.spec.code == "senior_coupon_rate"]
    assert axis.problems == ["Senior coupon, from: expected 0.1 to 15%, got -5."]


@pytest.mark.parametrize(("typed", "is_sound"), [("0.1", True), ("0.09", False), ("15", True), ("15.1", False)])
def test_the_ends_of_an_axis_are_in_it(typed: str, is_sound: bool):
    data = QueryDict(
        "open-senior_coupon_rate=yes&mode-senior_coupon_rate=range&step-senior_coupon_rate=1", mutable=True
    )
    data.update({"from-senior_coupon_rate": typed, "to-senior_coupon_rate": typed})
    [axis] = [each for each in RunForm.from_post(data).axes if each.spec.code == "senior_coupon_rate"]
    assert bool(axis.values) is is_sound


@pytest.mark.parametrize(
    ("query", "is_empty"),
    [("", True), ("&mode-senior_dscr=range&from-senior_dscr=1&to-senior_dscr=2&step-senior_dscr=0", False)],
)
def test_a_space_is_empty_only_where_nothing_is_wrong_on_the_axis(query: str, is_empty: bool):
    assert RunForm.from_post(QueryDict(f"open-senior_dscr=yes{query}")).is_empty is is_empty
