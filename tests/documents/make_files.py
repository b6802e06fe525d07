"""Makes every document of the pickled facts in a process of its own: `python -m tests.documents.make_files FACTS FILES`."""

import pickle
import sys
from pathlib import Path

import django

django.setup()

from documents.kinds import parts_of  # noqa: E402  # needs the apps

if __name__ == "__main__":
    given, made = map(Path, sys.argv[1:])
    facts = pickle.loads(given.read_bytes())  # noqa: S301  # the test's own
    made.write_bytes(pickle.dumps({part.filename: kind.make(facts, part) for kind, part in parts_of(facts)}))
