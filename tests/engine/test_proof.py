"""The desk's signature holds for what the desk said, for that case, under any key of the ring, and for nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.proof import DeskProof
from models.messages.cases import CaseCommand, CommandKind

CASE, OTHER_CASE = UUID(int=1), UUID(int=2)
OLD, NEW = b"o" * 32, b"n" * 32
PROOF = DeskProof("k1", {"k1": OLD})
COMMAND = CaseCommand(
    id=UUID(int=3), kind=CommandKind.PICK, actor_id=UUID(int=4), key="a key", body_hash="0" * 64, if_version=7
)
SIGNED = PROOF.sign(COMMAND, CASE)

ANOTHER: dict[str, Any] = {
    "id": UUID(int=5),
    "kind": CommandKind.RELEASE,
    "actor_id": UUID(int=6),
    "key": "another",
    "body_hash": "1" * 64,
    "if_version": None,
    "target_id": UUID(int=7),
    "cancel_open_activities": True,
    "stage": "resolve",
    "row_version": 1,
}


def test_what_the_desk_signed_holds_for_its_case_alone() -> None:
    assert PROOF.holds(SIGNED, CASE)
    assert not PROOF.holds(SIGNED, OTHER_CASE)
    assert not PROOF.holds(COMMAND, CASE)
    assert CaseCommand.model_validate_json(SIGNED.model_dump_json()) == SIGNED
    assert PROOF.sign(SIGNED, CASE) == SIGNED


@pytest.mark.parametrize("field", [name for name in CaseCommand.model_fields if name != "signature"])
def test_it_covers_all_that_the_command_says(field: str) -> None:
    assert not PROOF.holds(SIGNED.model_copy(update={field: ANOTHER[field]}), CASE)


def test_what_moves_from_one_field_to_the_next_is_another_command() -> None:
    one = PROOF.sign(COMMAND.model_copy(update={"key": 'a","stage":"b', "stage": None}), CASE)
    assert not PROOF.holds(one.model_copy(update={"key": "a", "stage": "b"}), CASE)


def test_a_rotated_key_still_verifies_and_a_removed_one_no_longer() -> None:
    rotated = DeskProof("k2", {"k1": OLD, "k2": NEW})
    assert rotated.holds(SIGNED, CASE)
    assert rotated.sign(COMMAND, CASE).signature.startswith("k2:")
    assert not DeskProof("k2", {"k2": NEW}).holds(SIGNED, CASE)
    assert not DeskProof("k1", {"k1": NEW}).holds(SIGNED, CASE)
    assert not rotated.holds(SIGNED.model_copy(update={"signature": SIGNED.signature.replace("k1:", "k2:")}), CASE)


def test_the_current_key_is_one_of_the_ring() -> None:
    with pytest.raises(ValueError, match="k3"):
        DeskProof("k3", {"k1": OLD})


@pytest.mark.parametrize("given", ["", ":", "k1", "k1:", "k1:0", "k9:0", ":" + "0" * 64, "k1:ü", "k1:\ud800", "\0"])
def test_any_other_words_are_no_signature(given: str) -> None:
    assert not PROOF.holds(COMMAND.model_copy(update={"signature": given}), CASE)
