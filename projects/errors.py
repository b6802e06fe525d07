"""What this app refuses in its own words.

Invalid (lib.errors)
|-- StaleVersion   somebody else saved the project first
|-- NotComplete    the inputs still have problems, so no snapshot can be taken
|-- NotPending     the submission was decided, withdrawn or replaced before
`-- NotApproved    no snapshot of the project has been approved, so it cannot be run
"""

from engine.errors import Problem
from lib.errors import Invalid


class StaleVersion(Invalid):
    """An edit read version `expected`, but the project stands at `current`."""

    def __init__(self, expected: int, current: int) -> None:
        message = (
            f"Somebody saved this project after you opened it: expected version {expected}, got {current}. "
            "Nothing of yours was saved. Reload the project and enter your change again."
        )
        super().__init__([Problem("stale_version", "version", message)])


class NotComplete(Invalid):
    """A project whose inputs have `problems`."""


class NotPending(Invalid):
    """A submission that no longer waits; `how` says what became of it."""

    def __init__(self, how: str) -> None:
        super().__init__([Problem("not_pending", "submission", f"This submission no longer waits for review: {how}")])


class NotApproved(Invalid):
    """A project without an approved snapshot; `way` says how to get one."""

    def __init__(self, way: str) -> None:
        message = f"A run works on approved inputs, and this project has none yet. {way}"
        super().__init__([Problem("not_approved", "project", message)])
