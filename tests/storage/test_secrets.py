"""The keyring's file: made once, for its owner alone; whatever is wrong with it is one sentence with a way out."""

from __future__ import annotations

import json
import stat
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.secrets import Keyring, KeyringError


def ring(keys: object, current: object = "k1") -> str:
    return json.dumps({"current": current, "keys": keys})


def key(length: int) -> str:
    return b64encode(b"s" * length).decode()


WRONG = {
    "nothing": "",
    "no JSON": "k1",
    "a list": "[]",
    "a number": "7",
    "deep": "[" * 100_000,
    "no keys": ring({}),
    "keys that are no object": ring("k1"),
    "a key that is none": ring({"k1": None}),
    "a key that is a number": ring({"k1": 7}),
    "no base64": ring({"k1": "!" * 44}),
    "an empty key": ring({"k1": ""}),
    "31 bytes": ring({"k1": key(31)}),
    "33 bytes": ring({"k1": key(33)}),
    "16 bytes, which a token would take": ring({"k1": key(16)}),
    "an old key that is too short": ring({"k1": key(32), "k0": key(8)}),
    "another current key": ring({"k1": key(32)}, "k2"),
    "a current key that is a list": ring({"k1": key(32)}, ["k1"]),
    "an id that no token can carry": ring({"K-1": key(32)}, "K-1"),
    "an id that is too long": ring({"k" * 9: key(32)}, "k" * 9),
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG.keys())
def test_a_keyring_that_is_none_is_one_sentence_with_a_way_out(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyringError) as error:
        Keyring.load(file)
    told = str(error.value)
    assert told.startswith(str(file))
    assert "\n" not in told
    assert "c3Nz" not in told, "a key is repeated"
    assert len(told) < 400


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"\xff\xfe")
    (tmp_path / "keys").chmod(0o600)
    with pytest.raises(KeyringError, match="it is no text"):
        Keyring.load(tmp_path / "keys")


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    with pytest.raises(KeyringError, match="cannot be read"):
        Keyring.load(tmp_path / "keys")


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o666, 0o601, 0o777])
def test_keys_that_others_may_read_are_not_used(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys"
    Keyring.load(file)
    file.chmod(mode)
    with pytest.raises(KeyringError, match=f"mode {mode:04o}.*chmod 600"):
        Keyring.load(file)
    file.chmod(0o600)
    assert Keyring.load(file).current == "k1"


def test_a_new_one_is_for_its_owner_alone_and_made_once(tmp_path: Path) -> None:
    file = tmp_path / "data" / "keys"
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda _: Keyring.load(file).keys["k1"], range(64)))
    assert len(set(made)) == 1
    assert len(made[0]) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
