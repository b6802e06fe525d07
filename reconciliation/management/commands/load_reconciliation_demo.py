from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import change_user
from reconciliation.demo import load_day
from reconciliation.kinds import ANALYST
from reconciliation.services.seed_reconciliation import seed_reconciliation

ADMIN, ANALYST_OF_DEMO = "admin@demo.example", "internal@demo.example"


class Command(BaseCommand):
    help = "Loads mappings, terms and a day of files of the demo, and compares them; what is there already stays. After load_demo."

    def handle(self, *args: Any, **options: Any) -> None:
        admin = User.objects.filter(email=ADMIN).first()
        if admin is None:
            raise CommandError("The demo's people are missing: run load_demo first.")
        seed_reconciliation()
        _make_analyst(admin)
        for run in load_day(admin):
            self.stdout.write(
                f"{run}: {run.summary.get('matched', 0)} of {run.summary.get('groups', 0)} groups matched"
            )


def _make_analyst(admin: User) -> None:
    """A second person, so that resolutions can be approved by another."""
    analyst = User.objects.filter(email=ANALYST_OF_DEMO).first()
    if analyst and ANALYST not in analyst.further_roles:
        analyst.further_roles = [*analyst.further_roles, ANALYST]
        change_user(by=admin, user=analyst)
