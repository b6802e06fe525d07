"""The strategy floor: desks, their data, strategies from signal to signed-off orders."""

from django.apps import AppConfig


class StrategiesConfig(AppConfig):
    """Systematic strategies of a desk."""

    name = "strategies"
    verbose_name = "Strategies"

    def ready(self) -> None:
        from strategies.house import join

        join()
