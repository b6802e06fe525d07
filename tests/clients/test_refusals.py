"""Refusals as errors, what is asked for again, and the key that makes it safe: on a server that plays its part."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from atlasnexus_client import AsyncClient, Client, Retries, errors
from atlasnexus_client.plans import Answer, Plan, Request, Send, Wait, answered

Part = tuple[int, dict[str, str], Any]
QUICK = Retries(attempts=3, first_seconds=0.01, most_seconds=0.02)
CODE = "3f1d7c1e-0000-4000-8000-000000000001"


class Server:
    """Answers what it was told to, in turn; keeps what it was asked. A status of 0 hangs up without an answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.parts: list[Part] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                heads = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append((self.command, self.path, heads, body))
                status, headers, told = server.parts.pop(0)
                if status == 0:
                    self.close_connection = True
                    return
                content = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    def keys(self) -> list[str]:
        return [heads.get("idempotency-key", "") for _, _, heads, _ in self.asked]


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


def blocking(url: str, name: str, *args: Any, **options: Any) -> Any:
    with Client(url, "token", retries=QUICK, poll_seconds=0.01) as client:
        found = getattr(client, name)(*args, **options)
        return list(found) if hasattr(found, "__next__") else found


def awaiting(url: str, name: str, *args: Any, **options: Any) -> Any:
    async def called() -> Any:
        async with AsyncClient(url, "token", retries=QUICK, poll_seconds=0.01) as client:
            found = getattr(client, name)(*args, **options)
            return [each async for each in found] if hasattr(found, "__anext__") else await found

    # A thread of its own: the tests' own may hold a browser's event loop.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, called()).result()


@pytest.fixture(params=[blocking, awaiting])
def call(request: pytest.FixtureRequest, server: Server) -> Callable[..., Any]:
    """Calls an operation by its name, in either way."""
    return lambda *args, **options: request.param(server.url, *args, **options)


def problem(status: int, code: str = "", **fields: Any) -> dict[str, Any]:
    return {"status": status, "code": code, "detail": "A sentence.", "request_id": "r-1", "problems": [], **fields}


# Errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.NotSignedIn),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.UnderWay),
        (412, errors.Changed),
        (413, errors.BadRequest),
        (422, errors.Invalid),
        (428, errors.Changed),
        (500, errors.Fault),
        (418, errors.Refused),
    ],
)
def test_a_refusal_is_raised_at_once_as_what_it_is(server: Server, status: int, kind: type[errors.Refused]):
    place = {"code": "range", "place": "inputs.power.pue", "pointer": "/inputs/power/pue", "message": "Too high."}
    server.parts = [(status, {}, problem(status, "some_code", problems=[place]))]
    with pytest.raises(errors.AtlasError) as caught:
        blocking(server.url, "read_project", CODE)
    refused = caught.value
    assert type(refused) is kind
    assert isinstance(refused, errors.Refused)
    assert (refused.status, refused.code, refused.detail, refused.request_id) == (
        status,
        "some_code",
        "A sentence.",
        "r-1",
    )
    assert refused.problems == (errors.FieldProblem("range", "inputs.power.pue", "/inputs/power/pue", "Too high."),)
    assert len(server.asked) == 1


def test_an_answer_of_something_before_the_server_is_a_refusal_too(call: Callable[..., Any], server: Server):
    server.parts = [(500, {"Content-Type": "text/html"}, b"<h1>Oh</h1>")]
    with pytest.raises(errors.Fault, match="<h1>Oh</h1>"):
        call("me")


# Again


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_asked_for_again_under_the_same_key(call: Callable[..., Any], server: Server, status: int):
    server.parts = [(status, {}, problem(status)), (0, {}, ""), (201, {"ETag": '"abc"'}, {"code": CODE})]
    assert call("submit_project", CODE, note="Ready") == {"code": CODE}
    assert len(set(server.keys())) == 1
    assert len(server.keys()[0]) == 36
    assert [body for *_, body in server.asked] == [b'{"note": "Ready"}'] * 3


def test_two_calls_have_two_keys_and_a_key_may_be_given(server: Server):
    server.parts = [(201, {}, {}) for _ in range(3)]
    for given in ({}, {}, {"idempotency_key": "mine"}):
        blocking(server.url, "submit_project", CODE, **given)
    first, second, third = server.keys()
    assert first != second
    assert third == "mine"


def test_reading_has_no_key(server: Server):
    server.parts = [(200, {}, {})]
    blocking(server.url, "me")
    assert server.keys() == [""]


def test_patience_ends(call: Callable[..., Any], server: Server):
    server.parts = [(503, {}, problem(503, "busy"))] * 3
    with pytest.raises(errors.Busy):
        call("me")
    assert len(server.asked) == QUICK.attempts


def test_nobody_there_is_said_in_the_end(call: Callable[..., Any], server: Server):
    server.parts = [(0, {}, "")] * 3
    with pytest.raises(errors.Unreachable):
        call("me")
    assert len(server.asked) == QUICK.attempts


def steps(plan: Plan[Answer], *told: Any) -> list[Any]:
    """What a plan asks for when it is told these, one after the other; its result or error last."""
    found: list[Any] = [next(plan)]
    for each in told:
        try:
            found.append(plan.throw(each) if isinstance(each, Exception) else plan.send(each))
        except StopIteration as done:
            found.append(done.value)
        except errors.AtlasError as error:
            found.append(error)
    return found


