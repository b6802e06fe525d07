"""The room by the API: a program sends a day's file, compares, works its breaks; a second person decides."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from jobs.work import work
from reconciliation.models import Break, ReceivedFile
from tests import world
from tests.api.cast import Program, codes
from tests.reconciliation.cast import DAY
from tests.reconciliation.files import content

pytestmark = pytest.mark.django_db
LATE = b"HDR|BROKER C\nTRD|000008|ANF0053|00502|ZNU6|32|109-080|06/15/2026|06/16/2026|USD\nTRL|1|32\n"


@pytest.fixture
def program(analyst: User) -> Program:
    return Program(analyst)


@pytest.fixture
def many(day: Any) -> list[Break]:
    """Breaks of several scores, days and amounts, some alike in each."""
    row = day.definition.breaks.first()
    made = [
        Break(
            **{
                name: getattr(row, name)
                for name in ("definition", "type", "severity", "team", "answer_by", "resolve_by")
            },
            identity=f"made {number}",
            reference=f"made {number}",
            score=number % 3,
            amount=Decimal(number % 4) - Decimal("1.5"),
            cluster="made" if number < 5 else "",
            opened_at=row.opened_at - timedelta(hours=number % 5),
        )
        for number in range(23)
    ]
    Break.objects.bulk_create(made)
    return list(Break.objects.all())


def sent(program: Program, source: Any, file: bytes, **fields: Any) -> Any:
    given = {"file": SimpleUploadedFile("day.txt", file), "business_date": str(DAY), **fields}
    return program.client.post(f"/api/v1/ingestion/sources/{source.code}/files", given, headers=program.headers)


def all_pages(program: Program, path: str) -> list[dict[str, Any]]:
    found, address = [], path
    while address:
        page = program.get(address.removeprefix("http://testserver")).json()
        found += page["items"]
        address = page["next"]
    return found


def test_a_day_from_a_file_to_a_report(day, program, officer):
    answer = sent(program, day.theirs, LATE)
    assert answer.status_code == 201, answer.content
    [file] = answer.json()["files"]
    assert (file["state"], file["record_count"], file["channel"]) == ("read", 1, "api")
    again = sent(program, day.theirs, LATE).json()["files"]
    assert [each["code"] for each in again] == [file["code"]]
    asked = program.post("reconciliation/runs", {"definition": str(day.definition.code), "business_date": str(DAY)})
    assert asked.status_code == 201, asked.content
    code = asked.json()["code"]
    work(code)
    run = program.get(f"reconciliation/runs/{code}").json()
    assert (run["state"], run["summary"]["breaks"]) == ("done", {"opened": 0, "kept": 2, "gone": 1})
    groups = all_pages(program, f"reconciliation/runs/{code}/groups?limit=3")
    assert [each["number"] for each in groups] == sorted(each["number"] for each in groups)
    assert sum(run["summary"]["verdicts"].values()) == len(groups)
    exported = program.get(f"reports/runs/{code}/export?kind=csv").content.decode("utf-8-sig")
    assert [row["verdict"] for row in csv.DictReader(io.StringIO(exported))] == [each["verdict"] for each in groups]
    assert program.get("governance/trail").status_code == 403
    trail = all_pages(Program(officer), "governance/trail?limit=20")
    assert {"reconciliation.requested", "reconciliation.file_received"} <= {each["action"] for each in trail}
    assert {each["action"].split(".")[0] for each in trail} <= {"break", "reconciliation", "mapping", "recon_terms"}


def test_what_is_wrong_with_a_file_is_told_with_its_place(day, program):
    cut = content("broker_c_trades.txt").rpartition(b"\nTRL")[0] + b"\nTRL|99|0\n"
    [file] = sent(program, day.theirs, cut).json()["files"]
    assert (file["state"], file["record_count"]) == ("refused", 0)
    [problem] = file["problems"]
    assert "TRAILER" in problem["code"]
    listed = program.get("ingestion/files?state=refused").json()["items"]
    assert [each["code"] for each in listed] == [file["code"]]
    assert ReceivedFile.objects.get(code=file["code"]).received_by.email == "iris@house.example"


def test_a_key_sent_again_with_another_day_is_refused(day, program):
    told = {**program.headers, "Idempotency-Key": "one"}
    address = f"/api/v1/ingestion/sources/{day.theirs.code}/files"
    statuses = [
        program.client.post(
            address, {"file": SimpleUploadedFile("day.txt", LATE), "business_date": date}, headers=told
        ).status_code
        for date in (str(DAY), str(DAY), "2026-06-17")
    ]
    assert statuses == [201, 201, 422]


@pytest.mark.parametrize("sort", ["-score", "opened_at", "-opened_at", "-resolve_by", "amount", "-amount"])
def test_breaks_come_sorted_in_pages_each_once(many, program, sort):
    found = all_pages(program, f"exceptions/breaks?sort={sort}&limit=4")
    name = sort.lstrip("-")

    def key(row: Break) -> tuple[Any, ...]:
        value = getattr(row, name)
        own = (
            -value.timestamp()
            if sort[0] == "-" and hasattr(value, "timestamp")
            else -value
            if sort[0] == "-"
            else value
        )
        return own, -row.score, row.opened_at, row.pk

    assert [each["code"] for each in found] == [str(row.code) for row in sorted(many, key=key)]


def test_breaks_are_filtered(many, program):
    assert len(all_pages(program, "exceptions/breaks?cluster=made")) == 5
    assert len(all_pages(program, "exceptions/breaks?q=made%201&limit=200")) == 11
    assert all_pages(program, "exceptions/breaks?owner=nobody&state=resolved") == []
    clusters = program.get("exceptions/clusters").json()["clusters"]
    assert [(each["cluster"], each["count"]) for each in clusters] == [("made", 5)]
    assert codes(program.get("exceptions/breaks?sort=colour")) == {"invalid_choice"}


def test_a_cluster_is_resolved_at_once_and_a_large_break_by_two(many, day, program, officer, analyst):
    done = program.post("exceptions/breaks/resolve", {"cluster": "made", "reason": "Rounding"}).json()["breaks"]
    assert [each["state"] for each in done] == ["resolved"] * 5
    large = Break.objects.get(type="MISSING_EXTERNAL", definition=day.definition, reference__contains="ANF0053")
    asked = {"breaks": [str(large.code)], "reason": "Booked twice"}
    assert program.post("exceptions/breaks/resolve", asked).json()["breaks"][0]["state"] == "proposed"
    assert program.post(f"governance/resolutions/{large.code}/approve").status_code == 403
    second = Program(officer)
    assert [each["code"] for each in second.get("governance/resolutions").json()["items"]] == [str(large.code)]
    approved = second.post(f"governance/resolutions/{large.code}/approve", {"comment": "Seen"}).json()
    assert (approved["state"], approved["settled_by"]["email"]) == ("resolved", officer.email)
    said = program.get(f"exceptions/breaks/{large.code}/comments").json()["items"]
    assert [(each["text"], each["by"]["email"]) for each in said] == [("Seen", officer.email)]
    assert second.post("exceptions/breaks/resolve", asked).status_code == 403


def test_breaks_are_given_to_those_who_work_on_them(day, program, analyst, officer):
    row = day.definition.breaks.first()
    chosen = {"breaks": [str(row.code)]}
    given = program.post("exceptions/breaks/assign", {**chosen, "owner": analyst.email}).json()["breaks"]
    assert given[0]["owner"]["email"] == analyst.email
    for owner in (officer.email, "nobody@house.example"):
        assert codes(program.post("exceptions/breaks/assign", {**chosen, "owner": owner})) == {"owner"}
    wrong = {"breaks": ["00000000-0000-4000-8000-000000000000"], "owner": None}
    assert codes(program.post("exceptions/breaks/assign", wrong)) == {"no_such_break"}
    assert codes(program.post("exceptions/breaks/assign", {"owner": None})) == {"breaks"}
    assert codes(program.post("exceptions/breaks/assign", {**chosen, "cluster": "x", "owner": None})) == {"breaks"}


def test_sources_and_definitions_are_set_up(day, program):
    fields = {"name": "Messages", "role": "broker", "format": "fpml", "due_at": "18:00:00"}
    made = program.post("ingestion/sources", fields).json()
    assert (made["book"], made["due_at"]) == ("otc", "18:00:00")
    changed = program("put", f"ingestion/sources/{made['code']}", {**fields, "most_megabytes": 5}, If_Match="*").json()
    assert (changed["most_megabytes"], changed["code"]) == (5, made["code"])
    one_side = {"name": "OTC", "what": "otc", "sources": [made["code"]]}
    assert codes(program.post("configuration/definitions", one_side)) == {"sides"}
    both = {"name": "Again C", "what": "listed", "sources": [str(day.ours.code), str(day.theirs.code)]}
    told = program.post("configuration/definitions", both).json()
    assert set(told["sources"]) == {str(day.ours.code), str(day.theirs.code)}


def test_a_word_on_records_is_given_and_taken_back(day, program):
    address = f"reconciliation/definitions/{day.definition.code}/decisions"
    word = {"choice": "match", "internal": ["ANF0053"], "external": ["ANF0052"], "reason": "one trade"}
    made = program.post(address, word).json()
    assert (made["internal"], made["is_taken_back"]) == (["ANF0053"], False)
    assert program.post(f"reconciliation/decisions/{made['code']}/take-back").json()["is_taken_back"]
    assert [each["code"] for each in program.get(address).json()["items"]] == [made["code"]]


def test_reports_say_what_the_dashboard_says(day, program, officer):
    ages = program.get("reports/ages").json()["ages"]
    assert (ages[0]["total"], ages[0]["by_severity"]) == (3, {"CRITICAL": 3})
    [rate] = [each for each in program.get("reports/match-rates").json()["match_rates"] if each["matched"]]
    assert 0 < rate["ratio"] < 1
    assert program.get("reports/statements?business_date=2026-06-16").json()["statements"] == []
    rights = {each["action"]: each["roles"] for each in Program(officer).get("governance/rights").json()["rights"]}
    assert rights["reconciliation.govern"] == ["admin", "reconciliation.compliance"]
    assert program.get("governance/rights").status_code == 403


def test_to_everybody_else_nothing_is_there(day):
    stranger = Program(world.sofia())
    for address in ("ingestion/files", "exceptions/breaks", "governance/trail", f"ingestion/files/{day.files[0].code}"):
        assert stranger.get(address).status_code == 404, address
