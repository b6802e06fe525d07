from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AtlasAdminConfig(AdminConfig):
    default_site = "atlasnexus.admin.AtlasAdminSite"


class OperationsConfig(AppConfig):
    """The commands of whoever runs the platform."""

    name = "atlasnexus"
    label = "operations"

    def ready(self) -> None:
        from atlasnexus.backup import due_backup
        from atlasnexus.counters import forget_expired
        from atlasnexus.retention import purge_due
        from jobs.registry import register_sweep

        register_sweep("backups made", due_backup)
        register_sweep("expired counters forgotten", forget_expired)
        register_sweep("old personal data forgotten", purge_due)
