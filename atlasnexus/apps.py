from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AtlasAdminConfig(AdminConfig):
    default_site = "atlasnexus.admin.AtlasAdminSite"


class PlatformConfig(AppConfig):
    """The commands of whoever runs the platform."""

    name = "atlasnexus"
    label = "platform"

    def ready(self) -> None:
        from accounts.audit import declare
        from atlasnexus import tls  # noqa: F401 - its checks are registered
        from atlasnexus.backup import due_backup, newest_backup
        from atlasnexus.counters import forget_expired
        from atlasnexus.retention import purge_due
        from jobs.registry import register_sweep
        from lib.slots import answer
        from notifications import kinds

        declare({"user.refused_often": "User refused unusually often"})
        kinds.declare({"refused_often": "Somebody was refused unusually often"}, for_administrators={"refused_often"})
        answer("operations.backup", newest_backup)
        register_sweep("backups made", due_backup)
        register_sweep("expired counters forgotten", forget_expired)
        register_sweep("old personal data forgotten", purge_due)
