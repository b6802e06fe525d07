"""Checks the ZIP of a pack against its own manifest."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.verification import check_pack


class Command(BaseCommand):
    """Needs no database: whoever holds a pack can check it with this platform's code."""

    help = "Compares every file of a pack's ZIP with the manifest in it. Exits with 1 where something differs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pack", type=Path, help="The ZIP of a pack.")
        parser.add_argument("--manifest-sha256", default="", help="What the manifest's own SHA-256 is to be.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = check_pack(options["pack"].read_bytes(), options["manifest_sha256"])
        except OSError as error:
            raise CommandError(f"{options['pack']}: cannot be read: {error.strerror}.") from error
        for line in found.lines:
            self.stdout.write(line)
        if found.problems:
            raise CommandError("\n".join(found.problems))
        self.stdout.write(f"The pack is what its manifest says. Manifest SHA-256 {found.manifest_sha256}")
