from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from atlasnexus.backup import BackupRefused, make_backup, prune_backups


class Command(BaseCommand):
    help = "Takes database, files and key into one archive of a folder, while the platform runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep-days", type=int, default=0, help="Delete archives older than so many days.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_backup(options["folder"])
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{made}")
        if options["keep_days"]:
            self.stdout.write(f"{prune_backups(options['folder'], options['keep_days'])} older ones deleted")
