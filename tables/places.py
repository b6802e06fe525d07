"""How many exports a web process makes at once: each holds hundreds of megabytes until its file is written."""

from __future__ import annotations

import weakref
from threading import RLock

from django.conf import settings

from lib.errors import Busy

# Entered again where collecting rubbish gives a place back inside it.
_lock = RLock()
_taken = 0


class Place:
    """The right to make one export; given back when it is left, or when nobody holds it any more."""

    def __init__(self) -> None:
        self.leave = weakref.finalize(self, _give_back)


def take_place() -> Place:
    """A place, or Busy where all are taken."""
    global _taken  # noqa: PLW0603  # one count a process is the point
    with _lock:
        if _taken >= settings.ATLASNEXUS_EXPORTS_AT_ONCE:
            raise Busy(
                "Other exports are being made just now. Try again in a minute, or take CSV, which needs no wait."
            )
        _taken += 1
    return Place()


def _give_back() -> None:
    global _taken  # noqa: PLW0603
    with _lock:
        _taken -= 1
