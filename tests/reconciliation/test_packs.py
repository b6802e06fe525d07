"""A pack of breaks: from the bytes of the files to the verdict, and to what was decided."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Role, User
from engine.reconciliation.records import Book
from jobs.work import work
from lib.canonical import canonical_hash
from lib.errors import Invalid, NotFound
from lib.storage import content_of
from reconciliation.demo import FOLDER
from reconciliation.models import Break, BreakPack
from reconciliation.reading.mapping import FieldRule, Layout, fraction
from reconciliation.reading.places import places_of
from reconciliation.reading.reading import Setting
from reconciliation.services.request_break_pack import MOST_PACKED, request_break_pack
from reconciliation.services.work_on_breaks import comment_break, decide_resolution, resolve_breaks
from tests import world
from tests.api.cast import Program
from tests.reconciliation.files import content, read, setting

pytestmark = pytest.mark.django_db


def made(by: User, **asked: Any) -> BreakPack:
    pack = request_break_pack(by=by, enqueue=False, **asked)
    work(pack.code)
    pack.refresh_from_db()
    assert pack.state == "done", pack.error
    return pack


def opened(pack: BreakPack) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content_of(pack.sha256)))


@pytest.fixture
def settled(day: Any, analyst: User, officer: User) -> Break:
    """The break of a price, resolved by two people."""
    row = Break.objects.get(type="PRICE_BREAK")
    comment_break(by=analyst, row=row, text="Asked the broker")
    resolve_breaks(by=analyst, breaks=[row], reason="Their price was corrected")
    decide_resolution(by=officer, row=row, approve=True)
    row.refresh_from_db()
    return row


def test_one_break_is_walked_from_the_bytes_of_its_file_to_the_verdict(settled: Break, analyst: User, officer: User):
    archive = opened(made(analyst, breaks=[settled]))
    chain = json.loads(archive.read(f"lineage/{settled.code}.json"))
    [theirs] = [each for each in chain["records"] if each["side"] == "external"]
    # The file, as the broker sent it and as the pack holds it.
    file = next(name for name in archive.namelist() if name.startswith(f"files/{theirs['file']['sha256'][:12]}"))
    held = archive.read(file)
    assert held == (FOLDER / "broker_c_trades.txt").read_bytes()
    assert sha256(held).hexdigest() == theirs["file"]["sha256"]
    assert theirs["file"]["is_intact"]
    assert (theirs["file"]["name"], theirs["file"]["channel"]) == ("broker_c_trades.txt", "upload")
    # The place: what stands there is the row, and the value that differs is in it.
    place = theirs["place"]
    row = held[place["offset_bytes"] : place["offset_bytes"] + place["length_bytes"]].decode()
    assert row == place["raw"] == held.decode().splitlines()[place["line"] - 1]
    [difference] = [each for each in chain["comparison"] if each["type"] == "PRICE_BREAK"]
    cells, paths = row.split("|"), {each["field"]: each["path"] for each in theirs["mapping"]["fields"]}
    written = cells[int(paths["price"].removeprefix("#")) - 1]
    # The mapping gives the record, the record the comparison, the comparison the verdict.
    again = read("broker_c_trades.txt", "broker-c-trades")
    [record] = [each for each in again.records if each.id == theirs["record"]["name"]]
    assert record.text("price") == theirs["record"]["values"]["price"] == difference["external"]
    assert (written, fraction(written)) == ("108-265", Decimal(difference["external"]))
    assert theirs["mapping"]["version"].startswith("broker-c-trades/")
    assert theirs["record"]["sha256"] == canonical_hash(theirs["record"]["values"])
    assert chain["rules"]["terms"].partition("/")[2]
    assert settled.group is not None
    assert chain["verdict"] == settled.group.verdict
    assert chain["match"]["paired_by"] == settled.group.paired_by
    # What people did with it, with the hashes of the trail.
    assert chain["resolution"]["settled_by"] == officer.email
    assert [each["text"] for each in chain["resolution"]["comments"]] == ["Asked the broker"]
    told = [each["action"] for each in chain["audit"]]
    assert told[-3:] == ["break.commented", "break.proposed", "break.approved"]
    assert {"reconciliation.file_received", "reconciliation.requested"} <= set(told)
    hashes = dict(AuditEntry.objects.values_list("sequence", "hash"))
    assert all(hashes[each["sequence"]] == each["hash"] for each in chain["audit"])


def test_the_manifest_names_every_other_part_with_its_hash_and_the_cover_reads(day: Any, analyst: User):
    pack = made(analyst, format="json")
    archive = opened(pack)
    manifest = json.loads(archive.read("manifest.json"))
    assert {each["name"] for each in manifest["parts"]} == set(archive.namelist()) - {"manifest.json"}
    for part in manifest["parts"]:
        assert sha256(archive.read(part["name"])).hexdigest() == part["sha256"]
    cover = archive.read("cover.html").decode()
    lines = json.loads(archive.read("breaks.json"))
    assert len(lines) == manifest["breaks"] == day.definition.breaks.count() > 0
    for row in day.definition.breaks.all():
        assert row.reference in cover
    assert "http" not in cover
    assert {each["code"] for each in lines} == {
        str(code) for code in day.definition.breaks.values_list("code", flat=True)
    }


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xml", "parquet"])
def test_breaks_leave_in_every_format(day: Any, analyst: User, kind: str):
    archive = opened(made(analyst, format=kind, with_files=False))
    held = archive.read(f"breaks.{kind}")
    assert not [name for name in archive.namelist() if name.startswith("files/")]
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(held.decode("utf-8-sig"))))
        assert {row["type"] for row in rows} == {"QTY_BREAK", "PRICE_BREAK", "MISSING_EXTERNAL"}
    elif kind == "xml":
        assert held.count(b"<break code=") == 3
    else:
        assert held[:4] in {b"PK\x03\x04", b"PAR1"}


def test_the_view_of_the_queue_chooses_and_a_pack_made_twice_is_the_same(day: Any, analyst: User):
    pack = made(analyst, filters={"type": "PRICE_BREAK"})
    assert len(pack.breaks) == 1
    first = pack.sha256
    BreakPack.objects.filter(code=pack.code).update(state="queued")
    pack.parts.update(state="pending")
    work(pack.code)
    pack.refresh_from_db()
    assert pack.sha256 == first


def test_what_cannot_be_packed_is_said(day: Any, analyst: User):
    with pytest.raises(Invalid, match="no such break"):
        request_break_pack(by=analyst, filters={"type": "NONE"}, enqueue=False)
    with pytest.raises(Invalid, match="expected one of csv"):
        request_break_pack(by=analyst, format="docx", enqueue=False)
    with pytest.raises(NotFound):
        request_break_pack(by=world.person("otto@house.example", "Otto Outside", Role.SPONSOR), enqueue=False)
    assert MOST_PACKED == 2_000


def numbered(path: str, layout: str | Setting) -> None:
    """Every record of a file stands where its place says."""
    held = content(path)
    asked = setting(layout) if isinstance(layout, str) else layout
    records = read(path, layout).records if isinstance(layout, str) else []
    name = path.rpartition("/")[2]
    numbers = [int(each.id.rpartition("#")[2]) if "#" in each.id else 1 for each in records]
    places = places_of(held, asked, numbers)
    assert set(places) == set(numbers), name
    for record, number in zip(records, numbers, strict=True):
        place = places[number]
        if place.offset is not None and place.length is not None:
            raw = held[place.offset : place.offset + place.length]
            assert raw.decode() == place.raw
        reference = record.text("trade_id") or record.text("report_id") or record.text("symbol")
        assert reference in place.raw


@pytest.mark.parametrize(
    ("path", "layout"),
    [
        *((f"fixml/{path.name}", "fixml") for path in sorted((FOLDER / "fixml").glob("*.xml"))[:6]),
        *((f"fpml/{path.name}", "fpml") for path in sorted((FOLDER / "fpml").glob("*.xml"))[:6]),
        ("etd_internal_broker_c.csv", "our-listed-trades"),
        ("broker_c_trades.txt", "broker-c-trades"),
    ],
)
def test_records_of_each_format_stand_where_they_are_said_to(path: str, layout: str):
    numbered(path, layout)


def test_json_quoted_lines_and_marks_are_counted_in_bytes():
    rule = (FieldRule("trade_id", "id"),)
    held = b'\xef\xbb\xbf{"skip": {"rows": [9]},\n "out": {"rows": [ {"id": "\xc3\xa9"}, {"id": "B", "x": [1, "]"]} ]}}'
    places = places_of(held, Setting("mapped", layout=Layout(Book.LISTED, "json", rule, record="out.rows")), {1, 2})
    assert places[2].raw == '{"id": "B", "x": [1, "]"]}'
    assert held[places[2].offset :][: places[2].length] == places[2].raw.encode()
    assert places[2].line == 2
    held = b'id,text\r\n1,"two\r\nlines"\r\n\r\n2,plain\r\n'
    places = places_of(held, Setting("mapped", layout=Layout(Book.LISTED, "csv", rule)), {3, 5})
    assert (places[3].line, places[3].raw) == (2, '1,"two\r\nlines"')
    assert held[places[5].offset :][: places[5].length] == b"2,plain"
    tree = '<?xml version="1.0"?>\n<r><t a="x>y"/><t>é<u/></t></r>'.encode("utf-16")
    places = places_of(tree, Setting("mapped", layout=Layout(Book.LISTED, "xml", rule, record="//t")), {1, 2})
    assert [places[1].raw, places[2].raw] == ['<t a="x>y"/>', "<t>é<u/></t>"]
    assert places[2].path == "/r/t[2]"


def test_a_page_asks_follows_and_hands_it_over(day: Any, analyst: User, client: Any, officer: User):
    client.force_login(analyst)
    chosen = day.definition.breaks.first()
    answer = client.post(reverse("recon-pack-new"), {"of": [str(chosen.code)], "format": "csv", "with_files": "on"})
    pack = BreakPack.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("recon-pack", args=[pack.code]))
    assert pack.breaks == [str(chosen.code)]
    assert client.get(reverse("recon-pack-content", args=[pack.code])).status_code == 404
    work(pack.code)
    assert pack.title in client.get(reverse("recon-pack", args=[pack.code])).content.decode()
    assert pack.title in client.get(reverse("recon-packs")).content.decode()
    taken = client.get(reverse("recon-pack-content", args=[pack.code]))
    pack.refresh_from_db()
    assert sha256(taken.content).hexdigest() == pack.sha256
    assert AuditEntry.objects.filter(action="break_pack.taken", target_code=pack.code, actor=analyst).exists()
    assert "attachment" in taken["Content-Disposition"]


def test_a_program_asks_for_a_pack_and_takes_it(day: Any, analyst: User):
    program = Program(analyst)
    answer = program.post("/api/v1/reports/break-packs", {"filters": {"type": "QTY_BREAK"}, "format": "json"})
    assert answer.status_code == 201, answer.content
    code = answer.json()["code"]
    work(code)
    shown = program.get(f"/api/v1/reports/break-packs/{code}").json()
    assert (shown["state"], len(shown["breaks"])) == ("done", 1)
    taken = program.get(f"/api/v1/reports/break-packs/{code}/content")
    assert sha256(taken.content).hexdigest() == shown["sha256"]
    assert program.get("/api/v1/reports/break-packs").json()["items"][0]["code"] == code
