from __future__ import annotations

import socket

import pytest

from servers.errors import PortTaken
from servers.ports import LOCALHOST, check_free, free_port


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    check_free(port, "a test")
    with socket.create_server((LOCALHOST, port)):
        pass


def test_a_free_port_lies_below_those_of_outgoing_connections() -> None:
    assert all(20000 <= free_port() < 32768 for _ in range(50))


def test_a_free_port_is_not_chosen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    start = free_port()
    monkeypatch.setattr("servers.ports.OURS", range(start, start + 20))
    assert len({free_port() for _ in range(5)}) == 5


def test_a_free_port_is_not_one_that_is_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = free_port(), free_port()
    monkeypatch.setattr("servers.ports.OURS", [taken] * 20 + [free])
    monkeypatch.setattr("servers.ports._CHOSEN_OF_LATE", [])
    with socket.create_server((LOCALHOST, taken)):
        assert free_port() == free


def test_a_taken_port_is_told_in_one_sentence() -> None:
    with socket.create_server((LOCALHOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            check_free(port, "the Temporal server")
    assert str(refused.value) == (
        f"Port {port} on 127.0.0.1, wanted by the Temporal server, is taken by another program: "
        "stop that program or choose another port."
    )


def test_a_port_just_left_is_free_again() -> None:
    with socket.create_server((LOCALHOST, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((LOCALHOST, port)) as client:
            accepted, _ = server.accept()
            accepted.close()  # the side that closes first keeps the port in TIME_WAIT
            assert client.recv(1) == b""
    check_free(port, "a test")
