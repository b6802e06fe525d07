from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts and audit"

    def ready(self) -> None:
        from accounts import trail  # noqa: F401  # receivers exist once the models do
        from accounts.house import join

        join()
