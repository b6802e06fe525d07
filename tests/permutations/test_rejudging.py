"""Every past run can be judged again under its own rules, with the same figures to the last bit."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Role, User
from engine.permutations import RESULT_COLUMNS
from jobs.work import work
from permutations.models import Run, TopResult
from permutations.rejudging import rejudge
from ratings.queries import current_rule_set
from records.editing import Typed
from records.services import approve_version, copy_version, edit_version, submit_version
from tests.world import PASSWORD


def test_identical_under_its_own_rules_also_after_newer_ones(
    done: Run, requested: Callable[..., Run], admin: User, capsys: pytest.CaptureFixture[str]
) -> None:
    amir = User.objects.create_user(
        "amir@house.example", PASSWORD, full_name="Amir Approver", role=Role.ADMIN, is_approved=True
    )
    draft = copy_version(by=admin, version=done.rule_set)
    cells = {
        f"criteria.UK.{r}.icr": Typed(v, "assumption", "a test")
        for r, v in (("BBB", "1.3"), ("BBB-", "1.3"), ("BB", "1.3"))
    }
    edited = edit_version(by=admin, version=draft, revision=1, cells=cells, effective_from=timezone.localdate())
    approve_version(by=amir, version=submit_version(by=admin, version=edited))
    newer = requested(levers=done.lever_set)
    work(newer.code)
    assert newer.rule_set == current_rule_set() != done.rule_set
    call_command("rejudge_runs")
    said = capsys.readouterr().out
    assert f"run {done.code}, rules agency-value/2: identical" in said
    assert f"run {newer.code}, rules agency-value/3: identical" in said
    assert "2 runs judged again, 0 with differences." in said


def test_one_bit_is_found(done: Run, capsys: pytest.CaptureFixture[str]) -> None:
    best = TopResult.objects.get(run=done, rank=1)
    stored = best.metrics["dscr_minimum"]
    best.metrics["dscr_minimum"] = float.fromhex(stored.hex()) * (1 + 2**-52)
    best.save()
    (difference,) = rejudge(done).differences
    assert (difference.index, difference.column, difference.found) == (best.permutation_index, "dscr_minimum", stored)
    with pytest.raises(CommandError, match="not what was stored"):
        call_command("rejudge_runs", run=str(done.code))
    assert f"permutation {best.permutation_index:,}, dscr_minimum: stored" in capsys.readouterr().out


def test_a_changed_rank_is_found(done: Run) -> None:
    TopResult.objects.filter(run=done, rank=1).update(score=0.5)
    assert [difference.column for difference in rejudge(done).differences] == ["score"]


def test_another_engines_run_says_so(done: Run) -> None:
    done.engine_version = "0.0.1"
    TopResult.objects.filter(run=done, rank=1).update(score=0.5)
    assert "made by engine 0.0.1" in str(rejudge(done))


def test_runs_that_are_not_there(db: None) -> None:
    with pytest.raises(CommandError, match="expected a UUID"):
        call_command("rejudge_runs", run="first")
    with pytest.raises(CommandError, match="no finished run"):
        call_command("rejudge_runs", run="00000000-0000-4000-8000-000000000000")


def test_from_the_runs_page(done: Run, admin: User, signed_in: Callable[[User], Client]) -> None:
    page = signed_in(admin).post(f"/runs/{done.code}/rejudge/", follow=True).content.decode()
    assert "Checked again under agency-value/2: identical" in page
    after = AuditEntry.objects.get(action="run.rejudged").after
    assert after == {
        "figures": len(RESULT_COLUMNS) * done.top_results.count(),
        "differences": 0,
        "rule_set": "agency-value/2",
    }
