from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lib.slots import answers
from projects.demo import ensure_demo_project
from projects.models import Project
from projects.services import approve_submission, submit_project
from ratings.demo_people import Keys, demo_keys, ensure_demo_people
from ratings.services import seed_market_sets, seed_rule_sets

SPONSOR, ADMIN = "sponsor@demo.example", "admin@demo.example"


class Command(BaseCommand):
    help = "Loads the rating rules and the market set, one user of each role and the demo project; what is there already stays."

    def handle(self, *args: Any, **options: Any) -> None:
        keys = demo_keys(settings.ATLASNEXUS_DATA_DIR)
        with transaction.atomic():
            rule_sets, market_sets = seed_rule_sets(), seed_market_sets()
            people = ensure_demo_people(keys)
            project = _approved_project(people[SPONSOR], people[ADMIN])
            further = list(answers("demo.load", people))
        self._tell(project, keys, [[each.label for each in found] for found in (rule_sets, market_sets)])
        for line in further:
            self.stdout.write(line)

    def _tell(self, project: Project, keys: Keys, labels: list[list[str]]) -> None:
        for title, found in zip(("Rating rules", "Market sets"), labels, strict=True):
            self.stdout.write(f"{title}: {', '.join(found)}")
        self.stdout.write(f"Project: {project.title}, code {project.code}")
        self.stdout.write("Sign in as:")
        for email, password in keys.passwords.items():
            self.stdout.write(f"  {email:<24} {password}")
        for email in keys.secrets:
            self.stdout.write(f"One-time code, asked of the administrator: manage.py one_time_code {email}")


def _approved_project(owner: User, admin: User) -> Project:
    project = ensure_demo_project(owner, timezone.localdate())
    # A demo project that somebody archived, left with gaps or took through a review is theirs: nothing is forced on it.
    if project.is_complete and not project.submissions.exists():
        submission = submit_project(by=owner, project=project)
        approve_submission(by=admin, submission=submission, comment="The demo's own figures.")
    return project
