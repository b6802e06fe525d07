from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """How the platform stands, for those who run it: queues, workers, jobs, stores, and where an alert is due."""

    name = "operations"

    def ready(self) -> None:
        from jobs.registry import register_sweep
        from operations.sizes import measure_due

        register_sweep("stores measured", measure_due)
