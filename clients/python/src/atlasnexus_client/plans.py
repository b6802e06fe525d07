"""What is to be done, as generators of steps: nothing here touches the network, a clock or a thread.

A plan yields steps and is told what became of each. Whoever carries it out, blocking or awaiting, decides how: so each
operation is written once.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Generic, TypeVar

from atlasnexus_client.errors import Busy, Fault, Refused, TooMany, UnderWay, Unreachable, refusal_of

T = TypeVar("T")
Params = tuple[tuple[str, str], ...]
# Answers of a proxy whose server is away for a moment.
AWAY = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `path` is below /api/v1/."""

    method: str
    path: str
    params: Params = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    files: Mapping[str, tuple[str, bytes]] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that is read line by line; `lines` is its carrier's."""

    answer: Answer
    lines: Any = None


@dataclass(frozen=True, slots=True)
class Send:
    """Ask for an Answer."""

    request: Request


@dataclass(frozen=True, slots=True)
class Open:
    """Ask for a Stream."""

    request: Request


@dataclass(frozen=True, slots=True)
class Line:
    """Ask for the stream's next line; None at its end."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time go by."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Hand something to who asked."""

    value: T


Step = Send | Open | Line | Wait
Plan = Generator[Step, Any, T]
Items = Generator[Step | Item[T], Any, None]


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent before its refusal counts, and how long is waited between.

    The wait doubles from `first_seconds` to `most_seconds`, less a random part of it, unless the server says how long; where
    it asks for more than `patience_seconds`, its refusal counts at once.
    """

    attempts: int = 5
    first_seconds: float = 0.5
    most_seconds: float = 20.0
    patience_seconds: float = 120.0

    def seconds(self, attempt: int) -> float:
        """How long to wait after this attempt, the first being 1."""
        whole = min(self.most_seconds, self.first_seconds * 2.0 ** (attempt - 1))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311  # programs that were refused together come back apart


def answered(request: Request, retries: Retries) -> Plan[Answer]:
    """The answer, asked for again while it is worth it; Refused or Unreachable at the end."""
    for attempt in count(1):
        try:
            answer: Answer = yield Send(request)
        except Unreachable:
            if attempt >= retries.attempts:
                raise
            yield Wait(retries.seconds(attempt))
            continue
        if answer.status < 400:
            return answer
        refusal = refusal_of(answer.status, answer.headers, answer.content)
        seconds = retries.seconds(attempt) if refusal.retry_after_seconds is None else refusal.retry_after_seconds
        if attempt >= retries.attempts or seconds > retries.patience_seconds or not is_passing(refusal, attempt):
            raise refusal
        yield Wait(seconds)
    raise AssertionError  # count does not end


def is_passing(refusal: Refused, attempt: int) -> bool:
    """True where the same request may be answered in a moment.

    A request that was sent before and got lost may still be under way: it is asked for again under its key.
    """
    if isinstance(refusal, UnderWay):
        return attempt > 1 and refusal.code == "under_way"
    return isinstance(refusal, TooMany | Busy) or (isinstance(refusal, Fault) and refusal.status in AWAY)
