"""What is imported and collected lasts as long as the run: looking through it for garbage again and again took a tenth of it."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

SELDOM = 20_000
"""New objects before Python looks for circles among them; its default of 700 is for programs that keep little."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(SELDOM)
        gc.enable()
