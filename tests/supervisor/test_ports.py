import socket

import pytest

from atlasnexus.supervisor import ports
from atlasnexus.supervisor.errors import Refused


def test_the_next_free_one_where_the_usual_one_is_taken(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "DEFAULT_PORT", port)
        with ports.listen("127.0.0.1", "") as listening:
            assert port < listening.getsockname()[1] < port + ports.PORTS_TRIED


def test_all_taken_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(ports, "DEFAULT_PORT", taken.getsockname()[1])
        monkeypatch.setattr(ports, "PORTS_TRIED", 1)
        with pytest.raises(Refused, match="all taken"):
            ports.listen("127.0.0.1", "")


def test_a_wanted_port_is_the_one():
    with ports.listen("127.0.0.1", "0") as free:
        wanted = free.getsockname()[1]
    with ports.listen("127.0.0.1", str(wanted)) as listening:
        assert listening.getsockname() == ("127.0.0.1", wanted)
