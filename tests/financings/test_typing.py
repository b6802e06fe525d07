"""One financing typed by hand: the same row, page and pack as from a run; refused field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from financings.forms import FinancingForm
from financings.models import Financing
from financings.services.type_financing import type_financing
from lib.errors import Forbidden, Invalid, NotFound
from permutations.models import Run
from projects.errors import NotApproved
from projects.models import Project
from projects.services import archive_project, create_project

SignIn = Callable[[User], Client]


def typed(financing: Financing | None = None, **other: str) -> dict[str, str]:
    """What the form posts: as a financing stands, else all at defaults, but for what `other` types."""
    form = FinancingForm.from_financing(financing) if financing else FinancingForm.from_defaults()
    fields = {lever.name: lever.typed for lever in form.lever_inputs} | {
        term.name: term.typed for term in form.term_inputs
    }
    return {**fields, **{name.replace("__", "-"): value for name, value in other.items()}}


@pytest.fixture
def address(project: Project) -> str:
    return reverse("financing-new", args=[project.code])


def test_the_same_row_as_from_the_run(
    best: Financing, project: Project, admin: User, signed_in: SignIn, address: str
) -> None:
    before = Financing.objects.count()
    answer = signed_in(admin).post(address, typed(best))
    assert answer.headers["Location"] == reverse("financing", args=[best.code])
    assert Financing.objects.count() == before
    assert type_financing(by=admin, project=project, levers=best.choice, terms=best.terms) == best


def test_what_is_typed_first_is_what_the_run_leads_to(
    done: Run, project: Project, admin: User, signed_in: SignIn, address: str
) -> None:
    """And its page says the same, whichever way it was come upon."""
    levers = {"senior_tenor_years": 20, "senior_dscr": 1.5, "senior_coupon_rate": 0.0625, "mezz_dscr": 1.25,
              "mezz_coupon_rate": 0.1, "trs_share": 0.05, "equity_irr_rate": 0.12}  # fmt: skip
    made = type_financing(by=admin, project=project, levers=levers, title="House view")
    client = signed_in(admin)
    page = client.get(reverse("financing", args=[made.code])).content.decode()
    assert "House view" in page
    assert reverse("run-detail", args=[done.code]) in page
    assert (made.made_by, made.title) == (admin, "House view")


def test_blank_is_the_default_or_the_projects_own(
    project: Project, admin: User, signed_in: SignIn, address: str
) -> None:
    form = signed_in(admin).get(address).content.decode()
    assert "Left blank: the senior tenor." in form
    assert "Closed:" not in form  # a word of runs, whose levers are open or closed
    blank = dict.fromkeys(typed(), "")
    answer = signed_in(admin).post(address, blank)
    made = Financing.objects.get(code=answer.headers["Location"].split("/")[2])
    assert made == type_financing(by=admin, project=project, levers={})
    assert "rent_per_kw_month" not in made.choice
    page = signed_in(admin).get(answer.headers["Location"]).content.decode()
    assert "In no run" in page


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("lever-senior_dscr", "nine", "Senior DSCR: expected a number"),
        ("lever-senior_dscr", "0.99", "Senior DSCR: expected 1 to 3"),
        ("lever-senior_dscr", "3.01", "Senior DSCR: expected 1 to 3"),
        ("lever-senior_tenor_years", "10.5", "Senior tenor: expected whole years"),
        ("lever-senior_tenor_years", "0", "Senior tenor: expected 1 to 30"),
        ("lever-senior_amortisation", "bullet<script>", "Senior amortisation: expected one of"),
        ("lever-zcis_tenor_years", "7", "Inflation swap tenor: expected one of"),
        ("lever-pue", "NaN", "PUE: expected a number"),
        ("lever-rent_per_kw_month", "1e400", "Rent per kW month"),
        ("term-base_cpi_rate", "a lot", "expected a number"),
        ("term-minimum_rating", "Z", "Minimum rating"),
        ("term-lock_up_steps", "1.2 at 50%; 1.2 at 80%", "each threshold may stand once"),
        ("title", "x" * 121, "at most 120"),
        ("title", "a\u202eb", "one line of plain text"),
        ("rule_set", "moon", "not in force"),
    ],
)
def test_what_is_typed_wrongly_is_said(
    field: str, text: str, told: str, admin: User, signed_in: SignIn, address: str
) -> None:
    before = Financing.objects.count()
    answer = signed_in(admin).post(address, {**typed(), field: text})
    page = answer.content.decode()
    assert (answer.status_code, told in page) == (422, True), page[-3000:]
    assert "<script>alert" not in page
    assert "bullet<script>" not in page
    assert Financing.objects.count() == before


@pytest.mark.parametrize(
    "noise", ["", "\x00", "ﷺ" * 500, "1" * 5_000, "-1", "1,2,3", "=1+1", "'; DROP TABLE x; --", "{{7*7}}"]
)
def test_any_noise_is_answered(noise: str, admin: User, signed_in: SignIn, address: str) -> None:
    client, sound = signed_in(admin), typed()
    for field in list(sound)[::3]:
        assert client.post(address, {**sound, field: noise}).status_code in (302, 422), field


def test_who_types_and_on_what(
    project: Project, sponsor: User, internal: User, other_sponsor: User, admin: User
) -> None:
    for person, refusal in ((sponsor, Forbidden), (internal, Forbidden), (other_sponsor, NotFound)):
        with pytest.raises(refusal):
            type_financing(by=person, project=project, levers={})
    bare = create_project(by=sponsor, title="Not approved", inputs=project.inputs)
    with pytest.raises(NotApproved):
        type_financing(by=admin, project=bare, levers={})
    archive_project(by=admin, project=project)
    with pytest.raises(Forbidden):
        type_financing(by=admin, project=project, levers={})


def test_all_problems_are_told_at_once(project: Project, admin: User) -> None:
    wrong: dict[str, Any] = {"senior_dscr": 9, "wrap": "cheese", "moon": 1}
    with pytest.raises(Invalid) as refused:
        type_financing(by=admin, project=project, levers=wrong)
    assert {problem.place for problem in refused.value.problems} == {"senior_dscr", "wrap", "moon"}
    assert not Financing.objects.filter(title="x").exists()
