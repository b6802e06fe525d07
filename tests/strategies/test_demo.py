"""The demo's strategy: every task done, said in a few lines, and twice is once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, Role
from jobs.models import JobState
from strategies.models import Desk, State, Strategy, StrategyRun, Task
from tests import world

pytestmark = pytest.mark.django_db


def told() -> str:
    out = StringIO()
    call_command("load_strategy_demo", stdout=out)
    return out.getvalue()


def test_twice_is_once_and_every_task_is_done():
    world.person("admin@demo.example", "Ada Admin", Role.ADMIN)
    world.person("internal@demo.example", "Ina Internal", Role.INTERNAL)
    first = told()
    before = AuditEntry.objects.count()
    assert "Value at risk of a day at 95%" in first
    assert told() == first
    assert AuditEntry.objects.count() == before
    assert (Desk.objects.count(), Strategy.objects.get().state) == (1, State.CREATED)
    runs = StrategyRun.objects.all()
    assert {run.task for run in runs} == set(Task.values)
    assert all(run.state == JobState.DONE for run in runs)
    assert "conflict" not in runs.get(task=Task.OPTIMISE).summary


def test_without_the_demos_people_it_says_what_to_do_first():
    with pytest.raises(CommandError, match="load_demo first"):
        told()
