from django.apps import AppConfig


class RatingsConfig(AppConfig):
    name = "ratings"
    verbose_name = "Rules and market"

    def ready(self) -> None:
        from ratings.house import join

        join()
