"""A version taken away and brought back: the same to the last digit, and every fault named by sheet and cell."""

import io
import json
import zipfile
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, User
from engine.debt.kinds import AMORTISATIONS
from lib.errors import Forbidden, Invalid
from ratings.models import RuleSet
from ratings.paths import DATA
from ratings.queries import current_rule_set
from ratings.rules import RULES
from ratings.seeding import AGENCY_VALUE, load_document
from records.cells import changes
from records.exchange import Reading, document_of, read_json, write_json
from records.problems import content_problems
from records.services import import_version
from records.workbook import read_workbook, write_workbook

SignIn = Callable[[User], Client]
Document = dict[str, Any]
WRITERS: dict[str, tuple[Callable[[Document], bytes], Callable[[bytes], Reading]]] = {
    "json": (write_json, read_json),
    "xlsx": (partial(write_workbook, RULES), partial(read_workbook, RULES)),
}


def document(name: str = "uk_eu_us_v2.json") -> Document:
    loaded = load_document(name)
    return {"form": RULES.form, "asset_class": "data_centre", **loaded}


@pytest.mark.parametrize("form", ["json", "xlsx"])
@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.json")))
def test_the_seeds_come_back_as_they_were(form: str, name: str) -> None:
    write, read = WRITERS[form]
    reading = read(write(document(name)))
    assert reading.problems == []
    assert reading.document == document(name)
    assert changes(RULES, document(name)["content"], reading.document["content"]) == []


TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30).filter(
    lambda text: text == text.strip() and "_x" not in text
)
RATIO = st.decimals(1, 10, places=6, allow_nan=False).map(float)
SHARE = st.decimals("0.05", "1.5", places=8, allow_nan=False).map(float)
SAID = st.fixed_dictionaries({"provenance": st.sampled_from(["sourced", "derived", "assumption"]), "source": TEXT})
FIELDS = {
    "dscr_minimum": RATIO, "dscr_average": RATIO, "stressed_dscr": RATIO, "max_advance_ratio": SHARE,
    "max_tenor_years": st.integers(1, 50), "llcr": RATIO, "icr": RATIO, "wrap_dscr_relief": st.sampled_from([0, 0.05, 1]),
    "wrap_insurer_rating": st.sampled_from(["A", "AA+"]), "wrap_required": st.booleans(),
    "amortisations": st.lists(st.sampled_from(AMORTISATIONS), min_size=1, unique=True),
}  # fmt: skip
ROW = st.fixed_dictionaries({**FIELDS, "sources": st.fixed_dictionaries(dict.fromkeys(FIELDS, SAID))})
BAND = st.fixed_dictionaries({
    "agency": TEXT, "reading": st.sampled_from(["minimum", "average"]), "row": TEXT | st.just(""), "category": TEXT,
    "low": RATIO | st.none(), "high": RATIO | st.none(), "provenance": TEXT, "source": TEXT,
})  # fmt: skip
LEAF = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | RATIO | TEXT | st.just("")
NESTED = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(ROW, min_size=1, max_size=3), bands=st.lists(BAND, max_size=3), tables=st.dictionaries(TEXT, NESTED, min_size=1, max_size=3), name=TEXT)  # fmt: skip
def test_whatever_rules_hold_comes_back(rows: list[Document], bands: list[Document], tables: Document, name: str) -> None:  # fmt: skip
    written = {**document(), "name": name}
    content = deepcopy(written["content"])
    content["criteria"] = [{"jurisdiction": "UK", "rating": r, **row} for r, row in zip(["AAA", "AA", "A"], rows)]  # noqa: B905
    written["content"] = {**content, "agency_bands": bands, "tables": tables}
    for write, read in WRITERS.values():
        reading = read(write(written))
        assert reading.problems == []
        assert reading.document == written


