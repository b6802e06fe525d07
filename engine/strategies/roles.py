"""Four roles and their tools: who calls what when, every call recorded, and a record that runs again without its tools.

The planner is deterministic: the same assignment and results give the same bytes. A language model may stand beside it as
an `Adapter`: it may choose what is called next among what is open, and word what was found. It passes no arguments, sees
copies only, and its text is refused where it names a figure that no tool returned or speaks against the check's status.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from engine.errors import EngineError, InputProblems, Problem
from engine.strategies.contracts import (
    BACKTEST,
    COMPLIANCE,
    DATA,
    METRICS,
    OPTIMISE,
    REPORT,
    SIGNAL,
    STRESS,
    hold_arguments,
    hold_result,
)
from engine.strategies.role_texts import DRAFTS, verdict
from engine.strategies.said import unfounded

QUANT, STRATEGIST, RISK, OFFICER = "quant_analyst", "market_strategist", "risk_manager", "compliance_officer"
TITLES = {
    QUANT: "Quant analyst",
    STRATEGIST: "Market strategist",
    RISK: "Risk manager",
    OFFICER: "Compliance officer",
}
DETERMINISTIC = "deterministic"
FORM = "atlas-nexus/role-run/1"
MOST_CHARACTERS = 4_000

Json = dict[str, Any]
Tool = Callable[[Json], Mapping[str, Any]]
Tools = Mapping[str, Tool]


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the roles work on: what a strategy says, and where the work is to end."""

    strategy_id: str
    universe_id: str
    fields: tuple[str, ...]
    first: str
    last: str
    recipe: Json
    method: str
    inputs: Json
    constraints: tuple[Json, ...]
    costs: Json
    rebalance: str
    covariance: str
    scenarios: tuple[Json, ...]
    ruleset: str
    targets: tuple[str, ...] = ()
    horizon_days: int = 1


@dataclass(frozen=True, slots=True)
class Task:
    """A call in the plan: whose, what it waits for, and what it is given."""

    role: str
    tool: str
    needs: tuple[str, ...]
    arguments: Callable[[Assignment, Json], Json]


def _weights(results: Json) -> Any:
    return results[OPTIMISE]["weights"]


