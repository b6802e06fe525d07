"""What a declaration of one table is given: life, difference, exchange by JSON and Excel, pages; and of no room a word."""

import io
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from records.cells import changes
from records.editing import Typed
from records.exchange import document_of, read_json, write_json
from records.models import Status
from records.problems import content_problems
from records.queries import current_version, standings
from records.screen import Grids, change_lines
from records.services import (
    approve_version,
    copy_version,
    edit_version,
    import_version,
    install_version,
    submit_version,
)
from records.workbook import read_workbook, write_workbook
from tests.records.toys import TOYS, ToySet, document

pytestmark = pytest.mark.urls("tests.records.toys")
SignIn = Callable[[User], Client]
WEIGHT = "toys.ball.weight"


@pytest.fixture
def toys(db: None) -> ToySet:
    return install_version(model=ToySet, document=document())


def heavier(version: ToySet, by: User, weight: str = "3") -> ToySet:
    typed = {WEIGHT: Typed(weight, "derived", "weighed")}
    return edit_version(by=by, version=version, revision=version.revision, cells=typed)


def test_its_life(toys: ToySet, admin: User, second_admin: User) -> None:
    draft = heavier(copy_version(by=admin, version=toys), admin)
    waiting = submit_version(by=admin, version=draft)
    with pytest.raises(Forbidden, match="second administrator"):
        approve_version(by=admin, version=waiting)
    active = approve_version(by=second_admin, version=waiting)
    assert current_version(ToySet, "nursery") == active
    words = {each.version: standings(ToySet.objects.all())[each.pk].words for each in ToySet.objects.all()}
    assert words == {1: "Superseded", 2: "In force"}
    actions = AuditEntry.objects.filter(target_type="records.ToySet").order_by("pk").values_list("action", flat=True)
    assert list(actions) == [f"toy_set.{verb}" for verb in ("added", "copied", "edited", "submitted", "approved")]
    with pytest.raises(AppendOnlyError, match="An active toy set is never changed"):
        active.save()


def test_whoever_is_no_administrator_does_not_write(toys: ToySet, internal: User) -> None:
    with pytest.raises(Forbidden, match="Only administrators work on toys"):
        copy_version(by=internal, version=toys)


def test_none_in_force(db: None) -> None:
    with pytest.raises(NotFound, match="no active toy set of the family nursery"):
        current_version(ToySet, "nursery")


def test_its_difference(toys: ToySet, admin: User) -> None:
    draft = heavier(copy_version(by=admin, version=toys), admin)
    (line, said) = change_lines(TOYS, toys.content, draft.content)
    assert (line.table, line.row, line.field, line.old, line.new) == ("Toys", "ball", "Weight", "1", "3")
    # The row says once where its cells come from: the other cell's source changes with it.
    assert (said.field, said.value_differs) == ("Tolerance", False)


def test_its_grid() -> None:
    (grid,) = Grids(TOYS, document()["content"]).part("toys")
    assert grid.heads == ("Weight", "Tolerance")
    assert [(row.label, [cell and cell.text for cell in row.cells]) for row in grid.rows] == [
        ("ball", ["1", "5%"]),
        ("train", ["2.5", "\N{EN DASH}"]),
    ]
    assert Grids(TOYS, document()["content"]).parts() == {"toys": "Toys"}


FORMS = {
    "json": (write_json, read_json),
    "xlsx": (lambda given: write_workbook(TOYS, given), lambda raw: read_workbook(TOYS, raw)),
}


@pytest.mark.parametrize("form", FORMS)
def test_out_and_in_again(toys: ToySet, admin: User, form: str) -> None:
    write, read = FORMS[form]
    reading = read(write(document_of(toys)))
    assert (reading.problems, reading.document) == ([], document_of(toys))
    draft = import_version(by=admin, model=ToySet, reading=reading)
    assert (draft.label, draft.status, draft.based_on) == ("nursery/2", Status.DRAFT, toys)
    assert changes(TOYS, toys.content, draft.content) == []


# A cell of the sheet Toys, what is typed there, and how it is refused.
REFUSED: list[tuple[str, Any, str]] = [
    ("B2", 11, "Toys!B2: ball: Weight: expected 0 to 10, got 11."),
    ("B3", "heavy", "Toys!B3: train: Weight: expected a number, got 'heavy'."),
    ("B2", None, "Toys!B2: ball: Weight is missing: enter a value."),
    ("B2", "=1+1", "Toys!B2: a formula: enter the value itself."),
    ("E3", None, "Toys!B3: toys train weight: the source is missing"),
    ("D2", "hearsay", "Toys!B2: toys ball weight: provenance: expected sourced"),
    ("B1", "mass", "Toys!1: the column weight is missing"),
]


