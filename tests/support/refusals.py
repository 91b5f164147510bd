"""What a desk refuses, as a value to look at."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from desk.errors import DeskError


async def refusal(asked: Awaitable[Any]) -> DeskError:
    """The problem that it is refused with; if it is not, the test fails."""
    with pytest.raises(DeskError) as caught:
        await asked
    return caught.value


async def problem(asked: Awaitable[Any]) -> tuple[int, str]:
    """Its HTTP status and type."""
    error = await refusal(asked)
    return error.status, error.type
