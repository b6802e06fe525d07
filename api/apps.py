from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What programs call."""

    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        from api.house import join

        join()