@pytest.mark.parametrize(("cell", "typed", "reason"), REFUSED, ids=[f"{r[0]}-{r[1]}" for r in REFUSED])
def test_a_workbook_is_refused_row_by_row(toys: ToySet, admin: User, cell: str, typed: Any, reason: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(TOYS, document())))
    book["Toys"][cell] = typed
    saved = io.BytesIO()
    book.save(saved)
    with pytest.raises(Invalid) as refused:
        import_version(by=admin, model=ToySet, reading=read_workbook(TOYS, saved.getvalue()))
    assert any(problem.message.startswith(reason) for problem in refused.value.problems), str(refused.value)
    assert ToySet.objects.count() == 1


@pytest.mark.parametrize("printed", ['0.00"%"', r"0.00\%"])
def test_a_printed_per_cent_sign_is_no_percentage(printed: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(TOYS, document())))
    book["Toys"]["C2"], book["Toys"]["C3"] = 0.95, 0.05
    book["Toys"]["C2"].number_format, book["Toys"]["C3"].number_format = printed, "0.00%"
    saved = io.BytesIO()
    book.save(saved)
    reading = read_workbook(TOYS, saved.getvalue())
    (problem,) = reading.problems
    assert problem.message.startswith("Toys!C2: the cell shows 0.95%: enter it as a number")
    assert [row["tolerance_rate"] for row in reading.document["content"]["toys"]] == [None, 0.05]


FAULTS: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("no_toys", lambda c: c.update(toys=[]), "There are no toys: add a row at least."),
    ("unknown", lambda c: c.update(dolls=[]), "dolls is not a table of a toy set: expected toys."),
    ("not_rows", lambda c: c.update(toys=[3]), "toys: expected a list of rows with named values."),
    ("missing", lambda c: c["toys"][1].pop("weight"), "toys row 2: weight is missing."),
    ("wrong_kind", lambda c: c["toys"][0].update(kind=7), "toys row 1: kind: expected text, got 7."),
    ("unknown", lambda c: c["toys"][0].update(colour="red"), "toys row 1: colour is no column of it."),
    ("too_precise", lambda c: c["toys"][0].update(weight=1.2000000000000002), "has more than 15 digits: round it."),
]


@pytest.mark.parametrize(("code", "spoil", "reason"), FAULTS, ids=[f"{f[0]}-{f[2][:12]}" for f in FAULTS])
def test_its_faults(code: str, spoil: Callable[[dict[str, Any]], Any], reason: str) -> None:
    content = deepcopy(document()["content"])
    assert content_problems(TOYS, content) == ()
    spoil(content)
    assert [p for p in content_problems(TOYS, content) if p.code == code and p.message.endswith(reason)]


def test_its_pages(toys: ToySet, admin: User, second_admin: User, sponsor: User, signed_in: SignIn) -> None:
    ada, amir, sofia = (signed_in(person) for person in (admin, second_admin, sponsor))
    upload = SimpleUploadedFile("toys.json", write_json(document(effective_from="2026-01-01")))
    imported = ada.post(reverse("admin:records_toyset_import"), {"file": upload})
    draft = ToySet.objects.get(version=2)
    assert imported.headers["Location"] == draft.admin_url()
    typed = {f"{WEIGHT}|value": "4", "toys.ball|provenance": "sourced", "toys.ball|source": "the scales"}
    page = ada.post(draft.admin_url(), {"do": "submit", "part": "toys", "revision": "1", **typed}, follow=True)
    assert "A second administrator decides" in page.content.decode()
    assert sofia.get(draft.get_absolute_url()).status_code == 404
    amir.post(draft.admin_url(), {"do": "approve"})
    assert "the scales" in sofia.get(draft.get_absolute_url()).content.decode()
    assert "<h1>Toys</h1>" in sofia.get(reverse("toys-list")).content.decode()
    assert "Cells that differ: 2" in sofia.get(reverse("toys-changes", args=[draft.code])).content.decode()
    assert sofia.get(reverse("toys-export", args=[draft.code]), {"form": "xlsx"}).content[:2] == b"PK"
    assert ada.get(reverse("admin:records_toyset_changelist")).status_code == 200
