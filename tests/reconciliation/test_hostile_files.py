"""Files that mean harm, or are not what they claim: verdict and code of each, quickly and in little memory."""

import time
import tracemalloc

import pytest

from reconciliation.reading.outcome import Reading, Refused
from reconciliation.reading.reading import read_file, read_files
from tests.reconciliation import files

EXPECTED = files.expected("hostile_expected.csv")


def layout_for(name: str) -> str:
    """The source that such a file would come from."""
    if name.endswith((".csv", ".gz", ".zip")):
        return "broker-a-positions"
    return "fixml" if name.startswith("fixml") else "fpml"


def outcome(found: Reading | Refused) -> tuple[str, str]:
    if isinstance(found, Refused):
        return "refuse", found.problem.code
    said = [*found.problems, *found.notes]
    return found.verdict, said[0].code if said else ""


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["file"])
def test_verdict_and_code(row):
    name, began = row["file"], time.process_time()
    tracemalloc.start()
    [(_, _, found)] = read_files(name, files.content(f"hostile/{name}"), files.setting(layout_for(name)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome(found) == (row["verdict"], row["code"]), found
    assert peak < 50_000_000
    assert time.process_time() - began < 1.0  # of which 0.1 s are allowed for the file; the rest is for a slow machine


def test_good_rows_of_a_bad_file_are_kept():
    ragged = files.read("hostile/csv_ragged.csv", "broker-a-positions")
    assert [each.text("account") for each in ragged.records] == ["00501"]
    assert [problem.place for problem in ragged.problems] == ["line 3", "line 4"]
    cells = files.read("hostile/csv_unreadable_cell.csv", "broker-a-positions")
    assert [each.text("price") for each in cells.records] == ["6050.25"]
    assert [(p.code, p.place) for p in cells.problems] == [("FIELD_UNREADABLE", "line 2, net"), ("ROW_SHAPE", "line 4")]


@pytest.mark.parametrize("name", ["utf16_bom.xml", "utf8_bom.xml", "stylesheet_pi.xml"])
def test_other_encodings_give_the_same_record(name):
    [plain] = files.records("fpml/Q790196_swap.xml", "fpml")
    [other] = files.records(f"hostile/{name}", "fpml")
    assert other.values == plain.values


def test_the_right_encoding_reads_what_the_wrong_one_refuses():
    found = read_file("umlaut.csv", files.content("broker_b_allocations.csv"), files.setting("broker-a-positions"))
    assert isinstance(found, Refused)
    assert found.problem.code == "CSV_ENCODING"
    assert len(files.records("broker_b_allocations.csv", "broker-b-allocations")) == 19


def test_a_trailer_that_is_wrong_refuses_the_file():
    found = read_file("c.txt", files.content("broker_c_trades_bad_trailer.txt"), files.setting("broker-c-trades"))
    assert isinstance(found, Refused)
    assert (found.problem.code, found.problem.place) == ("TRAILER_WRONG", "line 9")
