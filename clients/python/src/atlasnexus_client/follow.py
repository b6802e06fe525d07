"""A job followed to its end: by its stream of events, by asking where the stream is cut."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from atlasnexus_client.core import Core, Of, code_of, path_of
from atlasnexus_client.errors import Unreachable, refusal_of
from atlasnexus_client.plans import AWAY, Line, Open, Plan, Request, Stream, Wait
from atlasnexus_client.shapes import Progress


class Following:
    """How far a job is, told again and again."""

    def __init__(self, core: Core, job: Of) -> None:
        self._core, self._job = core, job
        self._stream: Stream | None = None
        self._is_cut = self._was_asked = False

    def further(self) -> Plan[Progress]:
        """The next that is told of it."""
        if not self._is_cut:
            told = yield from self._streamed()
            if told is not None:
                return told
            self._is_cut = True
        if self._was_asked:
            yield Wait(self._core.settings.poll_seconds)
        self._was_asked = True
        asked: Progress = yield from self._core._call("GET", path_of("jobs", self._job, "progress"))
        return asked

    def _streamed(self) -> Plan[Progress | None]:
        """The next event; None where there is no stream, or no more of it."""
        try:
            stream = self._stream or (yield from self._opened())
            self._stream = stream
            return None if stream is None else (yield from _event(stream))
        except Unreachable:
            return None

    def _opened(self) -> Plan[Stream | None]:
        heads = {"Accept": "text/event-stream"}
        stream: Stream = yield Open(Request("GET", path_of("jobs", self._job, "events"), headers=heads))
        answer = stream.answer
        if answer.status in (429, *AWAY):
            return None
        if answer.status >= 400:
            raise refusal_of(answer.status, answer.headers, answer.content)
        return stream


def _event(stream: Stream) -> Plan[Progress | None]:
    data = list[str]()
    while (line := (yield Line(stream))) is not None:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:"))
        elif not line and data:
            return progress_of(json.loads("\n".join(data)))
    return None


def progress_of(told: Mapping[str, Any]) -> Progress:
    """An event as the API's own Progress: what its kind counts besides stands in `figures`."""
    common = {name: told[name] for name in Progress.__annotations__ if name in told}
    figures = {name: value for name, value in told.items() if name not in common}
    return {"figures": figures, **common}  # type: ignore[typeddict-item]  # the names are its own


class Bar:
    """A progress bar, of tqdm; shows nothing where none is wanted."""

    def __init__(self, job: Of, *, is_wanted: bool) -> None:
        self._bar: Any = None
        if is_wanted:
            from tqdm import tqdm

            self._bar = tqdm(desc=code_of(job)[:8], unit="part", dynamic_ncols=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """The bar stands where the job does."""
        if self._bar is not None:
            self._bar.total, self._bar.n = progress["total_count"], progress["done_count"]
            self._bar.set_postfix_str(progress["state_label"], refresh=True)
