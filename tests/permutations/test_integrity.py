"""Damaged files of a run: found before they are read, told in words, computed again to the byte."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.models import Part
from lib.errors import Invalid
from permutations import integrity
from permutations.files import RANKING_FILE, RunFiles, chunk_file, hash_of_file, stress_file
from permutations.integrity import damages_of
from permutations.models import Run
from permutations.ranking import rank_run
from permutations.results import result_row
from permutations.translate import run_case
from tests.permutations.cast import fingerprints

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
FILES = (chunk_file(1), stress_file(0), RANKING_FILE)


def path_of(run: Run, name: str) -> Path:
    return RunFiles(run.code).folder / name


def flip_a_bit(path: Path) -> None:
    """One bit in the middle, and the clock of the file as it was."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def remove(path: Path) -> None:
    path.unlink()


def repaired(run: Run, *options: str) -> str:
    out = StringIO()
    call_command("repair_runs", "--run", str(run.code), *options, stdout=out)
    return out.getvalue()


def test_every_file_of_a_run_has_its_hash(done: Run):
    written = {
        name: each for part in Part.objects.filter(job=done.code) for name, each in part.counts.get("files", {}).items()
    }
    assert written | done.summary["files"] == fingerprints(done)
    assert damages_of(done) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [flip_a_bit, truncate, remove])
def test_damage_is_found_told_and_mended_to_the_byte(done: Run, name: str, damage: Callable[[Path], None]):
    before = fingerprints(done)
    damage(path_of(done, name))
    assert [each.name for each in damages_of(done)] == [name]
    with pytest.raises(CommandError, match="damaged"):
        repaired(done, "--check")
    assert "sound again" in repaired(done)
    assert fingerprints(done) == before
    done.refresh_from_db()
    assert damages_of(done) == []


@pytest.mark.parametrize("damage", [flip_a_bit, remove])
def test_nothing_is_read_from_a_damaged_file(done: Run, damage: Callable[[Path], None]):
    result_row(done, 0)
    damage(path_of(done, chunk_file(0)))
    with pytest.raises(Invalid) as refused:
        result_row(done, 0)
    assert {problem.code for problem in refused.value.problems} == {"results_damaged"}
    assert "repair_runs" in str(refused.value.problems[0].message)


def test_a_page_says_what_to_do(done: Run, sponsor: User, signed_in: SignIn):
    remove(path_of(done, chunk_file(0)))
    page = signed_in(sponsor).get(reverse("results", args=[done.code]))
    assert page.status_code < 500
    assert "damaged on disk" in page.content.decode()


def test_ranking_again_evaluates_what_is_damaged_first(done: Run):
    before = fingerprints(done)
    remove(path_of(done, chunk_file(1)))
    flip_a_bit(path_of(done, stress_file(2)))
    summary = rank_run(done, run_case(done))
    assert summary["counts"] == done.summary["counts"]
    assert fingerprints(done) == before


def test_a_chunk_that_comes_out_otherwise_is_not_taken(done: Run):
    part = Part.objects.get(job=done.code, number=0)
    part.counts["files"][chunk_file(0)] = "0" * 64
    part.save()
    with pytest.raises(CommandError, match="damaged"):
        repaired(done)


def test_a_run_of_before_hashes_is_read_as_it_is_and_its_missing_chunk_evaluated(done: Run):
    for part in Part.objects.filter(job=done.code):
        part.counts.pop("files", None)
        part.save()
    del done.summary["files"]
    done.save(update_fields=["summary"])
    before = fingerprints(done)
    assert damages_of(done) == []
    result_row(done, 0)
    remove(path_of(done, chunk_file(1)))
    assert "sound again" in repaired(done)
    assert fingerprints(done) == before


def test_a_file_is_hashed_once_by_a_process(done: Run, monkeypatch: pytest.MonkeyPatch):
    result_row(done, 0)
    asked: list[Path] = []

    def counted(path: Path) -> str:
        asked.append(path)
        return hash_of_file(path)

    monkeypatch.setattr(integrity, "hash_of_file", counted)
    result_row(done, 1)
    assert asked == []
