import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.datadir import LONGEST_SOCKET_PATH, ensure_data_dir, redis_socket, secret_key


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_its_owners_alone(tmp_path: Path):
    assert mode(ensure_data_dir(tmp_path / "deep" / "data")) == 0o700


@pytest.mark.parametrize(("was", "is_now"), [(0o755, 0o750), (0o777, 0o770), (0o700, 0o700), (0o2770, 0o2770)])
def test_a_folder_that_was_there_is_closed_to_others(tmp_path: Path, was: int, is_now: int):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(was)
    assert mode(ensure_data_dir(folder)) == is_now


def test_the_key_is_made_once_and_its_owners_alone(tmp_path: Path):
    key = secret_key(tmp_path)
    assert len(key) > 60
    assert mode(tmp_path / "secret_key") == 0o600
    assert secret_key(tmp_path) == key


def test_all_who_start_at_once_have_one_key(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(tmp_path), range(32)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_the_socket_lies_in_the_data_folder(tmp_path: Path):
    assert redis_socket(Path("/data")) == Path("/data/redis.sock")


def test_a_path_too_long_for_a_socket_is_replaced(tmp_path: Path):
    long = tmp_path / ("d" * LONGEST_SOCKET_PATH)
    socket = redis_socket(long)
    assert len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH
    assert mode(socket.parent) == 0o700
    assert redis_socket(long) == socket
    assert redis_socket(tmp_path / ("e" * LONGEST_SOCKET_PATH)) != socket
    socket.parent.rmdir()
