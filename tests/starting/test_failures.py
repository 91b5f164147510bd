from __future__ import annotations

import errno
from pathlib import Path

import pytest

from desk.errors import NotFound
from desk.organisation.faults import FileFault, OrganisationErrors
from servers.errors import BinaryMissing, PortTaken
from starting.failures import Unusable, sentence
from storage.secrets import KeyringError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unusable("the folder is taken: choose another."), "choose another"),
        (PortTaken("Port 8420 on 127.0.0.1, wanted by the API, is taken by another program."), "0 takes a free port"),
        (BinaryMissing("The Temporal server is not installed."), "not installed"),
        (KeyringError("keys: not a keyring"), "not a keyring"),
        (NotFound("agent", "nobody"), "there is no agent 'nobody'"),
        (
            OrganisationErrors("mine.yaml", [FileFault(7, ("slas", 0), "no such KPI")]),
            "mine.yaml:7: slas[0]: no such KPI",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/keys"), "/data/keys: Permission denied"),
    ],
)
def test_what_was_to_be_expected_is_a_sentence(error: Exception, words: str) -> None:
    assert words in str(sentence(error))


@pytest.mark.parametrize("error", [KeyError("x"), RuntimeError("bug"), OSError(errno.EBADF, "Bad file descriptor")])
def test_a_bug_keeps_its_traceback(error: Exception) -> None:
    assert sentence(error) is None


async def test_a_command_line_that_fails_says_one_sentence(tmp_path: Path) -> None:
    from tests.starting.started import starter

    ended = await starter("check", tmp_path / "none.yaml", cwd=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert (
        ended.err
        == f"starter.py: the organisation file {tmp_path}/none.yaml cannot be read: No such file or directory.\n"
    )
