"""Runs: the verdicts of the reference through files and rows, breaks that keep their age, people's word that stays."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.db import IntegrityError, transaction
from lxml import etree

from reconciliation import exports
from reconciliation.demo import load_day
from reconciliation.models import Break, BreakState, Member, ReconciliationRun
from reconciliation.services.decide_records import decide_records, take_back
from reconciliation.services.receive_file import receive_file
from tests.reconciliation.cast import DAY, compared
from tests.reconciliation.files import expected

pytestmark = pytest.mark.django_db


def verdicts(run: ReconciliationRun) -> dict[tuple[str, ...], str]:
    return {tuple(group.detail["references"]): group.verdict for group in run.match_groups.all()}


def test_the_demo_day_comes_out_as_the_reference_says(day, admin):
    runs = {run.title: run.summary["verdicts"] for run in load_day(admin)}
    for title, path in (
        ("OTC trades", "otc_expected_matches.csv"),
        ("Listed trades", "etd_fixml_expected_matches.csv"),
    ):
        counts = Counter(row["verdict"] for row in expected(path))
        counts["AMBIGUOUS"] = counts["AMBIGUOUS"] and 1  # two lines of the file are one group
        assert runs[title] == {name: count for name, count in counts.items() if count}, title
    for title, path in (
        ("Positions at broker A", "broker_a_expected.csv"),
        ("Allocations of broker B", "broker_b_expected.csv"),
        ("Trades with broker C", "broker_c_expected.csv"),
        ("Cleared trades, three books", "nway_expected.csv"),
        ("Cash", "cash_expected.csv"),
    ):
        assert runs[title] == Counter(row["verdict"] for row in expected(path)), title
    assert load_day(admin) == []


def test_a_run_again_keeps_the_age_of_breaks(day, admin):
    before = dict(Break.objects.values_list("identity", "opened_at"))
    again = compared(admin, day.definition)
    assert again.summary["breaks"] == {"opened": 0, "kept": 3, "gone": 0}
    assert dict(Break.objects.values_list("identity", "opened_at")) == before


def test_what_a_later_file_explains_is_gone(day, admin):
    missing = Break.objects.get(type="MISSING_EXTERNAL")
    line = b"HDR|BROKER C\nTRD|000008|ANF0053|00502|ZNU6|32|109-080|06/15/2026|06/16/2026|USD\nTRL|1|32\n"
    receive_file(by=admin, source=day.theirs, name="late.txt", content=line, business_date=DAY)
    compared(admin, day.definition)
    missing.refresh_from_db()
    assert missing.state == BreakState.GONE


def test_a_record_is_in_one_live_group_of_a_run(day):
    member = Member.objects.filter(run=day.run, is_live=True).earliest("pk")
    other = day.run.match_groups.exclude(pk=member.group_id).first()
    twice = Member(run=day.run, group=other, record=member.record, is_internal=member.is_internal)
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save()
    twice.is_live = False
    twice.save()


def test_peoples_word_survives_runs_until_it_is_taken_back(day, admin):
    word: dict[str, Any] = {
        "internal": ["ANF0052", "ANF0053"],
        "external": ["ANF0052"],
        "reason": "one price for both, by phone",
    }
    decision = decide_records(by=admin, definition=day.definition, choice="match", **word)
    for _ in range(2):
        found = verdicts(compared(admin, day.definition))
        assert found["ANF0052", "ANF0053", "ANF0052"] == "MATCHED_MANUAL"
    take_back(by=admin, decision=decision)
    assert verdicts(compared(admin, day.definition)) == verdicts(day.run)


def test_what_people_split_stays_apart(day, admin):
    decide_records(
        by=admin,
        definition=day.definition,
        choice="split",
        internal=["ANF0046"],
        external=["ANF0046"],
        reason="not ours",
    )
    run = compared(admin, day.definition)
    apart = run.match_groups.filter(note="split by hand").values_list("verdict", flat=True)
    assert sorted(apart) == ["MISSING_EXTERNAL", "MISSING_INTERNAL"]


def test_every_export_says_the_same(day):
    lines = exports.lines_of(day.run)
    read = {
        "csv": list(csv.DictReader(io.StringIO(exports.export(day.run, "csv")[0].decode("utf-8-sig")))),
        "json": json.loads(exports.export(day.run, "json")[0]),
        "parquet": pq.read_table(io.BytesIO(exports.export(day.run, "parquet")[0])).to_pylist(),
    }
    for kind, found in read.items():
        assert found == lines, kind
    sheet = openpyxl.load_workbook(io.BytesIO(exports.export(day.run, "xlsx")[0])).active
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        list(each.values()) for each in lines
    ]
    root = etree.fromstring(exports.export(day.run, "xml")[0])
    assert [group.findtext("verdict") for group in root] == [each["verdict"] for each in lines]
    assert all(day.files[1].sha256 in each["files"] for each in lines if each["external"])


def test_what_a_spreadsheet_would_compute_leaves_with_an_apostrophe():
    line = dict.fromkeys(exports.COLUMNS, "") | {"note": "=cmd|' /C calc'!A0", "counterparty": "@SUM(A1)"}
    [read] = csv.DictReader(io.StringIO(exports.as_csv([line]).decode("utf-8-sig")))
    assert (read["note"], read["counterparty"]) == ("'=cmd|' /C calc'!A0", "'@SUM(A1)")
    sheet = openpyxl.load_workbook(io.BytesIO(exports.as_workbook([line]))).active
    assert "'=cmd|' /C calc'!A0" in [cell.value for cell in sheet[2]]


def test_a_run_is_asked_for_and_read_on_pages(day, analyst, client):
    client.force_login(analyst)
    page = client.get(f"/reconciliation/runs/{day.run.code}/").content.decode()
    assert "62.5%" in page
    filtered = client.get(f"/reconciliation/runs/{day.run.code}/?verdict=BREAK").content.decode()
    assert filtered.count("badge--bad") == 2
    group = day.run.match_groups.get(verdict="MATCHED_TOLERANCE")
    shown = client.get(f"/reconciliation/runs/{day.run.code}/groups/{group.number}/").content.decode()
    assert "110.8125" in shown
    assert "1 ticks" in shown
    assert ("Every side" in shown) is ("values" in group.detail)  # no table of nothing
    nothing = client.post(
        "/reconciliation/runs/new/", {"definition": day.definition.pk, "business_date": "2026-01-02"}, follow=True
    )
    assert "Nothing of 2026-01-02 was received" in nothing.content.decode()
