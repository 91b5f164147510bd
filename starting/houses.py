"""The whole house from the settings, for commands that need more than its rows: one sentence if Temporal is away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bootstrap import House, open_house
from servers.ports import LOCALHOST
from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable
from starting.rows import check_there

LONGEST_WAIT = 20.0
"""Seconds for the first answer of the Temporal server; what else listens there may never give one."""
CLUSTER = "check CASELOOM_TEMPORAL_ADDRESS, _NAMESPACE, _TLS and _API_KEY"
BESIDE = "see that Caseloom runs on this data folder, or name the port of its Temporal server with --temporal-port"


async def enter_house(stack: AsyncExitStack, settings: Settings, way_out: str = CLUSTER) -> House:
    """Open until the stack is closed. Raises `Unusable`, with the way out."""
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            return await stack.enter_async_context(open_house(settings))
    except (RuntimeError, TimeoutError) as error:
        # The SDK's words are a chain of other libraries' errors, the innermost of them in quotes.
        quoted = re.findall(r'"([^"]+)"', str(error))
        cause = quoted[-1] if quoted else "no answer that was to be understood"
        where = settings.temporal_address
        raise Unusable(f"the Temporal server at {where} cannot be reached ({cause}): {way_out}.") from None


def uses_a_cluster(settings: Settings) -> bool:
    """Whether the settings name a Temporal cluster, so that no server of our own is started."""
    return bool({"temporal_address", "temporal_profile"} & settings.model_fields_set)


def beside(settings: Settings) -> Settings:
    """The same, with the address of the Temporal server that a Caseloom with these settings has started. Where no port is
    given it is the one of this data folder's last start: at the usual one another Caseloom may listen."""
    if uses_a_cluster(settings):
        return settings
    port = None if "temporal_port" in settings.model_fields_set else DataFolder(settings.data).engine_port
    return settings.model_copy(update={"temporal_address": f"{LOCALHOST}:{port or settings.temporal_port}"})


@asynccontextmanager
async def house_beside(settings: Settings) -> AsyncIterator[House]:
    """The house of a Caseloom that runs already, perhaps with a Temporal server of its own on `temporal_port`."""
    check_there(settings)
    async with AsyncExitStack() as stack:
        yield await enter_house(stack, beside(settings), CLUSTER if uses_a_cluster(settings) else BESIDE)
