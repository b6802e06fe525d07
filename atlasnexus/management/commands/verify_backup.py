from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from atlasnexus.backup import verify_backup


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Proves that a backup is whole: every file against its SHA-256, the database against its own rules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_backup(options["archive"])
        if verdict.problems:
            raise CommandError("\n".join(verdict.problems))
        self.stdout.write(f"Whole: {verdict.files} files, made at {verdict.made_at}")
