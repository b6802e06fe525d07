"""What a service or a query may refuse.

AtlasError
|-- NotFound    the thing is not there, or not for this person's eyes   404
|-- Forbidden   the person may see it, but not do this                  403
`-- Invalid     the data has problems, each with a place and a sentence 400, or shown on the form
"""

from collections.abc import Iterable

from engine.errors import Problem


class AtlasError(Exception):
    """A refusal that is told to the person in its own words."""


class NotFound(AtlasError):
    """Nothing there that this person may know of."""


class Forbidden(AtlasError):
    """Seen, but not theirs to change."""


class Invalid(AtlasError):
    """Data with problems; nothing was saved."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))
