"""Universes and panels of a desk: members put in, a dirty file mended, compared, taken as a whole."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from xlsxwriter import Workbook

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid, UnreadableFile
from lib.grids import read_sheet
from strategies.access import get_visible
from strategies.frames import read_frame
from strategies.models import Dataset, DatasetKind, ImportState, PanelImport, Universe
from strategies.panel_files import read_panel_file
from strategies.panel_imports import differences, plain, read_import, suggested_mapping
from strategies.queries import latest_dataset
from strategies.services.import_panel import (
    apply_import,
    discard_import,
    leave_out,
    map_import,
    mend_import,
    open_import,
)
from strategies.services.universes import make_universe, put_members

pytestmark = pytest.mark.django_db

MEMBERS: list[dict[str, Any]] = [
    {"ident": "AAA", "name": "Alpha", "sector": "Towers", "currency": "EUR", "from_date": "2025-01-01"},
    {"ident": "BBB", "name": "Beta", "sector": "Offices", "currency": "EUR", "from_date": "2025-01-01",
     "until_date": "2025-06-30"},
]  # fmt: skip
SOUND = "Price Date,Ticker,PX_LAST,CCY\n2025-06-02,AAA,10,EUR\n2025-06-02,BBB,20,EUR\n2025-06-03,AAA,10.5,EUR\n"
DIRTY = (
    "Price Date;Ticker;PX_LAST;CCY;Note\n"
    "2025-06-02;AAA;10;EUR;\n"  # 1
    "2025-06-03;AAA;0;EUR;\n"  # 2 not above nil
    "2025-06-03;BBB;20;USD;\n"  # 3 other currency
    "03.06.2025;BBB;20;EUR;\n"  # 4 no date
    "2025-06-04;CCC;7;EUR;\n"  # 5 not in the universe
    "2025-06-04;AAA;11;EUR;\n"  # 6
    "2025-06-04;AAA;11;EUR;\n"  # 7 repeats
)


def taken_in(by: User, universe: Universe, text: str | bytes, name: str = "prices.csv", kind: str = "prices"):
    content = text.encode() if isinstance(text, str) else text
    return open_import(by=by, universe=universe, kind=kind, sender="Vendor", file_name=name, content=content)


@pytest.fixture
def two(desk, quant: User) -> Universe:
    """A universe of two names."""
    return put_members(by=quant, universe=make_universe(by=quant, desk=desk, name="Two"), rows=MEMBERS)


def said(error: pytest.ExceptionInfo[Invalid]) -> str:
    return str(error.value)


# Members


def test_members_are_joined_and_a_stay_is_ended_by_putting_it_in_again(two: Universe, quant: User):
    ended = {**MEMBERS[0], "until_date": "2025-03-31", "currency": "eur", "esg_score": 55}
    back = {**MEMBERS[0], "from_date": "2025-05-01"}
    held = put_members(by=quant, universe=two, rows=[ended, back])
    assert [(row["ident"], row["from_date"], row["until_date"]) for row in held.members] == [
        ("AAA", "2025-01-01", "2025-03-31"), ("AAA", "2025-05-01", None), ("BBB", "2025-01-01", "2025-06-30"),
    ]  # fmt: skip
    assert (held.members[0]["currency"], held.members[0]["esg_score"]) == ("EUR", 55)
    entry = AuditEntry.objects.filter(action="universe.members_put").latest("pk")
    assert (entry.after or {})["changed"] == 2


def test_one_bad_member_leaves_all_out_and_each_fault_is_told(two: Universe, quant: User):
    rows: list[dict[str, Any]] = [
        {**MEMBERS[0], "ident": "DDD"},
        {"ident": "EEE", "from_date": "soon", "esg_score": 101},
    ]
    with pytest.raises(Invalid) as error:
        put_members(by=quant, universe=two, rows=rows)
    places = {problem.place for problem in error.value.problems}
    assert places == {"2.name", "2.sector", "2.currency", "2.esg_score", "2.from_date"}
    two.refresh_from_db()
    assert len(two.members) == 2


def test_overlapping_stays_are_refused(two: Universe, quant: User):
    with pytest.raises(Invalid) as error:
        put_members(by=quant, universe=two, rows=[{**MEMBERS[1], "from_date": "2025-06-30"}])
    assert "BBB is a member already when it comes on 2025-06-30" in said(error)


# Files


def test_headers_are_understood_by_their_names():
    assert plain(" EV / EBITDA ") == "ev_ebitda"
    assert plain("12m mom") == "f_12m_mom"
    assert suggested_mapping("prices", ["Price Date", "ISIN", "PX_LAST", "Close", "Volume", "Note"]) == {
        "Price Date": "date", "ISIN": "id", "PX_LAST": "close", "Close": "", "Volume": "adv_shares", "Note": "",
    }  # fmt: skip
    assert suggested_mapping("factors", ["date", "ticker", "ROE", "published"]) == {
        "date": "date", "ticker": "id", "ROE": "roe", "published": "known_since",
    }  # fmt: skip
    kept = {"PRICE DATE": "date", "Note": "id", "close": ""}
    assert suggested_mapping("prices", ["price date", "note", "close", "price"], kept) == {
        "price date": "date", "note": "id", "close": "", "price": "close",
    }  # fmt: skip


def workbook() -> bytes:
    stream = io.BytesIO()
    with Workbook(stream, {"in_memory": True}) as book:
        sheet, days = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Date", "Id", "Close"])
        for row, (serial, ident, close) in enumerate([(45810, "AAA", 10), (45811, "AAA", 10.5)], start=1):
            sheet.write_number(row, 0, serial, days)
            sheet.write_row(row, 1, [ident, close])
    return stream.getvalue()


def parquet(**columns) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def days(*texts: str) -> pa.Array:
    return pa.array(np.array(texts, "datetime64[ms]"))


PARQUET = parquet(Date=days("2025-06-02", "2025-06-03"), Id=["AAA", "AAA"], Close=[10.0, 10.5])
CSV = "Date,Id,Close\r\n2025-06-02,AAA,10\r\n\r\n2025-06-03,AAA,10.5\r\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (CSV.encode(), "a.csv"), (CSV.encode("utf-8-sig"), "a.csv"), (CSV.replace(",", "\t").encode(), "a.txt"),
        (CSV.replace(",", ";").encode(), "a.csv"), (workbook(), "a.xlsx"), (PARQUET, "a.parquet"),
    ],
)  # fmt: skip
def test_a_panel_is_the_same_from_every_kind_of_file(two: Universe, quant: User, content: bytes, name: str):
    reading = read_import(taken_in(quant, two, content, name))
    rows = reading.checked.rows
    assert reading.refused_count == 0
    assert rows.dates.astype(str).tolist() == ["2025-06-02", "2025-06-03"]
    assert rows.values["close"].tolist() == [10, 10.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"date,id,close\n", "no row below its header"),
        (b"", "no row below its header"),
        (b"date,id,close\n2025-06-02,AAA,1,2\n", "Line 2 has more or fewer cells than the header"),
        (b"date,id,close\n2025-06-02,AAA,1\n2025-06-02,BBB\n", "Line 3 has more or fewer cells"),
        (b"date,id,id\n2025-06-02,AAA,1\n", "Two columns are headed id"),
        (b"\x00\x01\x02", "neither text"),
        (b"PAR1 and nothing else", "cannot be read as one"),
        (parquet(date=days("2025-06-02"), figures=[[1.0, 2.0]]), "Column figures holds no plain values"),
    ],
)
def test_what_is_no_panel_is_refused_in_words(content: bytes, words: str):
    with pytest.raises(UnreadableFile) as error:
        read_panel_file(content, "a.csv")
    assert words in said(error)


# Mending and taking


def sheet_of(rows: int) -> bytes:
    out = io.BytesIO()
    with Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["date", "id", "close"])
        for row in range(rows):
            sheet.write_row(row + 1, 0, [f"{2000 + row // 300}-01-{row % 28 + 1:02}", f"N{row}", row + 0.25])
    return out.getvalue()


def test_a_workbook_is_read_to_its_last_row():
    found = read_panel_file(sheet_of(25_000), "a.xlsx")
    assert len(found) == 25_000
    assert [found.text(24_999, header) for header in found.headers] == ["2083-01-24", "N24999", "24999.25"]


def test_a_sheet_with_a_row_too_many_is_refused_and_not_cut():
    assert len(read_sheet(sheet_of(3), 3).rows) == 3
    with pytest.raises(UnreadableFile, match="more than 2 rows"):
        read_sheet(sheet_of(3), 2)


def test_the_most_rows_are_said_before_and_after(
    client: Client, quant: User, two: Universe, monkeypatch: pytest.MonkeyPatch
):
    client.force_login(quant)
    address = reverse("universe-data", args=[two.code])
    assert "Excel holds at most 200,000 rows here, CSV and Parquet 2,000,000" in client.get(address).content.decode()
    monkeypatch.setattr("strategies.panel_files.MOST_SHEET_ROWS", 2)
    sent = {"kind": "prices", "sender": "V", "file": SimpleUploadedFile("a.xlsx", sheet_of(3))}
    page = client.post(address, sent)
    assert page.status_code == 422
    assert "more than 2 rows. Save it as CSV or Parquet, which may have 2,000,000." in page.content.decode()


def test_a_dirty_file_is_told_row_by_row_mended_and_taken(two: Universe, quant: User):
    found = taken_in(quant, two, DIRTY)
    assert found.mapping == {"Price Date": "date", "Ticker": "id", "PX_LAST": "close", "CCY": "currency", "Note": ""}
    reading = read_import(found)
    told = [(each.row, each.column, each.code) for each in reading.checked.findings]
    assert told == [
        (3, "date", "not_a_date"), (4, "id", "unknown_name"), (1, "close", "not_above_nil"), (2, "currency", "currency_mix"),
        (6, "id", "repeated"),
    ]  # fmt: skip
    assert reading.checked.refused_rows.tolist() == [1, 2, 3, 4]
    with pytest.raises(Invalid) as error:
        apply_import(by=quant, found=found)
    assert "Rows 2, 3, 4, 5 are refused: correct them or leave them out with a reason." in said(error)

    found = mend_import(
        by=quant,
        found=found,
        cells={(2, "close"): "10.5", (3, "currency"): "EUR", (4, "date"): "2025-06-02", (1, "close"): "10"},
    )
    assert [(c["row"], c["column"], c["before"], c["after"], c["who"]) for c in found.corrections] == [
        (2, "close", "0", "10.5", quant.email), (3, "currency", "USD", "EUR", quant.email),
        (4, "date", "03.06.2025", "2025-06-02", quant.email),
    ]  # fmt: skip
    found = leave_out(by=quant, found=found, rows=[5], reason="  not ours ")
    reading = read_import(found)
    assert (reading.refused_count, dict(reading.left_out)) == (0, {4: "not ours"})

    dataset = apply_import(by=quant, found=found)
    table = read_frame(dataset.file_hash)
    assert dataset.number == 1
    assert table.column_names == ["date", "ident", "close", "adv_shares", "dividend_amount", "split_ratio"]
    assert list(zip(map(str, table["date"].to_pylist()), table["ident"].to_pylist(), table["close"].to_pylist(), strict=True)) == [
        ("2025-06-02", "AAA", 10), ("2025-06-03", "AAA", 10.5), ("2025-06-04", "AAA", 11),
        ("2025-06-02", "BBB", 20), ("2025-06-03", "BBB", 20),
    ]  # fmt: skip
    assert (table["dividend_amount"].to_pylist(), table["split_ratio"].to_pylist()) == ([0.0] * 5, [1.0] * 5)
    assert table["adv_shares"].null_count == 5
    assert (dataset.summary["warnings"], dataset.summary["left_out"]) == ({"repeated": 1, "unsorted": 1}, 1)
    found.refresh_from_db()
    assert (found.state, found.dataset) == (ImportState.TAKEN, dataset)
    with pytest.raises(Invalid) as error:
        mend_import(by=quant, found=found, cells={(1, "close"): "12"})
    assert "The file was taken: take it in again as a new one." in said(error)


def test_all_refused_rows_are_left_out_at_once_and_rows_keep_their_numbers(two: Universe, quant: User):
    found = leave_out(by=quant, found=taken_in(quant, two, DIRTY), rows=[], reason="Vendor sends them again")
    assert [each["row"] for each in found.corrections] == [2, 3, 4, 5]
    reading = read_import(found)
    assert [(each.row, each.code) for each in reading.checked.findings] == [(6, "repeated")]
    assert reading.checked.kept.tolist() == [0, 5]


@pytest.mark.parametrize(("rows", "reason"), [([1], " "), ([0], "why"), ([8], "why")])
def test_a_row_is_left_out_with_a_reason_where_there_is_one(two: Universe, quant: User, rows: list[int], reason: str):
    with pytest.raises(Invalid):
        leave_out(by=quant, found=taken_in(quant, two, DIRTY), rows=rows, reason=reason)


def test_the_meaning_of_columns_is_kept_for_the_senders_next_file(two: Universe, quant: User):
    text = "when,what,figure\n2025-06-02,AAA,10\n"
    found = taken_in(quant, two, text)
    assert read_import(found).absent == ("Date", "Id", "Close")
    with pytest.raises(Invalid) as error:
        apply_import(by=quant, found=found)
    assert "Columns: no header is Date, Id, Close." in said(error)
    with pytest.raises(Invalid) as error:
        map_import(by=quant, found=found, mapping={"when": "date", "what": "date"})
    assert "date is chosen more than once" in said(error)
    with pytest.raises(Invalid) as error:
        map_import(by=quant, found=found, mapping={"when": "roe"})
    assert "roe is no column of such a panel" in said(error)
    map_import(by=quant, found=found, mapping={"when": "date", "what": "id", "figure": "close"})
    again = taken_in(quant, two, text.replace("10", "11"))
    assert again.mapping == {"when": "date", "what": "id", "figure": "close"}
    assert taken_in(quant, two, text, kind="factors").mapping == {"when": "when", "what": "what", "figure": "figure"}


def test_the_next_panel_is_compared_with_the_one_in_force(two: Universe, quant: User):
    first = apply_import(by=quant, found=taken_in(quant, two, SOUND))
    text = "date,id,close,volume\n2025-06-02,AAA,10,100\n2025-06-03,AAA,10.75,100\n2025-06-04,AAA,11,100\n"
    reading = read_import(taken_in(quant, two, text))
    found = differences(read_frame(first.file_hash), reading.table("prices"))
    assert (found.come, found.go, found.changed) == (1, 1, 3)  # two volumes and a close
    assert ("2025-06-03", "AAA", "close", 10.5, 10.75) in found.cells
    assert differences(None, reading.table("prices")).come == 3
    same = differences(read_frame(first.file_hash), read_frame(first.file_hash))
    assert (same.come, same.go, same.changed, same.cells) == (0, 0, 0, ())


def test_factors_keep_the_day_from_which_they_were_known(two: Universe, quant: User):
    text = (
        "date,ticker,published,ROE\n2025-03-31,AAA,2025-05-05,0.1\n2025-03-31,AAA,2025-06-02,0.2\n2025-03-31,BBB,,0.3\n"
    )
    dataset = apply_import(by=quant, found=taken_in(quant, two, text, kind="factors"))
    table = read_frame(dataset.file_hash)
    assert table.column_names == ["date", "ident", "known_since", "roe"]
    assert [str(day) for day in table["known_since"].to_pylist()] == ["2025-05-05", "2025-06-02", "2025-03-31"]


def test_risk_factors_need_not_be_in_the_universe(two: Universe, quant: User):
    dataset = apply_import(
        by=quant, found=taken_in(quant, two, "date,factor,return\n2025-06-02,rates,-0.01\n", kind="risk_model")
    )
    assert read_frame(dataset.file_hash)["ident"].to_pylist() == ["rates"]


def test_only_who_may_take_data_does(two: Universe, quant: User, viewer: User, risk_manager: User):
    found = taken_in(quant, two, SOUND)
    for person in (viewer, risk_manager):
        with pytest.raises(Forbidden):
            taken_in(person, two, SOUND)
        with pytest.raises(Forbidden):
            apply_import(by=person, found=found)
        with pytest.raises(Forbidden):
            put_members(by=person, universe=two, rows=MEMBERS)
        assert get_visible(person, PanelImport, found.code) == found


def test_a_file_put_away_leaves_the_data_as_it_was(two: Universe, quant: User):
    found = discard_import(by=quant, found=taken_in(quant, two, SOUND))
    assert found.state == ImportState.DISCARDED
    assert latest_dataset(two, DatasetKind.PRICES) is None


# Pages


def test_a_universe_is_made_and_filled_on_its_pages(client: Client, quant: User, desk):
    client.force_login(quant)
    made = client.post(reverse("universes", args=[desk.code]), {"name": "Europe"}, follow=True)
    found = Universe.objects.get(name="Europe")
    assert made.redirect_chain[-1][0] == reverse("universe", args=[found.code])
    assert "Nobody yet." in made.content.decode()
    refused = client.post(reverse("universe", args=[found.code]), {"ident": "AAA"})
    assert refused.status_code == 422
    assert "Name is missing" in refused.content.decode()
    client.post(reverse("universe", args=[found.code]), {**MEMBERS[0], "esg_score": ""})
    file = SimpleUploadedFile(
        "members.csv",
        b"Ident,Name,Sector,Currency,From date,Until date\nBBB,Beta,Offices,EUR,2025-01-01,2025-06-30\n",
    )
    client.post(reverse("universe", args=[found.code]), {"do": "file", "file": file})
    found.refresh_from_db()
    assert [row["ident"] for row in found.members] == ["AAA", "BBB"]
    on_day = client.get(reverse("universe", args=[found.code]), {"on": "2025-06-30"}).content.decode()
    after = client.get(reverse("universe", args=[found.code]), {"on": "2025-07-01"}).content.decode()
    assert ("Beta" in on_day, "Beta" in after) == (True, False)
    everything = client.get(reverse("universe", args=[found.code]), {"on": "2025-07-01", "all": "yes"}).content.decode()
    assert "Not in" in everything
    bad = SimpleUploadedFile("members.csv", b"Ident,Name\nBBB,Beta\n")
    told = client.post(reverse("universe", args=[found.code]), {"do": "file", "file": bad})
    assert "The file has no column sector, currency, from_date." in told.content.decode()


def test_a_list_of_universes_asks_the_same_whatever_its_length(
    client: Client, quant: User, two: Universe, django_assert_num_queries
):
    client.force_login(quant)
    address = reverse("universes", args=[two.desk.code])
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(5):
        make_universe(by=quant, desk=two.desk, name=f"Empty {number}")
    with django_assert_num_queries(len(few)):
        page = client.get(address).content.decode()
    assert "No. 1, to 24 Feb 2023" in page
    assert page.count("Empty") == 5


def test_faults_of_a_file_of_members_are_told_by_row_and_not_at_the_form(client: Client, quant: User, two: Universe):
    client.force_login(quant)
    lines = "".join(f"D{number},Delta,,EUR,2025-01-01\n" for number in range(40))
    file = SimpleUploadedFile("members.csv", f"ident,name,sector,currency,from_date\n{lines}".encode())
    page = client.post(reverse("universe", args=[two.code]), {"do": "file", "file": file}).content.decode()
    assert page.count("Sector is missing") == 30
    assert "Row 30: Sector is missing: enter a value." in page
    assert "And 10 more." in page
    assert "aria-invalid" not in page


def test_a_dirty_file_is_mended_and_taken_on_its_page(client: Client, quant: User, two: Universe):
    client.force_login(quant)
    file = SimpleUploadedFile("dirty.csv", DIRTY.encode())
    address = reverse("universe-data", args=[two.code])
    page = client.post(address, {"file": file, "kind": "prices", "sender": "Vendor"}, follow=True)
    found = PanelImport.objects.get(universe=two)
    here = reverse("panel-import", args=[found.code])
    text = page.content.decode()
    assert page.redirect_chain[-1][0] == here
    assert "03.06.2025 is no date: enter it as YYYY-MM-DD." in text
    assert 'name="cell-2-close" value="0" aria-label="PX_LAST, row 2"' in text
    refused = client.post(here, {"do": "apply"})
    assert refused.status_code == 422
    assert "Rows 2, 3, 4, 5 are refused" in refused.content.decode()
    client.post(here, {"do": "mend", "cell-2-close": "10.5", "cell-4-date": "2025-06-02"})
    client.post(here, {"do": "leave_out", "row": "3", "reason-3": "wrong line"})
    client.post(here, {"do": "leave_out", "row": "all", "reason": "not ours"})
    mended = client.get(here).content.decode()
    assert "Row 2, close: 0 became 10.5" in mended
    assert "Row 3 left out: wrong line" in mended
    taken = client.post(here, {"do": "apply"}, follow=True)
    dataset = Dataset.objects.get(universe=two)
    assert taken.redirect_chain[-1][0] == reverse("dataset", args=[dataset.code])
    shown = taken.content.decode()
    assert "Row that repeats another" in shown
    # June: two members over three days of the panel; AAA has three closes and BBB one.
    assert "66.7%" in shown
    assert "In force" in shown
    closed = client.get(here).content.decode()
    assert "Correct these cells" not in closed


def test_columns_are_given_their_meaning_on_the_page(client: Client, quant: User, two: Universe):
    client.force_login(quant)
    found = taken_in(quant, two, "when,what,figure\n2025-06-02,AAA,10\n")
    here = reverse("panel-import", args=[found.code])
    assert "choose which header holds them" in client.get(here).content.decode()
    client.post(here, {"do": "map", "column-0": "date", "column-1": "id", "column-2": "close"})
    found.refresh_from_db()
    assert found.mapping == {"when": "date", "what": "id", "figure": "close"}
    client.post(here, {"do": "discard"})
    found.refresh_from_db()
    assert found.state == ImportState.DISCARDED


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"kind": "prices", "sender": "V"}, "Choose a file"),
        ({"kind": "prices", "sender": " ", "file": SOUND}, "say who sent the file"),
        ({"kind": "tea", "sender": "V", "file": SOUND}, "choose what the file is about"),
        ({"kind": "prices", "sender": "V", "file": "date,id,close\n"}, "no row below its header"),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_told_on_the_page(
    client: Client, quant: User, two: Universe, sent: dict[str, str], words: str
):
    client.force_login(quant)
    file = {"file": SimpleUploadedFile("a.csv", sent["file"].encode())} if "file" in sent else {}
    page = client.post(reverse("universe-data", args=[two.code]), {**sent, **file})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not PanelImport.objects.filter(universe=two).exists()


def test_readers_see_no_forms_and_send_none(client: Client, quant: User, viewer: User, two: Universe):
    found = taken_in(quant, two, DIRTY)
    client.force_login(viewer)
    for name, code in (("universe", two.code), ("universe-data", two.code), ("panel-import", found.code)):
        page = client.get(reverse(name, args=[code]))
        assert page.status_code == 200
        for form in ("Put in</button>", "Take in and check", "Take it as the next dataset", "Correct these cells"):
            assert form not in page.content.decode()
        assert client.post(reverse(name, args=[code]), {"do": "apply"}).status_code == 403


def test_the_demo_dataset_shows_its_coverage(client: Client, viewer: User, universe: Universe):
    client.force_login(viewer)
    for kind in DatasetKind:
        dataset = latest_dataset(universe, kind)
        assert dataset is not None
        page = client.get(reverse("dataset", args=[dataset.code])).content.decode()
        assert "100.0%" in page
    assert "Universes and data" in client.get(reverse("desk", args=[universe.desk.code])).content.decode()
