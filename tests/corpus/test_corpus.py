"""`python -m tests.corpus` on our own mails, and on folders that are not as they should be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.corpus.__main__ import main
from tests.corpus.scoring import score

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mail"
OWN = ["--own", "support@example.com", "--own", "support@desk.example"]


def some(folder: Path, *names: str) -> Path:
    for name in names:
        for suffix in (".eml", ".yaml"):
            shutil.copy(FIXTURES / f"{name}{suffix}", folder)
    return folder


def test_our_own_mails_are_all_read_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FIXTURES), *OWN]) == 0
    header, *kinds, every = capsys.readouterr().out.splitlines()
    assert header.split()[:2] == ["kind", "mails"]
    assert {"sender", "subject", "text", "visible", "attachments", "class", "bounce", "defects"} <= set(header.split())
    assert len(kinds) > 20
    counted = int(every.split()[1])
    assert counted == len(list(FIXTURES.glob("*.eml")))
    assert f"{counted}/{counted}" in every.split()


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("sender", "somebody@else.example"),
        ("subject", "another one"),
        ("text", "other words"),
        ("visible", "less of it"),
        ("class", "auto-submitted"),
        ("bounce", [["gone@example.net", "failed", "5.1.1", True]]),
        ("defects", ["header-cut"]),
    ],
)
def test_what_is_read_otherwise_is_said_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], check: str, value: object
) -> None:
    folder = some(tmp_path, "plain", "folded-everywhere")
    file = folder / "plain.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), check: value}))
    assert main([str(folder), *OWN]) == 1
    out = capsys.readouterr().out
    assert f"plain.eml: {check}: expected " in out
    made = score(folder, frozenset({"support@example.com"}))
    assert (made.right["plain", check], made.asked["plain", check]) == (0, 1)
    assert (made.right["folded", "sender"], made.asked["folded", "sender"]) == (1, 1)


def test_kinds_are_folders_words_or_said(tmp_path: Path) -> None:
    some(tmp_path, "plain")
    (tmp_path / "billing").mkdir()
    some(tmp_path / "billing", "folded-everywhere")
    file = tmp_path / "plain.yaml"
    file.write_text(file.read_text() + "kind: greeting\n")
    assert set(score(tmp_path).mails) == {"greeting", "billing"}


def test_a_draft_is_written_where_nothing_is_expected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("plain", "bounce-of-gmail", "charset-unknown", "filename-eight-bit"):
        shutil.copy(FIXTURES / f"{name}.eml", tmp_path)
    assert main([str(tmp_path)]) == 1
    assert "--write makes a draft" in capsys.readouterr().out
    assert main([str(tmp_path), "--write"]) == 1
    assert main([str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere", None, "is no folder"),
        ("", {}, "has no mail"),
        ("", {"a.eml": b"From: a@b\n\nx", "a.yaml": b"- 1"}, "is to be a mapping"),
        ("", {"a.eml": b"From: a@b\n\nx", "a.yaml": b"a: ["}, "is not YAML"),
        ("", {"a.eml": b"From: a@b\n\nx", "a.yaml": b"\xff\xfe"}, "is not YAML"),
    ],
)
def test_a_folder_that_is_none_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: dict[str, bytes] | None, words: str
) -> None:
    for file, raw in (content or {}).items():
        (tmp_path / file).write_bytes(raw)
    assert main([str(tmp_path / name)]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1
