"""The securitisation room: pools of loans, structures of notes, their runs."""

from django.apps import AppConfig


class SecuritisationConfig(AppConfig):
    """Financings and loan tapes as notes."""

    name = "securitisation"
    verbose_name = "Securitisation"

    def ready(self) -> None:
        from securitisation.house import join

        join()
