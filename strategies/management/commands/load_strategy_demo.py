from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from strategies.demo import load_strategy

ADMIN, SECOND = "admin@demo.example", "internal@demo.example"


class Command(BaseCommand):
    help = "Loads a desk, its drawn market and a strategy worked out to its review; what is there already stays. After load_demo."

    def handle(self, *args: Any, **options: Any) -> None:
        people = {person.email: person for person in User.objects.filter(email__in=(ADMIN, SECOND))}
        if len(people) < 2:
            raise CommandError("The demo's people are missing: run load_demo first.")
        for line in load_strategy(admin=people[ADMIN], second=people[SECOND]):
            self.stdout.write(line)
