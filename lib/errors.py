"""What a service or a query may refuse, wherever it lies.

AtlasError
|-- NotFound           the thing is not there, or not for this person's eyes   404
|-- Forbidden          the person may see it, but not do this                  403
|-- Busy               the platform has no room for it just now                503
`-- Invalid            the data has problems, each with a place and a sentence 400, or shown on the form
    `-- UnreadableFile a file from outside that is not what it claims, or not safe to read
AppendOnlyError        a programmer's fault: what is written once was to be changed
"""

from collections.abc import Iterable

from engine.errors import Problem


class AtlasError(Exception):
    """A refusal that is told to the person in its own words."""


class NotFound(AtlasError):
    """Nothing there that this person may know of."""


class Forbidden(AtlasError):
    """Seen, but not theirs to change."""


class Busy(AtlasError):
    """Not now: the same may be asked for again in a while."""


class Invalid(AtlasError):
    """Data with problems; nothing was saved."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class UnreadableFile(Invalid):
    """A file refused as a whole: `sentence` says what it is, the message also what to do."""

    def __init__(self, code: str, sentence: str, advice: str = "") -> None:
        self.code, self.sentence = code, sentence
        super().__init__([Problem(code, "file", f"The file was refused. {sentence} {advice}".strip())])


class AppendOnlyError(TypeError):
    """Somebody tried to change the past."""