def edited(raw: bytes, sheet: str, cell: str, value: Any) -> bytes:
    """The workbook with one cell typed over, saved as a spreadsheet program saves it."""
    book = openpyxl.load_workbook(io.BytesIO(raw))
    book[sheet][cell] = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def place_of(raw: bytes, *wanted: Any) -> int:
    """The row of the criteria that begins with these words."""
    rows = openpyxl.load_workbook(io.BytesIO(raw))["Criteria"].iter_rows(values_only=True)
    return next(number for number, row in enumerate(rows, start=1) if row[: len(wanted)] == wanted)


@pytest.fixture
def sheet() -> bytes:
    return write_workbook(RULES, document())


def refusals(raw: bytes, admin: User) -> list[str]:
    with pytest.raises(Invalid) as refused:
        import_version(by=admin, model=RuleSet, reading=read_workbook(RULES, raw))
    return [problem.message for problem in refused.value.problems]


def test_a_changed_cell_becomes_a_draft(seeded: list[RuleSet], admin: User, sheet: bytes) -> None:
    row = place_of(sheet, "UK", "BBB", "dscr_minimum")
    draft = import_version(
        by=admin, model=RuleSet, reading=read_workbook(RULES, edited(sheet, "Criteria", f"D{row}", 1.2))
    )
    assert (draft.label, draft.status, draft.created_by) == ("agency-value/3", "draft", admin)
    (change,) = changes(RULES, current_rule_set().content, draft.content)
    assert (change.place, change.new and change.new.value) == ("criteria.UK.BBB.dscr_minimum", 1.2)
    after = AuditEntry.objects.get(action="rule_set.imported").after or {}
    assert after["criteria.UK.BBB.dscr_minimum"][0] == 1.2


# What is typed into the row of UK BBB's lowest DSCR, and where and how it is refused.
CASES: list[tuple[str, Any, str, str]] = [
    ("D", 0.5, "D BBB", "UK BBB: DSCR floor, minimum year: expected 1 to 10, got 0.5."),
    ("D", "=1+1", "D BBB", "a formula: enter the value itself."),
    ("D", "much", "D BBB", "UK BBB: DSCR floor, minimum year: expected a number, got 'much'."),
    ("D", None, "D BBB", "UK BBB: DSCR floor, minimum year is missing: enter a value."),
    ("D", 1.4, "D A-", "UK A- asks for less than BBB: DSCR floor, minimum year"),
    ("E", "hearsay", "D BBB", "provenance: expected sourced, derived, assumption"),
    ("F", None, "D BBB", "the source is missing"),
    ("A", "FR", "", "FR BBB: Jurisdiction: expected one of UK, EU, US, got 'FR'."),
    ("C", "dscr_median", "D BBB", "dscr_median is not a field"),
    ("C", "llcr", "C BBB", "llcr of UK BBB stands twice"),
]


