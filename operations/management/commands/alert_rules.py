from typing import Any

from django.core.management.base import BaseCommand

from operations.alerts import rules_text


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Writes Prometheus' rules, as deploy/prometheus/atlasnexus-rules.yml has them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(rules_text(), ending="")
