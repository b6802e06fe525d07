"""Several structures run at once and read side by side: on the page, by the API, by the command."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.work import work
from securitisation.comparing import groups_of, sides_of
from securitisation.models import NotesRun, NoteStructure, StructureVersion
from securitisation.queries import latest_version
from securitisation.services.write_structure import change_structure, make_structure
from tests.api.cast import Program, codes
from tests.securitisation.cast import tape_pool

pytestmark = pytest.mark.django_db
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def versions(admin: User) -> list[StructureVersion]:
    """Three structures on one pool, their class B of 150,000, 100,000 and 50,000."""
    pool, found = tape_pool(admin), []
    for amount in (150_000.0, 100_000.0, 50_000.0):
        structure = make_structure(by=admin, name=f"B of {amount:,.0f}", pool=pool)
        first = latest_version(structure)
        content = json.loads(json.dumps(first.content))
        if content["classes"][1]["balance_amount"] != amount:
            content["classes"][1]["balance_amount"] = amount
            change_structure(by=admin, structure=structure, content=content, behaviour=first.behaviour)
        found.append(latest_version(structure))
    return found


def address(versions: list[StructureVersion]) -> str:
    return reverse("structures-compare") + "?" + "&".join(f"of={version.code}" for version in versions)


def test_three_are_run_at_once_and_read_side_by_side(versions: list[StructureVersion], admin: User, client: Client):
    client.force_login(admin)
    page = client.get(address(versions)).content.decode()
    assert "3 without a finished run" in page
    assert "Run all" in page
    assert client.post(address(versions), {"of": [str(v.code) for v in versions]}).status_code == 302
    runs = list(NotesRun.objects.order_by("pk"))
    assert [run.version for run in runs] == versions
    waiting = client.get(address(versions), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    assert "Run all" not in waiting
    assert "<h1>" not in waiting
    for run in runs:
        work(run.code)
    page = client.get(address(versions)).content.decode()
    assert "Every one has been run." in page
    assert "hx-trigger" not in page.partition('id="sides"')[2]
    groups = {title: {line.label: line for line in lines} for title, lines in groups_of(sides_of(versions))}
    assert groups["Issue"]["Notes over the pool"].texts == ("90.0%", "85.0%", "80.0%")
    assert groups["Class B"]["Enhancement"].texts == ("10.0%", "15.0%", "20.0%")
    assert not groups["Class A"]["Balance"].differs
    for run, text in zip(runs, groups["Issue"]["Equity's yield"].texts, strict=True):
        run.refresh_from_db()
        assert text == f"{100 * run.summary['equity']['yield_rate']:.2f}%"
        assert text in page


def test_a_choice_that_cannot_be_compared_is_refused(versions: list[StructureVersion], admin: User, client: Client):
    client.force_login(admin)
    assert client.get(address(versions[:1])).status_code == 400
    assert client.get(address(versions) + f"&of={NOBODYS}").status_code == 404
    assert client.get(address(versions) + "&of=x").status_code == 404


def test_a_program_runs_several_or_none(versions: list[StructureVersion], admin: User):
    program = Program(admin)
    answer = program.post("structures/runs", {"versions": [str(v.code) for v in versions], "cdr_rates": [0.0, 0.05]})
    assert answer.status_code == 201, answer.content
    runs = answer.json()["runs"]
    assert [run["version"] for run in runs] == [str(v.code) for v in versions]
    assert {tuple(run["terms"]["cdr_rates"]) for run in runs} == {(0.0, 0.05)}
    # Three are under way: with four more they would be seven of six, so that none of the four is asked for.
    earlier = StructureVersion.objects.get(structure=versions[1].structure, number=1)
    four = [str(v.code) for v in (*versions, earlier)]
    assert codes(program.post("structures/runs", {"versions": four})) == {"quota"}
    assert NotesRun.objects.count() == 3


def test_the_command_compares_those_it_runs(versions: list[StructureVersion], admin: User):
    out = StringIO()
    named = [str(version.structure.code) for version in versions[:2]]
    call_command("run_structure", structure=named, stdout=out)
    told = out.getvalue()
    assert "Issue: Notes over the pool" in told
    line = next(each for each in told.splitlines() if "Class B: Enhancement" in each)
    assert line.split()[-2:] == ["10.0%", "15.0%"]
    with pytest.raises(CommandError, match="one structure"):
        call_command("run_structure", structure=named, papers="x.zip")
    assert NoteStructure.objects.count() == 3
