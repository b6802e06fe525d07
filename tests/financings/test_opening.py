"""One financing, one row: from two runs, by hand, at once; written once; its old addresses lead to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from engine.permutations import AXES, LeverSet
from financings.evaluation import Evaluation
from financings.models import Financing
from financings.services import open_financing as opening
from financings.services.open_financing import open_financing
from financings.translate import financing_of, read_choice
from jobs.work import work
from lib.errors import AppendOnlyError, Invalid, NotFound
from permutations.models import Run
from permutations.origins import index_of
from permutations.results import rows_of
from permutations.translate import financing_values
from projects.services import duplicate_project
from tests.financings.cast import opened
from tests.projects.reviewed import approved

SignIn = Callable[[User], Client]
FEW: dict[str, Any] = {"axes": {"senior_tenor_years": [10, 15], "senior_dscr": [1.35, 1.5]}}


def finished(run: Run) -> Run:
    work(run.code)
    run.refresh_from_db()
    return run


def test_two_runs_lead_to_one_row(requested: Callable[..., Run]) -> None:
    """In the second an axis is open at what is the default of the first: the structure is the same."""
    first = finished(requested(levers=FEW))
    wider = {"axes": {**FEW["axes"], "senior_dscr": [1.2, 1.35], "wrap": ["none"], "dsra_months": [3, 6]}}
    second = finished(requested(levers=wider))
    third = finished(requested(levers={"axes": {"senior_tenor_years": [10, 15, 20], "dsra_months": [3, 6]}}))
    one = opened(first, 2)
    assert one.choice["senior_tenor_years"] == 15
    levers = LeverSet.from_dict(third.lever_set)
    at = index_of(levers, one.choice)
    assert at is not None
    assert opened(third, at) == one
    assert [origin.code for origin in Evaluation(one).origins] == [first.code, third.code]
    assert second.code not in {origin.code for origin in Evaluation(one).origins}  # its wrap is said, not the project's
    assert AuditEntry.objects.filter(action="financing.opened").count() == 1


def test_it_is_found_where_the_run_has_it(done: Run) -> None:
    """Number, rank and figures are the run's own."""
    for index, row in sorted(rows_of(done, range(0, done.evaluated_count, 500)).items()):
        [origin] = Evaluation(opened(done, index)).origins
        assert (origin.code, origin.number, origin.row) == (done.code, index, row)


def test_its_figures_are_those_of_the_run(done: Run) -> None:
    """To the last bit: a space of one point is no other arithmetic."""
    for index, row in sorted(rows_of(done, range(0, done.evaluated_count, 250)).items()):
        found = Evaluation(opened(done, index)).detail.row
        shared = set(found) & set(row) - {"stress_key"}  # a number of the run's own
        assert len(shared) > 40
        assert {name: found[name] for name in shared} == {name: row[name] for name in shared}


@pytest.mark.parametrize("code", [spec.code for spec in AXES.values() if spec.default is not None])
def test_a_lever_at_its_default_is_one_left_closed(code: str) -> None:
    assert read_choice({code: AXES[code].default}) == read_choice({})


def test_whole_numbers_are_whole_however_they_come() -> None:
    one, other = read_choice({"senior_tenor_years": 15.0, "senior_dscr": 2}), read_choice({"senior_dscr": 2.0})
    assert one == other
    assert [type(one[name]) for name in ("senior_tenor_years", "senior_dscr")] == [int, float]


def test_everything_that_decides_a_figure_is_in_the_name(best: Financing) -> None:
    same = {
        "project": best.project,
        "snapshot": best.snapshot,
        "rule_set": best.rule_set,
        "terms": best.terms,
        "levers": best.choice,
        "engine_version": best.engine_version,
        "market_set": best.market_set,
    }
    assert financing_of(**same) == best
    for other in (
        {"terms": {**best.terms, "base_cpi_rate": 0.021}},
        {"levers": {**best.choice, "senior_dscr": 1.36}},
        {"engine_version": "0.0.0"},
        {"market_set": None},
    ):
        found = financing_of(**{**same, **other})
        assert found.content_hash != best.content_hash
        assert found.pk is None


def test_it_is_written_once(best: Financing) -> None:
    with pytest.raises(AppendOnlyError):
        best.save()
    with pytest.raises(AppendOnlyError):
        best.delete()
    for sql in ("UPDATE financings_financing SET title = 'x'", "DELETE FROM financings_financing"):
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_who_loses_the_race_gets_the_winners_row(
    best: Financing, done: Run, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the winner's row had not been there when the loser looked."""
    unsaved = Financing(**{field.attname: getattr(best, field.attname) for field in Financing._meta.fields[1:]})
    monkeypatch.setattr(opening, "financing_of", lambda *_: unsaved)
    values = financing_values(done, int(done.summary["best"]["index"]))
    assert open_financing(by=admin, **values) == best
    assert Financing.objects.filter(code=best.code).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Financing(**{field.attname: getattr(best, field.attname) for field in Financing._meta.fields[1:]}).save()


def test_outsiders_open_nothing_and_nonsense_is_refused(done: Run, other_sponsor: User, admin: User) -> None:
    values, before = financing_values(done, 0), Financing.objects.count()
    with pytest.raises(NotFound):
        open_financing(by=other_sponsor, **values)
    for levers in ({"senior_dscr": 9.0}, {"moon": 1}, {"wrap": "cheese"}, {"senior_tenor_years": 10.5}):
        with pytest.raises(Invalid):
            open_financing(by=admin, **{**values, "levers": levers})
    with pytest.raises(Invalid):
        open_financing(by=admin, **{**values, "terms": {"base_cpi_rate": "much"}})
    assert Financing.objects.count() == before


def test_a_copy_of_the_project_has_a_row_of_its_own(best: Financing, admin: User) -> None:
    """The same hash: all that decides its figures is the same. But access goes by the project."""
    copy = approved(duplicate_project(by=admin, project=best.project), by=admin)
    snapshot = copy.snapshots.get()
    assert snapshot.content_hash == best.snapshot.content_hash
    other = open_financing(
        by=admin,
        project=copy,
        snapshot=snapshot,
        rule_set=best.rule_set,
        market_set=best.market_set,
        terms=best.terms,
        levers=best.choice,
    )
    assert (other.content_hash, other != best, other.code != best.code) == (best.content_hash, True, True)


@pytest.mark.parametrize(
    "part", ["", "stress/", "simulate/", "compliance/", "compliance.json", "evidence/", "model.xlsx"]
)
def test_the_old_addresses_lead_to_it(
    part: str, best: Financing, done: Run, sponsor: User, other_sponsor: User, signed_in: SignIn
) -> None:
    old = f"/runs/{done.code}/permutations/{done.summary['best']['index']}/{part}?cell=1"
    answer = signed_in(sponsor).get(old)
    assert answer.headers["Location"] == f"{reverse('financing', args=[best.code])}{part}?cell=1"
    assert signed_in(sponsor).get(answer.headers["Location"]).status_code == 200
    assert signed_in(other_sponsor).get(old).status_code == 404
    assert signed_in(sponsor).get(f"/runs/{done.code}/permutations/0/moon/").status_code == 404


def test_its_page_says_where_it_was_found(best: Financing, done: Run, sponsor: User, signed_in: SignIn) -> None:
    page = signed_in(sponsor).get(reverse("financing", args=[best.code])).content.decode()
    assert f"{done.summary['best']['index']:,}" in page
    assert reverse("run-detail", args=[done.code]) in page
    assert "Rank 1" in page
    assert best.content_hash in page
