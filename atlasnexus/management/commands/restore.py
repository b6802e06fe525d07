from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from atlasnexus.backup import BackupRefused, restore_backup
from atlasnexus.moving import NotMoved


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Puts a backup back into an empty data folder and database; the platform must not run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = restore_backup(options["archive"])
        except (BackupRefused, NotMoved) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{count} files are back. Next: manage.py migrate, manage.py verify_audit, make serve")
