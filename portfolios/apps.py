"""The CLO room: deals, pools, tests, trades, payments."""

from django.apps import AppConfig


class PortfoliosConfig(AppConfig):
    """A CLO run by its own papers."""

    name = "portfolios"
    verbose_name = "CLO portfolios"

    def ready(self) -> None:
        from portfolios.house import join

        join()