@pytest.mark.parametrize(("column", "value", "where", "reason"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_a_fault_is_named_by_sheet_and_cell(
    seeded: list[RuleSet], admin: User, sheet: bytes, column: str, value: Any, where: str, reason: str
) -> None:
    row = place_of(sheet, "UK", "BBB", "dscr_minimum")
    found = refusals(edited(sheet, "Criteria", f"{column}{row}", value), admin)
    (first, *_) = [message for message in found if reason in message]
    head, _, rating = where.partition(" ")
    # A row that says "stands twice" is the second of the two.
    named = max(row, place_of(sheet, "UK", rating, "llcr")) if "twice" in reason else row
    named = named if rating in ("BBB", "") else place_of(sheet, "UK", rating, "dscr_minimum")
    assert first.startswith(f"Criteria!{head}{named}: " if head else "FR BBB")
    assert not RuleSet.objects.filter(version=3, family=AGENCY_VALUE).exists()


def test_sheets_and_columns_that_are_missing(seeded: list[RuleSet], admin: User, sheet: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    del book["Repo haircuts"]
    book["General"]["B1"] = "valeur"
    book.create_sheet("Mine")
    saved = io.BytesIO()
    book.save(saved)
    found = " ".join(refusals(saved.getvalue(), admin))
    assert "The sheet Repo haircuts is missing." in found
    assert "General!1: the column value is missing" in found
    assert "The sheet Mine is not one of a rule set's workbook." in found


def test_words_that_look_like_formulas_stay_words(sheet: bytes) -> None:
    spoken = {**document(), "name": "=SUM(A1:A9)", "notes": "@cmd +1 -1"}
    raw = write_workbook(RULES, spoken)
    assert openpyxl.load_workbook(io.BytesIO(raw))["About"]["B5"].data_type == "s"
    assert read_workbook(RULES, raw).document == spoken


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "0" * 300_000_000)
    return stream.getvalue()


def with_entities(raw: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/workbook.xml":
                text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>'
            new.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize(
    "make",
    [lambda s: b"", lambda s: b"PK\x03\x04 broken", lambda s: s[: len(s) // 2], lambda s: bomb(), with_entities,
     lambda s: b"a,b\n1,2", lambda s: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), lambda s: bytes(6 * 1024**2)],
    ids=["empty", "broken", "cut", "bomb", "entities", "csv", "old", "large"],
)  # fmt: skip
def test_hostile_workbooks_are_refused_whole(sheet: bytes, make: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Invalid):
        read_workbook(RULES, make(sheet))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\xff\xfe{", "not UTF-8"),
        (b"{", "not JSON: line 1, column 2"),
        (b"[1]", "expected an object"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": 1, "a": 2}', "a stands twice"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b" " * (6 * 1024**2), "at most 5 MB"),
    ],
)
def test_what_is_no_json_document(raw: bytes, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_json(raw)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"form": "other"}, "Form: expected atlas-nexus/rules/1"),
        ({"family": ""}, "family: expected text"),
        ({"family": "with spaces"}, "valid “slug”"),
        ({"effective_from": "soon"}, "effective_from: expected YYYY-MM-DD"),
        ({"asset_class": "hospital"}, "'hospital' is not a known asset class"),
        ({"colour": "blue"}, "colour is not a part"),
        ({"content": {}}, "There are no criteria"),
        ({"content": []}, "expected named tables"),
        ({"notes": 1}, "notes: expected text"),
    ],
)
def test_documents_that_are_refused(admin: User, change: Document, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        import_version(by=admin, model=RuleSet, reading=Reading({**document(), **change}))
    assert not RuleSet.objects.exists()


def test_only_administrators_import(internal: User) -> None:
    with pytest.raises(Forbidden):
        import_version(by=internal, model=RuleSet, reading=Reading(document()))


@pytest.mark.parametrize("form", ["json", "xlsx"])
def test_out_of_the_portal_and_in_again(seeded: list[RuleSet], admin: User, signed_in: SignIn, form: str) -> None:
    client, rule_set = signed_in(admin), current_rule_set()
    file = client.get(reverse("rules-export", args=[rule_set.code]), {"form": form})
    assert f'filename="agency-value-v2.{form}"' in file.headers["Content-Disposition"]
    upload = SimpleUploadedFile(f"rules.{form}", file.content)
    page = client.post(reverse("admin:ratings_ruleset_import"), {"file": upload})
    draft = RuleSet.objects.get(version=3, family=AGENCY_VALUE)
    assert page.headers["Location"] == draft.admin_url()
    assert changes(RULES, rule_set.content, draft.content) == []
    assert document_of(draft) == {
        **document_of(rule_set),
        "version": 3,
        "content": {**rule_set.content, "version": draft.label},
    }


def test_the_page_says_what_is_wrong(seeded: list[RuleSet], admin: User, signed_in: SignIn, sheet: bytes) -> None:
    client, url = signed_in(admin), reverse("admin:ratings_ruleset_import")
    row = place_of(sheet, "EU", "AAA", "icr")
    upload = SimpleUploadedFile("rules.xlsx", edited(sheet, "Criteria", f"D{row}", 99))
    page = client.post(url, {"file": upload})
    assert page.status_code == 400
    assert f"Criteria!D{row}: EU AAA: ICR floor: expected 0.5 to 20, got 99." in page.content.decode()
    assert client.post(url).status_code == 400
    assert client.get(url).status_code == 200
    assert json.loads(write_json(document()))["form"] == RULES.form
    assert content_problems(RULES, document()["content"]) == ()
