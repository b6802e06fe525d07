"""The watched folder takes what is whole; extracts for regulators say what is missing."""

from __future__ import annotations

import csv
import io
import os
import time

import pytest

from reconciliation.folder import watch_folder
from reconciliation.models import ReceivedFile
from reconciliation.regulatory import REGIMES, row_of
from tests.reconciliation import files
from tests.reconciliation.cast import compared, send, source

pytestmark = pytest.mark.django_db
LEIS = {"us": "ATLSNEXUSFICTIVE0145", "CHARLIE": "CHARLIEDEALFICTV0437"}


def test_a_quiet_file_in_a_sources_folder_is_taken_in_once(day, settings, tmp_path):
    settings.ATLASNEXUS_WATCHED_FOLDER = str(tmp_path)
    day.theirs.folder = "broker-c"
    day.theirs.save()
    folder = tmp_path / "broker-c"
    folder.mkdir()
    (folder / "fresh.txt").write_bytes(b"still being written")
    whole = folder / "day.txt"
    whole.write_bytes(files.content("broker_c_trades.txt").replace(b"ANF0052", b"ANF0098"))
    os.utime(whole, (time.time() - 60,) * 2)
    (folder / "link.txt").symlink_to("/etc/hostname")
    assert watch_folder() == 1
    row = ReceivedFile.objects.get(name="day.txt")
    assert (row.channel, row.received_by, row.record_count) == ("folder", None, 7)
    assert sorted(path.name for path in folder.iterdir()) == ["done", "fresh.txt", "link.txt"]
    assert watch_folder() == 0


def test_without_a_folder_nothing_is_watched(day, settings):
    settings.ATLASNEXUS_WATCHED_FOLDER = ""
    assert watch_folder() == 0


def test_a_swap_in_the_fields_of_each_regime():
    [swap, *_] = files.records("otc_internal.csv", "our-otc-trades")
    values = {name: swap.text(name) for name in swap.values}
    found = {regime: row_of(regime, values, LEIS) for regime in REGIMES}
    assert found["emir"]["Counterparty 2"] == "CHARLIEDEALFICTV0437"
    assert found["emir"]["Direction"] == "TAKE"  # we receive the fixed rate
    assert (found["emir"]["completeness"], found["emir"]["missing"]) == ("100%", "")
    assert found["cftc"]["Asset class"] == "IR"
    assert all(row["note"] == "not validated by a repository" for row in found.values())


def test_what_is_missing_is_said():
    values = {"product": "fxOption", "counterparty": "NOBODY", "side": "BUY"}
    row = row_of("mifir", values, LEIS)
    assert row["missing"].split("; ")[0] == "Buyer or seller identification code"
    assert row["completeness"] == "10%"  # 1 of 10: our own code


def test_an_extract_has_every_trade_of_ours(day, admin, client):
    from reconciliation.models import Role, Source
    from reconciliation.services.define_reconciliation import define_reconciliation
    from reconciliation.services.save_source import save_source

    ours = source(admin, "Our OTC book", Role.INTERNAL, "our-otc-trades", book="otc")
    theirs = save_source(by=admin, source=Source(name="Messages", role=Role.BROKER, format="fpml", book="otc"))
    send(admin, ours, "otc_internal.csv")
    send(admin, theirs, "fpml/V197998_swap.xml")
    run = compared(admin, define_reconciliation(by=admin, name="OTC", what="otc", sources=[ours, theirs]))
    client.force_login(admin)
    answer = client.get(f"/reconciliation/runs/{run.code}/export/emir/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 38
    assert sum(row["completeness"] == "100%" for row in rows) == 36  # the twins have no UTI
    assert client.get(f"/reconciliation/runs/{run.code}/export/none/").status_code == 404
