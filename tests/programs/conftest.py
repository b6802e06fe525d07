"""One platform for the programs of this folder."""

from tests.folder_platform import _platform, redis_server

__all__ = ["_platform", "redis_server"]
