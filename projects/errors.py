"""What this app refuses in its own words.

Invalid (accounts.errors)
|-- StaleVersion   somebody else saved the project first
`-- NotComplete    the inputs still have problems, so no snapshot can be taken
"""

from accounts.errors import Invalid
from engine.errors import Problem


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
