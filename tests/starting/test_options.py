from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from starting.failures import Unusable, sentence
from starting.options import parser, settings_from


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` and no variables of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CASELOOM_") and name != "CASELOOM_TEST_RUN"]:
        monkeypatch.delenv(name)


def test_an_option_beats_the_environment_which_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = tmp_path / "mine.env"
    variables.write_text("CASELOOM_API_PORT=1\nCASELOOM_IMAP_PORT=2\nCASELOOM_SMTP_PORT=3\nSUPPORT_PASSWORD='$a b'\n")
    monkeypatch.setenv("CASELOOM_IMAP_PORT", "20")
    for name in ("CASELOOM_API_PORT", "CASELOOM_SMTP_PORT", "SUPPORT_PASSWORD"):
        monkeypatch.setenv(name, "")  # so that monkeypatch forgets afterwards what is set meanwhile
        monkeypatch.delenv(name)
    settings = settings_from(parser().parse_args(["demo", "--env-file", str(variables), "--smtp-port", "30"]))
    assert (settings.api_port, settings.imap_port, settings.smtp_port) == (1, 20, 30)
    assert os.environ["SUPPORT_PASSWORD"] == "$a b"


def test_without_options_the_documented_ports_hold() -> None:
    settings = settings_from(parser().parse_args(["demo"]))
    ports = settings.api_port, settings.temporal_port, settings.temporal_ui_port, settings.imap_port, settings.smtp_port
    assert ports == (8420, 7420, 8421, 1420, 1425)
    assert settings.data == Path(".caseloom")


@pytest.mark.parametrize("wrong", ["-1", "65536", "x", "", "²"])
def test_a_wrong_port_is_refused_by_its_option(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args(["demo", f"--api-port={wrong}"])
    assert end.value.code == 2
    assert "--api-port" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["2026-12-24 22:30", "2026-12-24T22:30", "night", "1", "9999-12-31T23:59+01:00", ""])
def test_an_instant_without_its_zone_is_refused_by_its_option(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args(["mail", "try", "a.eml", "--at", wrong])
    assert end.value.code == 2
    assert "--at: " in capsys.readouterr().err


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASELOOM_API_PORT", "http")
    with pytest.raises(ValidationError) as wrong:
        settings_from(parser().parse_args(["demo"]))
    assert "CASELOOM_API_PORT" in str(sentence(wrong.value))


def test_an_unreadable_file_of_variables_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"none\.env cannot be read: No such file"):
        settings_from(parser().parse_args(["up", "--env-file", str(tmp_path / "none.env")]))


@pytest.mark.parametrize("command", ["demo", "up", "apply", "check", "token", "password", "mail"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args([command, "--help"])
    assert end.value.code == 0
    assert "usage: starter.py" in capsys.readouterr().out
