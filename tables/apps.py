"""The tables room: any table of Parquet files on a page, and the views that people keep of one."""

from django.apps import AppConfig


class TablesConfig(AppConfig):
    """Explorers over Parquet and saved views."""

    name = "tables"
    verbose_name = "Tables"

    def ready(self) -> None:
        from tables.house import join

        join()