def refused(status: int, code: str = "", **headers: str) -> Answer:
    return Answer(
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps(problem(status, code)).encode(),
    )


ASKED = Request("POST", "projects")
FIXED = Retries(attempts=3, patience_seconds=60)


def test_the_server_says_how_long_to_wait():
    good = Answer(200, {})
    found = steps(answered(ASKED, FIXED), refused(429, retry_after="60"), None, good)
    assert found == [Send(ASKED), Wait(60.0), Send(ASKED), good]


def test_longer_than_patience_is_not_waited():
    _, error = steps(answered(ASKED, FIXED), refused(429, retry_after="61"))
    assert isinstance(error, errors.TooMany)
    assert error.retry_after_seconds == 61.0


def test_a_lost_request_that_is_still_being_answered_is_waited_for():
    lost, under_way, good = errors.Unreachable("gone"), refused(409, "under_way"), Answer(200, {})
    _, wait, again, second_wait, third, done = steps(answered(ASKED, FIXED), lost, None, under_way, None, good)
    assert isinstance(wait, Wait)
    assert isinstance(second_wait, Wait)
    assert again == third == Send(ASKED)
    assert done is good


@pytest.mark.parametrize("code", ["under_way", "another"])
def test_somebody_elses_request_under_the_key_is_not(code: str):
    _, error = steps(answered(ASKED, FIXED), refused(409, code))
    assert isinstance(error, errors.UnderWay)


def test_waits_double_up_to_the_most():
    retries = Retries(first_seconds=1.0, most_seconds=8.0)
    for attempt, whole in ((1, 1.0), (2, 2.0), (4, 8.0), (9, 8.0)):
        seconds = [retries.seconds(attempt) for _ in range(200)]
        assert whole / 2 <= min(seconds) < max(seconds) <= whole


# Pages


def test_pages_follow_their_next_on_the_same_server_only(call: Callable[..., Any], server: Server):
    further = "https://elsewhere.example/api/v1/runs?limit=2&state=done&cursor=x%3Ay"
    server.parts = [
        (200, {}, {"items": [{"n": 1}, {"n": 2}], "next": further}),
        (200, {}, {"items": [{"n": 3}], "next": None}),
    ]
    assert call("list_runs", state="done", page_size=2) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [path for _, path, *_ in server.asked] == [
        "/api/v1/runs?state=done&limit=2",
        "/api/v1/runs?limit=2&state=done&cursor=x%3Ay",
    ]


def test_a_further_page_is_asked_for_when_it_is_needed(server: Server):
    server.parts = [(200, {}, {"items": [1, 2], "next": "?cursor=a"})]
    with Client(server.url, "token", retries=QUICK) as client:
        assert next(client.list_runs()) == 1  # type: ignore[comparison-overlap]  # the server plays
    assert len(server.asked) == 1


# Jobs

DONE = {
    "job": CODE,
    "state": "done",
    "is_finished": True,
    "total_count": 2,
    "done_count": 2,
    "error": "",
    "state_label": "Done",
}
WORKING = {**DONE, "state": "working", "is_finished": False, "done_count": 1}


def events(*told: dict[str, Any]) -> bytes:
    lines = [f"id: 1-{number}\nevent: progress\ndata: {json.dumps(each)}\n\n" for number, each in enumerate(told)]
    return ": still here\n\n".join(["", *lines]).encode()


def test_a_stream_is_followed_to_the_end(call: Callable[..., Any], server: Server):
    server.parts = [(200, {}, events({**WORKING, "alive": 7}, DONE, DONE))]
    first, last = call("follow", CODE)
    assert first == {**WORKING, "figures": {"alive": 7}}
    assert last == {**DONE, "figures": {}}
    assert server.asked[0][1] == f"/api/v1/jobs/{CODE}/events"


@pytest.mark.parametrize(
    "cut", [(200, {}, events(WORKING)), (0, {}, ""), (503, {}, problem(503)), (429, {}, problem(429))]
)
def test_a_stream_that_is_cut_is_asked_instead(call: Callable[..., Any], server: Server, cut: Part):
    server.parts = [cut, (200, {}, {**WORKING, "figures": {}}), (200, {}, {**DONE, "figures": {}})]
    assert call("wait", CODE)["state"] == "done"
    assert [path.rpartition("/")[2] for _, path, *_ in server.asked] == ["events", "progress", "progress"]


def test_a_job_of_somebody_else_is_refused(call: Callable[..., Any], server: Server):
    server.parts = [(404, {}, problem(404, "not_found"))]
    with pytest.raises(errors.NotFound):
        call("wait", CODE)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_job_that_ends_otherwise_raises(call: Callable[..., Any], server: Server, state: str):
    server.parts = [(200, {}, events({**DONE, "state": state, "error": "No more room."}))]
    with pytest.raises(errors.JobFailed, match=f"{state}: No more room.") as caught:
        call("wait", CODE)
    assert caught.value.progress["state"] == state


def test_a_bar_shows_how_far_it_is(server: Server, capsys: pytest.CaptureFixture[str]):
    server.parts = [(200, {}, events(WORKING, DONE))]
    blocking(server.url, "wait", CODE, bar=True)
    assert "2/2" in capsys.readouterr().err


def test_no_bar_is_shown_unasked(server: Server, capsys: pytest.CaptureFixture[str]):
    server.parts = [(200, {}, events(DONE))]
    blocking(server.url, "wait", CODE)
    assert not capsys.readouterr().err
