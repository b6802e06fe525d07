"""The client against the running platform: the same story in both forms, refusals, pages, frames; and the notebook."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import polars as pl
import pytest
from nbclient import NotebookClient

from accounts.models import AuditEntry, Scope, User
from accounts.services import issue_token
from api.models import KeptAnswer
from atlasnexus_client import AsyncClient, Client, Retries, errors, etag_of
from clients.python import generate
from documents.models import Pack
from permutations.models import Run
from projects.models import Project
from tests.permutations.conftest import approved_demo
from tests.stack import Platform

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
T = TypeVar("T")
NOTEBOOK = Path(generate.__file__).parent / "notebooks" / "main_job.ipynb"
# Eight points; at the lower coupon none passes.
LEVERS: Any = {"axes": {"senior_tenor_years": [15, 20], "senior_dscr": [1.3, 1.5], "senior_coupon_rate": [0.05, 0.07]}}
COLUMNS = ["index", "rank", "senior_tenor_years", "senior_amount", "senior_dscr"]
FILTER = ["senior_tenor_years|=|20"]


@pytest.fixture
def project(live: Platform) -> Project:
    """Sofia's, approved."""
    return approved_demo()


@pytest.fixture
def token(project: Project, admin: User) -> str:
    """One of Ada's, that opens everything."""
    return issue_token(by=admin, name="Tests", scopes=Scope.values, days=1)[1]


