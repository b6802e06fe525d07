from django.apps import AppConfig


class RatingsConfig(AppConfig):
    name = "ratings"
    verbose_name = "Rating rules"

    def ready(self) -> None:
        from ratings.house import join

        join()
