from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reconciliation.bulk import compare_parquet
from reconciliation.queries import terms_in_force


class Command(BaseCommand):
    help = "Compares two Parquet files of listed trades under the terms in force, and tells verdicts and breaks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ours", type=Path)
        parser.add_argument("theirs", type=Path)
        parser.add_argument("--breaks", type=int, default=20, help="how many breaks are shown")

    def handle(self, *args: Any, **options: Any) -> None:
        terms = terms_in_force(timezone.localdate())
        if terms is None:
            raise CommandError("No reconciliation terms are in force: approve some first.")
        try:
            found = compare_parquet(options["ours"], options["theirs"], terms.terms())
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        for verdict, count in sorted(found.verdicts.items()):
            self.stdout.write(f"{verdict:<20} {count:>12,}")
        for row in found.breaks[: options["breaks"]]:
            self.stdout.write("  ".join(str(value) for value in row))
