"""A tape of loans by the API: its problems at their cells, mended or left out, taken as collateral of a structure."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from securitisation.models import LoanPool
from tests.api.cast import ROOT, Program
from tests.securitisation.cast import DIRTY, HEADER

pytestmark = pytest.mark.django_db


def sent(program: Program, content: bytes, name: str = "Tape") -> Any:
    file = SimpleUploadedFile("loans.csv", content)
    return program.client.post(f"{ROOT}loan-tapes", {"file": file, "name": name}, headers=program.headers)


def test_a_tape_is_sent_mended_taken_and_stands_behind_notes(admin: User):
    program = Program(admin)
    told = sent(program, DIRTY)
    assert told.status_code == 201, told.content
    tape = told.json()
    assert (tape["sound_count"], tape["sound_amount"], tape["refused_rows"]) == (2, 1_000_000.0, [3, 4])
    found = {(each["row"], each["column"]): each for each in tape["problems"]}
    assert set(found) == {(3, "code"), (3, "balance_amount"), (4, "currency"), (4, "coupon_rate")}
    assert found[4, "coupon_rate"]["text"] == "abc"
    assert found[4, "coupon_rate"]["line"] == 5

    address = f"loan-tapes/{tape['code']}"
    refused = program.post(f"{address}/take", {})
    assert refused.status_code == 422
    assert "3, 4" in refused.content.decode()
    assert not LoanPool.objects.exists()
    cells = [{"row": 3, "column": "code", "value": "L3"}, {"row": 3, "column": "balance_amount", "value": "500000"}]
    mended = program.post(f"{address}/cells", {"cells": cells}).json()
    assert mended["refused_rows"] == [4]
    assert mended["sound_amount"] == 1_500_000.0
    assert mended["corrections"][1]["before"] == "-5"

    pool = program.post(f"{address}/take", {"leave_out": True})
    assert pool.status_code == 201, pool.content
    assert [loan["code"] for loan in pool.json()["content"]["loans"]] == ["L1", "L2", "L3"]
    assert program.get(address).json()["pool"] == pool.json()["code"]
    assert program.post(f"{address}/discard", {}).status_code == 422
    made = program.post("structures", {"name": "Notes of a tape", "pool": pool.json()["code"]})
    assert made.status_code == 201, made.content


def test_headers_are_named_and_a_column_that_is_not_there_is_told(admin: User):
    program = Program(admin)
    tape = sent(program, HEADER.replace("Current balance", "Saldo").encode() + b"L1,GBP,5,6%,24,,,,\n").json()
    assert tape["absent_columns"] == ["balance_amount"]
    assert tape["sound_count"] == 0
    address = f"loan-tapes/{tape['code']}"
    wrong = program.post(f"{address}/mapping", {"mapping": {"Nowhere": "balance_amount"}})
    assert wrong.status_code == 422
    assert "Nowhere" in wrong.content.decode()
    named = program.post(f"{address}/mapping", {"mapping": {**tape["mapping"], "Saldo": "balance_amount"}})
    assert named.json()["sound_count"] == 1


def test_a_tape_put_away_and_a_file_that_is_no_table(admin: User):
    program = Program(admin)
    assert sent(program, b"\x00\x01").status_code == 422
    tape = sent(program, DIRTY).json()
    assert program.post(f"loan-tapes/{tape['code']}/discard", {}).json()["state"] == "discarded"
    assert program.get("loan-tapes").json()["items"][0]["state"] == "discarded"
