"""An entered nought holds: at the form, in a workbook, through a verb; what stood empty before still follows."""

from typing import Any

import pytest

from accounts.models import User
from engine.project import ProjectInputs
from projects.forms import DetailedProjectForm
from projects.models import Snapshot
from projects.noughts import entered_value, without_old_noughts
from projects.services import create_project
from projects.services.take_snapshot import take_snapshot
from projects.translate import check_inputs, snapshot_inputs
from projects.workbook.write import write_workbook
from tests.projects.cast import TODAY, sound_inputs
from tests.projects.workbooks import reading, typed

SITE = {"location_quality": "urban", "grid_quality": "medium"}


def payload(**land: Any) -> dict[str, Any]:
    """A sound project of 48 MW on a site whose land and grid follow while they are empty."""
    base = sound_inputs()
    others = {
        name: value for name, value in base.get("land", {}).items() if name not in ("purchase_amount", "grid_amount")
    }
    return {**base, "land": {**others, **SITE, **land}, "fees": {"management_rate": 0.03}}


def amounts(inputs: ProjectInputs | None) -> tuple[float, float]:
    assert inputs is not None
    return inputs.land.purchase_amount, inputs.land.grid_amount


@pytest.mark.parametrize(
    ("land", "expected"),
    [
        ({}, (38_400_000, 19_200_000)),
        ({"purchase_amount": None, "grid_amount": ""}, (38_400_000, 19_200_000)),
        ({"purchase_amount": 0}, (0, 19_200_000)),
        ({"grid_amount": 0.0}, (38_400_000, 0)),
        ({"purchase_amount": 0.0, "grid_amount": 0}, (0, 0)),
        ({"purchase_amount": 1.0}, (1, 19_200_000)),
    ],
)
def test_what_a_verb_is_given(land: dict[str, Any], expected: tuple[float, float]) -> None:
    checked = check_inputs(payload(**land), today=TODAY)
    assert amounts(checked.inputs) == expected
    assert amounts(ProjectInputs.from_dict(checked.values)) == expected
    told = {warning.place for warning in checked.warnings if warning.code == "nought_holds"}
    assert told == {f"land.{name}" for name, value in land.items() if value == 0 and value != ""}


@pytest.mark.parametrize(("amount", "fee"), [(None, 0.03), (0, 0.0), (0.0, 0.0)])
def test_a_management_fee_of_nought_holds_beside_a_percentage(amount: float | None, fee: float) -> None:
    data = payload()
    data["fees"] = {"management_rate": 0.03, "management_amount": amount}
    checked = check_inputs(data, today=TODAY)
    assert checked.inputs is not None
    assert checked.inputs.fees.management_amount == pytest.approx(fee * checked.inputs.fees.management_base_amount)
    assert any(warning.place == "fees.management_amount" for warning in checked.warnings) is (amount is not None)


@pytest.mark.parametrize(("entered", "expected"), [("", 38_400_000), ("0", 0), ("0.00", 0), ("£0", 0), ("5", 5)])
def test_what_is_typed_at_the_form(entered: str, expected: float) -> None:
    stored = check_inputs(payload(), today=TODAY).values
    opened = DetailedProjectForm(stored=stored, today=TODAY)
    sent = {
        name: str(opened[name].value()) for name in opened.fields if opened[name].value() not in (None, False, True)
    }
    assert "land__purchase_amount" not in sent
    form = DetailedProjectForm({**sent, "title": "Quay", "land__purchase_amount": entered}, stored=stored, today=TODAY)
    assert form.is_valid(), form.errors
    assert amounts(form.inputs) == (expected, 19_200_000)
    again = DetailedProjectForm(stored=form.values, today=TODAY)
    shown = again["land__purchase_amount"].value()
    assert shown is None if entered == "" else shown in ("0", "5")


def test_an_amount_with_nothing_to_follow_from_opens_empty() -> None:
    base = sound_inputs()
    base["land"] = {"purchase_amount": 0}
    stored = check_inputs(base, today=TODAY).values
    assert stored["land"]["purchase_amount"] == 0.0
    assert entered_value(stored, "land.purchase_amount") is None
    assert DetailedProjectForm(stored=stored, today=TODAY)["land__purchase_amount"].value() is None


@pytest.mark.parametrize(("entered", "expected"), [(None, 38_400_000), (0, 0), (5, 5)])
def test_what_stands_in_a_workbook(entered: float | None, expected: float) -> None:
    content = write_workbook("Quay", check_inputs(payload(), today=TODAY).values)
    found = reading(typed("land.purchase_amount", entered, content))
    assert not found.problems
    assert amounts(ProjectInputs.from_dict(found.values)) == (expected, 19_200_000)
    assert any("0 that was entered holds" in str(remark) for remark in found.remarks) is (entered == 0)


def test_a_nought_goes_out_and_comes_back() -> None:
    values = check_inputs(payload(purchase_amount=0), today=TODAY).values
    assert reading(write_workbook("Quay", values)).values == values


def test_a_snapshot_holds_a_nought_and_an_older_one_does_not(sponsor: User) -> None:
    project = create_project(by=sponsor, title="Quay", inputs=payload(purchase_amount=0))
    snapshot = take_snapshot(by=sponsor, project=project)
    assert amounts(snapshot_inputs(snapshot)) == (0, 19_200_000)
    older = Snapshot(project=project, version=2, content=snapshot.content, content_hash=snapshot.content_hash)
    assert amounts(snapshot_inputs(older)) == (38_400_000, 19_200_000)
    assert older.content["land"]["purchase_amount"] == 0.0


def test_old_noughts_are_left_out_only_where_an_amount_follows() -> None:
    old: dict[str, Any] = {
        "land": {"purchase_amount": 0.0, "grid_amount": 0.0, "location_quality": "urban"},
        "fees": {"management_amount": 0.0},
    }
    assert without_old_noughts(old) == {
        "land": {"grid_amount": 0.0, "location_quality": "urban"},
        "fees": {"management_amount": 0.0},
    }
    assert old["land"]["purchase_amount"] == 0.0
