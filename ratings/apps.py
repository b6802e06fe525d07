from django.apps import AppConfig

from accounts.audit_pages.targets import show_at


class RatingsConfig(AppConfig):
    name = "ratings"
    verbose_name = "Rating rules"

    def ready(self) -> None:
        show_at("ratings.RuleSet", "rules-detail")