TASKS = (
    Task(
        QUANT, DATA, (),
        lambda a, _: {"universe_id": a.universe_id, "fields": a.fields, "range": {"first": a.first, "last": a.last}},
    ),
    Task(QUANT, SIGNAL, (DATA,), lambda a, _: {"universe_id": a.universe_id, "recipe": a.recipe}),
    Task(
        QUANT, OPTIMISE, (SIGNAL,),
        lambda a, _: {"method": a.method, "inputs": a.inputs, "constraints": a.constraints},
    ),
    Task(
        QUANT, BACKTEST, (OPTIMISE,),
        lambda a, _: {"universe_id": a.universe_id, "weights_fn": a.method, "costs": a.costs, "rebal": a.rebalance},
    ),
    Task(STRATEGIST, STRESS, (OPTIMISE,), lambda a, r: {"weights": _weights(r), "scenarios": a.scenarios}),
    Task(
        RISK, METRICS, (OPTIMISE,),
        lambda a, r: {
            "weights": _weights(r), "returns": r[DATA]["panel"]["hash"], "cov": a.covariance,
            "params": {"horizon_days": a.horizon_days},
        },
    ),
    Task(OFFICER, COMPLIANCE, (METRICS,), lambda a, r: {"weights": _weights(r), "ruleset": a.ruleset}),
    Task(
        OFFICER, REPORT, (COMPLIANCE, BACKTEST, STRESS),
        lambda a, _: {"strategy_id": a.strategy_id, "targets": a.targets},
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool; without a result it was refused, and says why."""

    role: str
    tool: str
    arguments: Json
    result: Json | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a language model answered, and what it cost."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0


class AdapterFailed(EngineError):
    """The language model gave no answer."""


class Adapter(Protocol):
    """A language model beside the planner. Both answer a prompt of plain data."""

    @property
    def model(self) -> str:
        """Which model, as it is recorded."""

    def choose(self, prompt: Json) -> Said:
        """Which of `prompt["open"]` is called next."""

    def write(self, prompt: Json) -> Said:
        """A role's text, from the results and the draft of the template."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question to the model, its answer, and whether it was taken."""

    asked: str
    prompt: Json
    said: Said
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one role said of its calls; `worded_by` is the model, or the planner."""

    role: str
    tools: tuple[str, ...]
    text: str
    worded_by: str


@dataclass(frozen=True, slots=True)
class RoleRun:
    """One pass of the four roles. `status` is the compliance tool's, and empty where it was not reached."""

    assignment: Assignment
    model: str
    calls: tuple[Call, ...]
    exchanges: tuple[Exchange, ...]
    steps: tuple[Step, ...]
    status: str

    @property
    def is_complete(self) -> bool:
        """Whether every tool that was open gave its result."""
        return all(call.result is not None for call in self.calls) and bool(self.status)

    def as_record(self) -> Json:
        """The run as plain data, from which it runs again."""
        record: Json = copied({"form": FORM, **asdict(self)})
        return record


def copied(value: Any) -> Any:
    """The value as JSON gives it back: nothing of it is shared with anybody."""
    return json.loads(canonical(value))


def canonical(value: Any) -> str:
    """One text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(slots=True)
class _Desk:
    assignment: Assignment
    tools: Tools
    adapter: Adapter | None
    calls: list[Call] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def results(self) -> Json:
        """Copies of what the tools returned, by tool."""
        return {call.tool: copied(call.result) for call in self.calls if call.result is not None}

    @property
    def status(self) -> str:
        return str(self.results.get(COMPLIANCE, {}).get("status", ""))

    def open_tasks(self) -> list[Task]:
        """What may be called now, in the planner's order. An infeasible portfolio and a BLOCK close what follows."""
        results, called = self.results, {call.tool for call in self.calls}
        return [
            task
            for task in TASKS
            if task.tool not in called and all(_is_good(need, results) for need in task.needs)
        ]  # fmt: skip


def _is_good(tool: str, results: Json) -> bool:
    if tool not in results:
        return False
    if tool == OPTIMISE:
        return bool(results[tool]["diag"]["status"] == "solved")
    return tool != COMPLIANCE or results[tool]["status"] != "BLOCK"


def run_roles(assignment: Assignment, tools: Tools, adapter: Adapter | None = None) -> RoleRun:
    """The four roles at work, from the data to the report; raises InputProblems where a tool breaks its contract."""
    desk = _Desk(_settled(assignment), tools, adapter)
    while tasks := desk.open_tasks():
        _call(desk, _next(desk, tasks))
    steps = tuple(_steps(desk))
    model = adapter.model if adapter else DETERMINISTIC
    return RoleRun(desk.assignment, model, tuple(desk.calls), tuple(desk.exchanges), steps, desk.status)


def _settled(assignment: Assignment) -> Assignment:
    return _assignment_of(copied(asdict(assignment)))


def _assignment_of(row: Json) -> Assignment:
    rows = {name: tuple(row[name]) for name in ("fields", "constraints", "scenarios", "targets")}
    return Assignment(**{**row, **rows})


def _call(desk: _Desk, task: Task) -> None:
    arguments = copied(task.arguments(desk.assignment, desk.results))
    hold_arguments(task.tool, arguments)
    try:
        result = copied(desk.tools[task.tool](copied(arguments)))
    except InputProblems as refused:
        desk.calls.append(Call(task.role, task.tool, arguments, None, _sentences(refused)))
        return
    hold_result(task.tool, result)
    desk.calls.append(Call(task.role, task.tool, arguments, result))


def _sentences(refused: InputProblems) -> str:
    return " ".join(problem.message for problem in refused.problems)


# The model's part


def _next(desk: _Desk, tasks: Sequence[Task]) -> Task:
    """The planner's next task, or another open one that the model chose."""
    if desk.adapter is None or len(tasks) == 1:
        return tasks[0]
    by_tool = {task.tool: task for task in tasks}
    prompt = {"open": list(by_tool), "called": [call.tool for call in desk.calls]}
    said, refusal = _asked(desk.adapter.choose, prompt)
    chosen = by_tool.get(said.text)
    refusal = refusal or ("" if chosen else "That tool is not open.")
    desk.exchanges.append(Exchange("order", prompt, said, refusal))
    return chosen or tasks[0]


def _asked(ask: Callable[[Json], Said], prompt: Json) -> tuple[Said, str]:
    try:
        return ask(copied(prompt)), ""
    except AdapterFailed as failed:
        return Said(""), f"The model gave no answer: {failed}"


def _steps(desk: _Desk) -> Iterator[Step]:
    for role in TITLES:
        calls = [call for call in desk.calls if call.role == role]
        if calls:
            yield _worded(desk, role, calls)


def _worded(desk: _Desk, role: str, calls: Sequence[Call]) -> Step:
    tools = tuple(call.tool for call in calls)
    draft = _draft(desk, role, calls)
    if desk.adapter is None:
        return Step(role, tools, draft, DETERMINISTIC)
    results = {tool: result for tool, result in desk.results.items() if tool in tools}
    prompt = {"role": role, "results": results, "draft": draft, "status": desk.status}
    said, refusal = _asked(desk.adapter.write, prompt)
    refusal = refusal or refusal_of(said.text, list(desk.results.values()), asdict(desk.assignment), desk.status)
    desk.exchanges.append(Exchange("words", prompt, said, refusal))
    if refusal:
        return Step(role, tools, draft, DETERMINISTIC)
    return Step(role, tools, _under_verdict(role, desk, said.text.strip()), desk.adapter.model)


def _draft(desk: _Desk, role: str, calls: Sequence[Call]) -> str:
    refused = [f"{call.tool} gave no result: {call.refusal}" for call in calls if call.result is None]
    return "\n".join([*DRAFTS[role](desk.results), *refused])


def _under_verdict(role: str, desk: _Desk, text: str) -> str:
    """The officer's text stands under the check's own verdict, whoever wrote it."""
    found = desk.results.get(COMPLIANCE)
    return f"{verdict(found)}\n{text}" if role == OFFICER and found else text


_LIFTING = re.compile(
    r"\b(?:approv\w*|clear(?:ed|ance)?|lift\w*|overrid\w*|overrul\w*|waiv\w*|exempt\w*|complian(?:t|ce is met)|permitted"
    r"|allowed|accepted|no (?:breach|limit|objection)\w*|within (?:all )?(?:the )?limits?|may (?:be )?(?:trade|proceed|export)\w*"
    r"|go ahead|unblock\w*|not block\w*|pass(?:es|ed))\b",
    re.IGNORECASE,
)


def refusal_of(text: str, results: Sequence[Any], names: Any, status: str) -> str:
    """Why a model's text is not taken; empty where it may be."""
    if not text.strip() or len(text) > MOST_CHARACTERS:
        return f"A text has one to {MOST_CHARACTERS} characters."
    if any(not char.isprintable() and char != "\n" for char in text):
        return "A text has no control characters."
    if figures := unfounded(text, results, [names]):
        return f"No tool returned {', '.join(figures)}."
    others = [word for word in ("OK", "REVIEW", "BLOCK") if word != status and re.search(rf"\b{word}\b", text)]
    if others:
        return f"The check says {status or 'nothing yet'}, not {others[0]}."
    if status == "BLOCK" and (lifting := _LIFTING.search(text)):
        return f"The check says BLOCK, which {lifting.group()!r} speaks against."
    return ""


# Again from the record


@dataclass(slots=True)
class _Recorded:
    """Tools and a model that answer what they answered before."""

    record: Json
    model: str = ""
    call_number: int = 0
    exchange_number: int = 0

    def tool(self, name: str) -> Tool:
        return lambda arguments: self._answer(name, arguments)

    def _answer(self, name: str, arguments: Json) -> Json:
        calls = self.record["calls"]
        call = calls[self.call_number] if self.call_number < len(calls) else {}
        self.call_number += 1
        if call.get("tool") != name or canonical(call["arguments"]) != canonical(arguments):
            raise EngineError(f"The record holds another call than {name} with these arguments.")
        if call["result"] is None:
            raise InputProblems([Problem("refused", name, call["refusal"])])
        return dict(call["result"])

    def choose(self, prompt: Json) -> Said:
        return self._said(prompt)

    def write(self, prompt: Json) -> Said:
        return self._said(prompt)

    def _said(self, prompt: Json) -> Said:
        exchanges = self.record["exchanges"]
        found: Json = exchanges[self.exchange_number] if self.exchange_number < len(exchanges) else {"prompt": None}
        self.exchange_number += 1
        if canonical(found["prompt"]) != canonical(prompt):
            raise EngineError("The record holds another question to the model than this one.")
        if found["refusal"].startswith(_NO_ANSWER):
            raise AdapterFailed(found["refusal"].removeprefix(_NO_ANSWER))
        return Said(**found["said"])


_NO_ANSWER = "The model gave no answer: "


def replay(record: Json) -> RoleRun:
    """The run again, from its record alone: no tool works and no model is asked. Raises EngineError where it differs."""
    if record.get("form") != FORM:
        raise EngineError(f"The record is not of the form {FORM}.")
    recorded = _Recorded(record, record["model"])
    tools = {task.tool: recorded.tool(task.tool) for task in TASKS}
    adapter = None if record["model"] == DETERMINISTIC else recorded
    run = run_roles(_assignment_of(record["assignment"]), tools, adapter)
    if canonical(run.as_record()) != canonical(record):
        raise EngineError("The record runs to another end than it holds.")
    return run
