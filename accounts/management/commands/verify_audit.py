"""Proves the audit trail: exit code 0 and its head, or 1 and the first entry that is not as it was written."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.verification import Verdict, entry_hash, verify

TELL_EVERY = 20_000


class Command(BaseCommand):
    """Run it whenever in doubt, and write the head down where nobody of the platform can change it."""

    help = "Computes every hash of the audit trail anew and follows the chain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", type=int, default=1, dest="first", help="Number of the first entry to check.")
        parser.add_argument("--to", type=int, default=None, dest="last", help="Number of the last entry to check.")
        parser.add_argument(
            "--head",
            default="",
            metavar="NUMBER:HASH",
            help="A head written down earlier: the trail must still hold it.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["first"] < 1 or (options["last"] is not None and options["last"] < options["first"]):
            raise CommandError("--from and --to: expected numbers of entries, from 1 up, the first not after the last.")
        verdict = verify(options["first"], options["last"], tell=self._tell)
        self._require_head(options["head"])
        self._answer(verdict)

    def _answer(self, verdict: Verdict) -> None:
        number, head = verdict.head
        if verdict.fault:
            self.stderr.write(
                f"BROKEN at entry {verdict.fault.sequence}, {verdict.fault.kind}: {verdict.fault.sentence}."
            )
            self.stderr.write(f"{verdict.checked:,} entries before it hold together.")
            sys.exit(1)
        self.stdout.write(f"{verdict.checked:,} entries hold together.")
        self.stdout.write(f"head {number}:{head}")

    def _require_head(self, written_down: str) -> None:
        if not written_down:
            return
        number, _, head = written_down.partition(":")
        if not number.isdigit() or len(head) != 64:
            raise CommandError("--head: expected NUMBER:HASH as an earlier check has printed it.")
        now = entry_hash(int(number))
        if now != head.lower():
            found = f"has the hash {now}" if now else "is not there"
            self.stderr.write(f"BROKEN: entry {number} {found}, written down was {head}.")
            sys.exit(1)

    def _tell(self, checked: int) -> None:
        if checked % TELL_EVERY == 0:
            self.stderr.write(f"{checked:,} entries checked ...")
