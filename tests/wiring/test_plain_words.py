"""Phrasings that readers stumbled over stay away from pages, mails and refusals."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What was written, and what a reader expects instead.
BANNED = {
    "Other ways in": "Import",
    "still to fill in or to mend": "need attention",
    "hold sound values": "are valid",
    "do not belong together. Both": "Wrong e-mail or password",
    "To the sign-in": "Sign in",
    "What comes by e-mail": "E-mail settings",
    "Kind of thing": "Type of record",
    "Open the thing": "Open the record",
    "Judge again": "Re-run the checks",
    "How settled it is": "Convergence",
    "Take it back": "Withdraw",
    "Keep this password": "Set this password",
    "sent you a letter": "sent you an e-mail",
    "unwanted mail": "spam folder",
    "Put this message away": "Dismiss this message",
    "The file was not taken": "The file was refused",
    "The workbook was not taken": "The workbook was refused",
    "There is nothing here": "Page not found",
    "Project without a title": "Untitled project",
    "with the installation<": "Supplied with Atlas Nexus",
    ">The installation": "Supplied with Atlas Nexus",
    ">Stands<": "Status",
    "Mend these": "Correct these",
    ">Mended<": "Corrected",
    ">Sound rows<": "Valid rows",
    "is yours alone again": "is private again",
}
WRITTEN = sorted(
    path
    for path in (*ROOT.glob("templates/**/*"), *ROOT.glob("*/**/*.py"), *ROOT.glob("static/js/*.js"))
    if path.is_file()
    and path.relative_to(ROOT).parts[0] not in {"tests", "clients", "benchmarks", "reconciliation"}
    and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)


@pytest.mark.parametrize("phrase", BANNED)
def test_nobody_is_told_so_again(phrase: str) -> None:
    told = [str(path.relative_to(ROOT)) for path in WRITTEN if phrase in path.read_text(errors="ignore")]
    assert told == [], f"write {BANNED[phrase]!r} instead"


def test_the_search_reads_what_people_read() -> None:
    assert len(WRITTEN) > 500
    assert any(re.search("Import", path.read_text()) for path in WRITTEN if path.name == "ways_in.html")
