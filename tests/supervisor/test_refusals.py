"""Where the platform cannot start, one sentence says why, and the exit code is 2."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def supervise(verb: str, data_dir: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if name not in {"PORT", "REDIS_URL", "DATABASE_URL"}}
    return subprocess.run(
        [sys.executable, "-m", "atlasnexus.supervisor", verb],
        cwd=ROOT,
        env={
            **clean,
            "DJANGO_SETTINGS_MODULE": "atlasnexus.settings",
            "ATLASNEXUS_DATA_DIR": str(data_dir),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def the_only_sentence(ended: "subprocess.CompletedProcess[str]") -> str:
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    (line,) = ended.stderr.strip().splitlines()
    return line


def test_a_taken_port(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = supervise("serve", tmp_path, PORT=port)
    assert the_only_sentence(ended).startswith(f"Port {port} of 127.0.0.1 is taken")


@pytest.mark.parametrize("port", ["http", "-1", "70000"])
def test_a_port_that_is_none(tmp_path: Path, port: str):
    assert port in the_only_sentence(supervise("serve", tmp_path, PORT=port))


def test_a_host_that_is_not_this_machine(tmp_path: Path):
    assert "HOST" in the_only_sentence(supervise("serve", tmp_path, HOST="nowhere.invalid", PORT="0"))


def test_a_redis_url_where_nothing_answers(tmp_path: Path):
    ended = supervise("serve", tmp_path, PORT="0", REDIS_URL="redis://127.0.0.1:1/0")
    assert "REDIS_URL is set, but nothing answers there" in the_only_sentence(ended)


def test_a_second_one_on_the_same_data(tmp_path: Path):
    import fcntl

    with (tmp_path / "supervisor.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        assert "(process 4711)" in the_only_sentence(supervise("serve", tmp_path, PORT="0"))


def test_a_data_folder_that_cannot_be_made(tmp_path: Path):
    (tmp_path / "file").touch()
    assert "settings cannot be used" in the_only_sentence(supervise("serve", tmp_path / "file", PORT="0"))


def test_a_setting_of_the_wrong_kind(tmp_path: Path):
    ended = supervise("serve", tmp_path, PORT="0", ATLASNEXUS_WORKERS="many")
    assert "settings cannot be used" in the_only_sentence(ended)


def test_a_database_that_does_not_answer(tmp_path: Path):
    ended = supervise("serve", tmp_path, PORT="0", DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert ended.returncode == 2
    assert "The database does not answer" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unknown_verb(tmp_path: Path):
    assert the_only_sentence(supervise("fly", tmp_path)) == "Say one of: run, demo, serve."
