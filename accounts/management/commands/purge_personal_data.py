from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts.services import purge_personal_data
from lib import personal


class Command(BaseCommand):
    help = "Forgets personal data whose time is over, as the watcher does once a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many rows would go.")

    def handle(self, *args: Any, **options: Any) -> None:
        gone = _too_old() if options["dry_run"] else purge_personal_data()
        for label, each in personal.ageing().items():
            days = settings.ATLASNEXUS_KEPT_DAYS[each.kind]
            kept = f"kept {days} days after {each.since}" if days else "kept for good"
            self.stdout.write(f"{gone.get(label, 0):>8} {label}, {kept}")


def _too_old() -> dict[str, int]:
    return {label: each.too_old().count() for label, each in personal.ageing().items()}
