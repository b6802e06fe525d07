"""Readies the data folder before anything starts: rows migrated, static files collected, kernels compiled."""

import os
import sys

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import OperationalError

    from atlasnexus.kernels import warm_up

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        print(f"The database does not answer: {error}", file=sys.stderr)  # noqa: T201
        return 2
    call_command("collectstatic", verbosity=0, interactive=False)
    warm_up()
    return 0


if __name__ == "__main__":
    sys.exit(main())
