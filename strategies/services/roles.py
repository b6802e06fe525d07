"""The four roles put to work on a version, and their run again from its record."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts import audit
from accounts.models import User
from engine.errors import EngineError, InputProblems
from engine.strategies.roles import TASKS, Adapter, replay, run_roles
from engine.strategies.roles import RoleRun as Played
from lib.canonical import canonical_hash
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.models import RoleRun, StrategyRun, StrategyVersion, Task
from strategies.role_tools import RoomTools, assignment_of
from strategies.services.request_run import request_run


def request_roles(*, by: User, version: StrategyVersion, enqueue: bool = True) -> StrategyRun:
    """The job of one pass, queued; the pass is the role run of the job's code once it is done."""
    return request_run(by=by, version=version, task=Task.ROLES, steps=len(TASKS), enqueue=enqueue)


def run_the_roles(
    *,
    by: User,
    version: StrategyVersion,
    adapter: Adapter | None = None,
    tools: RoomTools | None = None,
    code: UUID | None = None,
) -> RoleRun:
    """The recorded run, made once for one `code`; Invalid where a tool's answer is not what its contract says. What a tool
    lacks is run on the way, by what `by` may do. No model is asked unless one is set."""
    require_on(by, version.strategy.desk, Action.MEASURE)
    known = RoleRun.objects.filter(code=code).first() if code else None
    if known is not None:
        return known
    tools = tools or RoomTools(by, version)
    try:
        played = run_roles(assignment_of(version), tools.tools(), adapter or chosen_adapter())
    except InputProblems as refused:
        raise Invalid(refused.problems) from refused
    return _kept(by, version, played, tools, code or uuid4())


@transaction.atomic
def _kept(by: User, version: StrategyVersion, played: Played, tools: RoomTools, code: UUID) -> RoleRun:
    record = played.as_record()
    row = RoleRun(
        code=code,
        version=version,
        model=played.model,
        status=played.status,
        is_complete=played.is_complete,
        record=record,
        record_hash=canonical_hash(record),
        made_by=by,
    )
    save_checked(row)
    rests_on = {tool: str(run.code) for tool, run in tools.rests_on.items()}
    after = {
        "version": version.number,
        "model": row.model,
        "status": row.status,
        "record": row.record_hash,
        "runs": rests_on,
    }
    audit.record(by=by, action="role_run.made", target=row, after=after)
    return row


def chosen_adapter() -> Adapter | None:
    """The language model that the installation has set beside the planner; none by default."""
    path = settings.ATLASNEXUS_ROLE_ADAPTER
    adapter: Adapter | None = import_string(path)() if path else None
    return adapter


def replayed(row: RoleRun) -> Played:
    """The run again from its record: no tool works and no model is asked. Invalid where the record does not bear it."""
    try:
        return replay(row.record)
    except EngineError as differs:
        raise refuse("differs", "record", str(differs)) from differs
