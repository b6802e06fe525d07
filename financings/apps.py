"""The financings room: one structure of one project under one set of rules."""

from django.apps import AppConfig


class FinancingsConfig(AppConfig):
    """One financing, whichever way it was found."""

    name = "financings"
    verbose_name = "Financings"

    def ready(self) -> None:
        from financings.house import join

        join()
