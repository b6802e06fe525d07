"""`python -m atlasnexus.supervisor {run,demo,serve}`: see the Makefile and docs/operations.md."""

import os
import sys

from atlasnexus.supervisor.errors import SupervisorError


def main(verb: str) -> int:
    """The exit code."""
    from atlasnexus.supervisor.verbs import VERBS

    if verb not in VERBS:
        print(f"Say one of: {', '.join(VERBS)}.", file=sys.stderr)
        return 2
    try:
        VERBS[verb]()
    except SupervisorError as error:
        print(error, file=sys.stderr, flush=True)
        return error.exit_code
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")
    sys.exit(main(" ".join(sys.argv[1:])))