def in_loop(told: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What it gives in an event loop of a thread of its own: the tests' own may hold a browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, told()).result()


def test_a_program_that_waits_runs_and_takes_frames(live: Platform, project: Project, token: str):
    with Client(live.url, token) as client:
        run = client.start_run(str(project.code), levers=LEVERS, seed=7)
        told = list(client.follow(run))
        assert told[-1]["state"] == "done"
        assert told[-1]["done_count"] == told[-1]["total_count"] > 0
        assert set(told[-1]) == set(client.read_progress(run))
        assert client.read_run(run)["evaluated_count"] == 8

        rows = list(client.list_results(run, column=COLUMNS, sort=["-senior_amount", "index"], page_size=3))
        assert [len(rows), len({row["index"] for row in rows})] == [8, 8]
        assert {row["rank"] for row in rows} >= {None, 1, 2}
        columns = pl.DataFrame(rows, infer_schema_length=None).columns
        frame = client.polars_results(run, column=columns, sort=["-senior_amount", "index"])
        assert frame.to_dicts() == rows
        pandas = client.pandas_results(run, column=columns, sort=["-senior_amount", "index"])
        plain = pandas.astype(object).where(pandas.notna(), None)
        assert plain.to_dict("records") == rows
        assert str(pandas["rank"].dtype).startswith("int")  # whole numbers stay so where some are missing
        twenty = client.polars_results(run, column=columns, filter=FILTER, sort=["-senior_amount", "index"])
        assert twenty.to_dicts() == [row for row in rows if row["senior_tenor_years"] == 20]
        assert twenty.height == 4
    assert Run.objects.get().seed == 7


def test_an_event_loop_does_the_same(live: Platform, project: Project, token: str):
    async def story() -> tuple[str, float | None, pl.DataFrame]:
        async with AsyncClient(live.url, token) as client:
            run = await client.start_run(str(project.code), levers=LEVERS)
            progress = await client.wait(run)
            rows = [row async for row in client.list_results(run, sort=["rank"], page_size=2)]
            financing = await client.open_result(run, rows[0]["index"] or 0)
            detail = await client.read_financing_detail(financing)
            assert [each["code"] async for each in client.list_financings(project=financing["project"])] == [
                financing["code"]
            ]
            frame = await client.polars_results(run, column=["index", "senior_amount"], sort=["rank"])
            return progress["state"], detail["figures"]["senior_amount"], frame

    state, amount, frame = in_loop(story)
    assert state == "done"
    assert frame["senior_amount"][0] == pytest.approx(amount, rel=1e-9)


def test_a_run_is_cancelled_and_taken_up_again(live: Platform, project: Project, token: str):
    with Client(live.url, token) as client:
        run = client.start_run(str(project.code), budget=400_000, seed=1)
        assert client.cancel_job(run)["state"] == "cancelled"
        with pytest.raises(errors.JobFailed, match="cancelled"):
            client.wait(run)
        client.resume_run(run)
        assert next(client.follow(run))["state"] in {"queued", "working"}
        client.cancel_job(run)


def test_what_was_read_is_what_is_changed(live: Platform, project: Project, sponsor: User, token: str):
    hers = issue_token(by=sponsor, name="Hers", scopes=[Scope.READ, Scope.WRITE], days=1)[1]
    with Client(live.url, hers, retries=Retries(attempts=1)) as client:
        read = client.read_project(str(project.code))
        stale = client.read_project(str(project.code))
        edited = client.edit_project(read, title="Second title", inputs=read["inputs"])
        assert edited["title"] == "Second title"
        assert etag_of(edited) not in {"", etag_of(read)}
        with pytest.raises(errors.Changed) as caught:
            client.edit_project(stale, title="Third title", inputs=stale["inputs"])
        assert (caught.value.status, caught.value.code) == (412, "changed")
        with pytest.raises(errors.Changed) as caught:
            client.edit_project(str(project.code), title="Third title", inputs=read["inputs"])
        assert caught.value.status == 428
        assert client.edit_project(edited, title="Third title", inputs=edited["inputs"])["title"] == "Third title"

        with pytest.raises(errors.Invalid) as invalid:
            client.create_project(title="")
        assert [(each.code, each.pointer) for each in invalid.value.problems] == [("blank", "/title")]
        with pytest.raises(errors.Forbidden):
            client.start_run(str(project.code))
    with Client(live.url, "nobody's") as nobody, pytest.raises(errors.NotSignedIn):
        nobody.me()


def test_a_key_is_done_once(live: Platform, project: Project, token: str):
    with Client(live.url, token) as client:
        first = client.create_series(title="One", idempotency_key="k-1")
        assert client.create_series(title="One", idempotency_key="k-1") == first
        with pytest.raises(errors.Invalid) as caught:
            client.create_series(title="Another", idempotency_key="k-1")
        assert caught.value.code == "idempotency_key_reused"
        client.create_series(title="Two")
        client.create_series(title="Three")
        titles = [each["title"] for each in client.list_series(page_size=1)]
        assert titles == ["Three", "Two", "One"]
    keys = set(KeptAnswer.objects.values_list("key", flat=True))
    assert len(keys) == 3
    assert "k-1" in keys


def test_a_price_and_a_stress_of_ones_own(live: Platform, project: Project, token: str):
    with Client(live.url, token) as client:
        snapshot = next(client.list_snapshots(str(project.code)))
        priced = client.price(inputs=snapshot["content"], choice={"senior_tenor_years": 20})
        typed = client.type_financing(str(project.code), choice={"senior_tenor_years": 20}, title="By hand")
        figures = client.read_financing_detail(typed)["figures"]
        assert figures["senior_amount"] == priced["figures"]["senior_amount"]
        assert (figures["senior_amount"] or 0) > 0
        report = client.stress(typed, scenarios=[{"name": "Half", "vacancy_ratio": 0.5, "vacancy_months": 12}])[
            "report"
        ]
        assert report["base"] is not None
        assert [each["scenario"]["name"] for each in report["outcomes"]] == ["Half"]


def test_a_file_is_sent_and_taken_back(live: Platform, project: Project, sponsor: User, token: str, tmp_path: Path):
    lease = tmp_path / "lease.txt"
    lease.write_text("27 years")
    hers = issue_token(by=sponsor, name="Hers", scopes=[Scope.READ, Scope.WRITE], days=1)[1]
    with Client(live.url, hers) as client:
        by_path = client.add_file(str(project.code), file=lease)
        by_content = client.add_file(str(project.code), file=("note.txt", b"Ready"))
        assert (by_path["name"], client.download_file(by_path)) == ("lease.txt", b"27 years")
        assert (by_content["name"], client.download_file(by_content)) == ("note.txt", b"Ready")
        assert client.delete_file(by_content) is None
        assert [each["name"] for each in client.list_files(str(project.code))] == ["lease.txt"]


def test_the_notebook_does_the_main_job(
    live: Platform, project: Project, token: str, sponsor: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    hers = issue_token(by=sponsor, name="Notebook", scopes=[Scope.READ, Scope.WRITE], days=1)[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ATLAS")},
        "ATLAS_URL": live.url,
        "ATLAS_SPONSOR_TOKEN": hers,
        "ATLAS_ADMIN_TOKEN": token,
        "PYTHONPATH": str(generate.PACKAGE.parent),
        "IPYTHONDIR": str(tmp_path),
    }
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # kept without
    runner = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    in_loop(lambda: runner.async_execute(env=environment))
    pack = Pack.objects.get()
    said = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    assert f"{pack.number}: {pack.documents.count()} files verified\n" in said
    assert "Senior debt " in said
    assert pack.is_issued
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "project.created",
        "submission.approved",
        "run.finished",
        "pack.issued",
    }
