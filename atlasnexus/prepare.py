"""Readies the data folder: `python -m atlasnexus.prepare {rows,kernels,further}`, before anything that needs them starts."""

import os
import sys

import django


def rows() -> int:
    """0 once the database is migrated and static files are collected."""
    from django.core.management import call_command
    from django.db import OperationalError

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        print(f"The database does not answer: {error}", file=sys.stderr)  # noqa: T201
        return 2
    call_command("collectstatic", verbosity=0, interactive=False)
    return 0


def kernels() -> int:
    """0 once the engine's kernels are compiled where every process finds them."""
    # The settings name the cache's place, which numba reads when it is first imported.
    django.setup()
    from django.conf import settings

    from engine.warm import warm_up
    from lib.kernel_cache import forget_older_kernels

    warm_up()
    forget_older_kernels(settings.ATLASNEXUS_DATA_DIR)
    return 0


def further() -> int:
    """0 once the kernels that the main job does without are compiled too: whoever needs one first would wait for it."""
    django.setup()
    from engine.warm import warm_up_further

    warm_up_further()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")
    sys.exit({"rows": rows, "kernels": kernels, "further": further}[sys.argv[1]]())
