"""Runs have names, notes and stars; a new run may begin with an earlier one's settings."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden
from permutations.models import Run
from permutations.queries import runs_to_repeat
from permutations.services.name_run import name_run
from projects.models import Project

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def test_without_a_name_a_run_is_told_apart_to_the_second(done: Run):
    assert done.name.startswith("Run of ")
    assert len(done.name.rsplit(" ", 1)[1].split(":")) == 3


def test_a_name_stands_wherever_the_run_does(done: Run, admin: User, signed_in: SignIn):
    client = signed_in(admin)
    form = {"name": " Long  tenors ", "note": "For the committee.", "is_starred": "yes"}
    page = client.post(reverse("run-name", args=[done.code]), form, follow=True).content.decode()
    assert "Long tenors</h1>" in page
    assert "For the committee." in page
    for address in (
        reverse("runs-list"),
        reverse("project-detail", args=[done.project.code]),
        reverse("results", args=[done.code]),
        reverse("run-new", args=[done.project.code]),
    ):
        assert "Long tenors" in client.get(address).content.decode(), address
    entry = AuditEntry.objects.get(action="run.named")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["given_name"], entry.after["given_name"]) == ("", "Long tenors")
    assert runs_to_repeat(done.project)[0] == done


def test_naming_it_as_it_is_leaves_no_entry(done: Run, admin: User):
    name_run(by=admin, run=done, name="", note="", is_starred=False)
    assert not AuditEntry.objects.filter(action="run.named").exists()


def test_sponsors_read_names_and_give_none(done: Run, sponsor: User):
    with pytest.raises(Forbidden):
        name_run(by=sponsor, run=done, name="Mine", note="", is_starred=False)


def test_a_name_too_long_is_refused_with_a_sentence(done: Run, admin: User, signed_in: SignIn):
    answer = signed_in(admin).post(reverse("run-name", args=[done.code]), {"name": "x" * 81}, follow=True)
    assert "80" in " ".join(map(str, answer.context["messages"]))
    done.refresh_from_db()
    assert done.given_name == ""


def test_start_is_open_only_while_the_form_is_ready(project: Project, admin: User, signed_in: SignIn):
    client, start = signed_in(admin), re.compile(r'id="start-run"[^>]*>')
    page = client.get(reverse("run-new", args=[project.code])).content.decode()
    assert " disabled" not in start.findall(page)[0]
    refused = client.post(reverse("run-new", args=[project.code]), {"action": "update", "budget": "none"})
    assert "Not ready to start" in refused.content.decode()
    assert " disabled" in start.findall(refused.content.decode())[0]
    size = client.post(reverse("run-space", args=[project.code]), {"budget": "none"}).content.decode()
    assert 'data-opens="start-run" data-is-ready="no"' in size
