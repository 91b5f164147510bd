"""The whole house from the settings, for commands that need more than its rows: one sentence if Temporal is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bootstrap import House, open_house
from servers.ports import LOCALHOST
from settings import Settings
from starting.failures import Unusable
from starting.rows import check_there


async def enter_house(stack: AsyncExitStack, settings: Settings) -> House:
    """Open until the stack is closed. Raises `Unusable`."""
    try:
        return await stack.enter_async_context(open_house(settings))
    except RuntimeError as error:  # what the SDK raises when nobody listens, or TLS or the key is wrong
        raise Unusable(
            f"the Temporal server at {settings.temporal_address} cannot be reached ({error}): check "
            "CASELOOM_TEMPORAL_ADDRESS, _NAMESPACE, _TLS and _API_KEY."
        ) from None


def uses_a_cluster(settings: Settings) -> bool:
    """Whether the settings name a Temporal cluster, so that no server of our own is started."""
    return bool({"temporal_address", "temporal_profile"} & settings.model_fields_set)


def beside(settings: Settings) -> Settings:
    """The same, with the address of the Temporal server that a Caseloom with these settings has started."""
    if uses_a_cluster(settings):
        return settings
    return settings.model_copy(update={"temporal_address": f"{LOCALHOST}:{settings.temporal_port}"})


@asynccontextmanager
async def house_beside(settings: Settings) -> AsyncIterator[House]:
    """The house of a Caseloom that runs already, perhaps with a Temporal server of its own on `temporal_port`."""
    check_there(settings)
    async with AsyncExitStack() as stack:
        yield await enter_house(stack, beside(settings))
