from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services.one_time_password import current_code
from ratings.demo_people import demo_keys


class Command(BaseCommand):
    help = "Prints the one-time code that a person of the demo is asked for now; nobody else's."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        secret = demo_keys(settings.ATLASNEXUS_DATA_DIR).secrets.get(options["email"].lower())
        if secret is None:
            raise CommandError(f"{options['email']} is nobody of the demo who is asked for a code.")
        self.stdout.write(current_code(secret))
