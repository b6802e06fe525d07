from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long work of every room: who works on it, how far it is, and what becomes of it when a worker is lost."""

    name = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from jobs.house import join

        join()
