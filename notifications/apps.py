from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import listeners  # noqa: F401  # they hear once the models exist
        from notifications.house import join

        join()
