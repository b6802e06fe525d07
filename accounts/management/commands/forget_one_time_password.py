from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import forget_one_time_password


class Command(BaseCommand):
    help = "Takes the one-time password off somebody whose phone and recovery codes are lost; they may set it up anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody has the e-mail {options['email']}.")
        had_one = forget_one_time_password(by=None, user=user)
        done = "is taken off, and they are signed out everywhere" if had_one else "was never set up"
        self.stdout.write(f"The one-time password of {user.email} {done}.")
