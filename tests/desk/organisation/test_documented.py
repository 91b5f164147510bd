"""What docs/operators.md shows can be copied: its organisation files are valid, and so are its OAuth secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.organisation.file import load
from models.messages.mailbox_status import MailboxState
from models.messages.mailflow import HoldReason, MailVerdict, OutboxState
from models.messages.oauth import oauth_secret

PAGE = (Path(__file__).parents[3] / "docs" / "operators.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def heading(block: str) -> str:
    """The last heading above the block."""
    return str(re.findall(r"^#+ (.*)$", PAGE[: PAGE.index(block)], re.MULTILINE)[-1])


@pytest.mark.parametrize("block", blocks("yaml"), ids=heading)
def test_an_organisation_file_is_valid(block: str) -> None:
    file = load(block, "docs/operators.md")
    assert file.entries or file.settings


@pytest.mark.parametrize("block", blocks("json"), ids=heading)
def test_an_oauth_secret_is_valid_in_one_line(block: str) -> None:
    assert oauth_secret(" ".join(block.split())) is not None


def test_there_is_something_to_copy() -> None:
    assert (len(blocks("yaml")) >= 5, len(blocks("json")) >= 3) == (True, True)


@pytest.mark.parametrize("word", [*MailboxState, *MailVerdict, *HoldReason, *OutboxState])
def test_every_state_is_explained(word: str) -> None:
    assert re.search(rf"^\|[^|]*`{word}`", PAGE, re.MULTILINE), f"docs/operators.md has no line about {word}"
