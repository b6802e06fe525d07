"""The reconciliation room: files in, explained breaks out."""

from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    """Sources, files, records, runs, matches and breaks."""

    name = "reconciliation"
    verbose_name = "Reconciliation"

    def ready(self) -> None:
        from reconciliation.house import join

        join()
