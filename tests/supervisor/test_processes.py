"""Processes that die are started again; all end together, whatever happens to the supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from atlasnexus.supervisor import processes
from atlasnexus.supervisor.errors import GaveUp
from atlasnexus.supervisor.processes import Group, Service

ROOT = Path(__file__).resolve().parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    *(sys.executable, "-c"),
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


def lives(pid: int) -> bool:
    """Whether it runs; a zombie nobody collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def test_a_dead_process_is_started_again(tmp_path: Path):
    with Group(tmp_path) as group:
        group.start(Service("sleeper", SLEEP))
        first = group.pids()["sleeper"]
        os.kill(first, signal.SIGKILL)

        def is_back() -> bool:
            group.look()
            return group.pids()["sleeper"] != first

        assert eventually(is_back)
        assert lives(group.pids()["sleeper"])


def test_one_that_keeps_dying_ends_it_all_with_its_last_words(tmp_path: Path):
    failing = Service("failing", [sys.executable, "-c", "print('no such thing as luck'); raise SystemExit(3)"])
    with Group(tmp_path) as group:
        group.start(Service("sleeper", SLEEP))
        sleeper = group.pids()["sleeper"]
        group.start(failing)
        with pytest.raises(GaveUp, match=r"(?s)failing died 5 times in a minute.*no such thing as luck") as gave_up:
            group.wait_for(lambda: False, "Never", 60.0)
    assert gave_up.value.exit_code == 1
    assert not lives(sleeper)


def test_one_that_keeps_dying_while_others_serve_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Redis away for a while takes workers down again and again, and must not take the pages with them."""
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.2)
    mend = tmp_path / "mended"
    words = f"import pathlib, sys, time\nif not pathlib.Path({str(mend)!r}).exists(): sys.exit(1)\ntime.sleep(60)"
    with Group(tmp_path) as group:
        group.start(Service("sleeper", SLEEP))
        group.start(Service("worker", [sys.executable, "-c", words]))
        sleeper, deaths = group.pids()["sleeper"], set[int]()
        group._serves = True  # as `watch` sets it

        def died() -> int:
            group.look()
            deaths.add(group.pids()["worker"])
            return len(deaths)

        assert eventually(lambda: died() > 7, seconds=60)
        mend.touch()
        assert eventually(lambda: died() > 0 and lives(group.pids()["worker"]), seconds=30)
        assert group.pids()["sleeper"] == sleeper
        assert lives(sleeper)


def test_a_stubborn_one_is_killed_after_its_grace(tmp_path: Path):
    with Group(tmp_path) as group:
        group.start(Service("stubborn", STUBBORN, grace_seconds=0.5))
        pid = group.pids()["stubborn"]
        assert eventually(lambda: "up" in (tmp_path / "stubborn.log").read_text())
        began_at = time.monotonic()
    assert not lives(pid)
    assert 0.4 < time.monotonic() - began_at < 5.0


def test_children_of_a_process_end_with_it(tmp_path: Path):
    parent = f"import subprocess, sys; print(subprocess.Popen({SLEEP!r}).pid, flush=True); import time; time.sleep(60)"
    with Group(tmp_path) as group:
        group.start(Service("parent", [sys.executable, "-c", parent]))
        log = tmp_path / "parent.log"
        assert eventually(lambda: log.read_text().strip().isdecimal())
        grandchild = int(log.read_text())
    assert eventually(lambda: not lives(grandchild))


def test_a_task_gives_its_exit_code_and_output(tmp_path: Path):
    with Group() as group, (tmp_path / "output").open("w+b") as output:
        assert group.run([sys.executable, "-c", "print('done'); raise SystemExit(4)"], output) == 4
        output.seek(0)
        assert output.read() == b"done\n"


def test_waiting_has_an_end():
    with Group() as group, pytest.raises(GaveUp, match="Godot was not ready after 0 seconds"):
        group.wait_for(lambda: False, "Godot", 0.3)


SUPERVISOR = f"""
from pathlib import Path
from atlasnexus.supervisor.errors import Stopped
from atlasnexus.supervisor.processes import Group, Service
with Group(Path(".")) as group:
    group.listen_to_signals()
    for name in ("one", "two"):
        group.start(Service(name, {SLEEP!r}))
    print(*group.pids().values(), flush=True)
    try:
        group.watch()
    except Stopped:
        print("stopped", flush=True)
"""


def supervisor(folder: Path) -> tuple["subprocess.Popen[str]", list[int]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, [int(pid) for pid in process.stdout.readline().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(tmp_path: Path, number: signal.Signals):
    process, pids = supervisor(tmp_path)
    assert all(lives(pid) for pid in pids)
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert (output, process.returncode) == ("stopped\n", 0)
    assert not any(lives(pid) for pid in pids)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed parent")
def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path):
    process, pids = supervisor(tmp_path)
    process.kill()
    process.communicate(timeout=20)
    assert eventually(lambda: not any(lives(pid) for pid in pids))
