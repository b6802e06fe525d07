"""Construction costs from a file: separators and numbers as another hand wrote them, problems cell by cell."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from lib.errors import UnreadableFile
from lib.numbers import UNKNOWN, format_of
from projects.forms.cost_file import CostFile, read_cost_file

MARKET, INTERNAL = "capex__market__lines__", "capex__internal__lines__"


def read(text: str, *, written: str = "", numbers: str = "comma_point", currency: str = "GBP") -> CostFile:
    return read_cost_file(text.encode(), "costs.csv", written=written, numbers=numbers, currency=currency)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["1,250,000", "3,500"], "comma_point"),
        (["1.250.000", "3,500"], "point_comma"),
        (["8.500,5", "1.250"], "point_comma"),
        (["12.5", "1,250"], "comma_point"),
        (["£1,250.00", "text", ""], "comma_point"),
        (["1,250", "2,500"], UNKNOWN),
        (["1,250.5", "1.250,5"], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_how_a_file_writes_numbers_is_told_by_those_without_doubt(texts: list[str], found: str):
    assert format_of(texts, "amount") == found


@pytest.mark.parametrize(
    "text",
    [
        'Line,Internal,Market\nArchitectural,"1,250,000","1,500,000.50"\nbess,2000000,\n',
        "Line;Market;Internal\nArchitectural;1.500.000,50;1.250.000\nBattery energy storage;;2 000 000\n",
        "architectural\t1250000\t1500000.5\nBESS\t2m\t\n",
        "\ufeffPosten;Kosten internal;Kosten market\nARCHITECTURAL;£1.25m;1500000,5\nBattery Energy-Storage;2000000;\n",
    ],
)
def test_the_same_costs_by_other_hands(text: str):
    found = read(text)
    assert found.problems == []
    assert found.entries == {
        f"{INTERNAL}architectural": "1,250,000",
        f"{MARKET}architectural": "1,500,000.5",
        f"{INTERNAL}bess": "2,000,000",
    }


def test_entries_are_in_the_readers_format():
    assert read("Line;Internal\nBESS;8.500.000,50\nSubstations;1.250\n", numbers="space_comma").entries == {
        f"{INTERNAL}bess": "8\u00a0500\u00a0000,5",
        f"{INTERNAL}substations": "1\u00a0250",
    }


def test_what_cannot_be_taken_is_told_by_its_place_and_the_rest_is_kept():
    found = read(
        "Line;Internal;Market\nArchitectural;twelve;15\n\nMoat;4;5\nBESS;EUR 3;4\nbess;7;\nContingency;5%;5\nTotal;;\n"
    )
    assert found.entries == {
        f"{MARKET}architectural": "15",
        f"{MARKET}bess": "4",
        f"{INTERNAL}bess": "7",
        "capex__internal__contingency_rate": "5",
        "capex__market__contingency_rate": "5",
    }
    assert found.problems == [
        "Line 2, internal: expected a number, got twelve.",
        "Line 4: no line of the cost table is called Moat.",
        "Line 5, internal: expected an amount in GBP, got EUR 3.",
    ]
    assert not found.is_asked


def test_a_number_in_doubt_is_asked_about_and_settled_by_a_choice():
    text = "Line;Internal\nBESS;1,250\nSubstations;7\n"
    found = read(text)
    assert found.is_asked
    assert found.entries == {f"{INTERNAL}substations": "7"}
    assert found.problems == ["Line 2, internal: 1,250 may mean two numbers, write 1.25 or 1250."]
    assert read(text, written="comma_point").entries[f"{INTERNAL}bess"] == "1,250"
    assert read(text, written="point_comma").entries[f"{INTERNAL}bess"] == "1.25"


def test_a_line_that_stands_twice_counts_once():
    found = read("Line;Internal\nBESS;1\nBESS;2\n")
    assert found.entries == {f"{INTERNAL}bess": "1"}
    assert found.problems == ["Line 3, internal: Battery energy storage, internal stands twice; the first counts."]


def test_many_problems_do_not_fill_the_page():
    found = read("Line;Internal\n" + "".join(f"Moat {each};1\n" for each in range(30)))
    assert len(found.problems) == 30
    assert found.told[-1] == "... and 10 more."


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"one row only"])
def test_what_is_no_file_of_rows_is_refused(content: bytes):
    with pytest.raises(UnreadableFile):
        read_cost_file(content, "costs.csv", written="", numbers="comma_point", currency="")


@pytest.mark.django_db
def test_the_page_without_scripts_keeps_what_was_typed(client: Client, sponsor: User):
    client.force_login(sponsor)
    typed = {"door": "detailed", "action": "fill-costs", "title": "Quay", f"{INTERNAL}substations": "77"}
    file = SimpleUploadedFile("costs.csv", b"Line;Internal\nBESS;8.500.000,50\nMoat;1\n")
    page = client.post("/projects/new/", {**typed, "costs_file": file}).content.decode()
    assert 'value="8,500,000.5"' in page
    assert 'value="77"' in page
    assert 'value="Quay"' in page
    assert "no line of the cost table is called Moat" in page
    assert "Choose a file first" in client.post("/projects/new/", typed).content.decode()
