"""check, apply, export, retire and reference as their users run them, beside a database that is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bootstrap import keyring
from servers.ports import free_port
from settings import Settings
from starting.cli import main
from storage.migrate import upgrade_async

EXAMPLE = Path(__file__).parents[2] / "examples" / "two-mailboxes.yaml"
PLAIN = """\
agents:
  - {slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}
  - {slug: bo, name: Bo, email: bo@shop.example}
  - {slug: cy, name: Cy, email: cy@shop.example, roles: [administrator]}
queues:
  - {slug: mail, name: Mail, owner: ada, members: [bo]}
"""


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("CASELOOM_") and name != "CASELOOM_TEST_RUN"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("starting.cli.SETTLE", 0)


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "format").write_text("1\n")
    await upgrade_async(Settings(data=folder).database)
    keyring(Settings(data=folder))
    return folder


class Commands:
    """Runs commands in this process; `out` and `err` of the last one."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys, self.out, self.err = capsys, "", ""

    def __call__(self, *arguments: str | Path) -> int:
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.out + self.err
        return code


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(capsys)


def test_a_file_is_applied_looked_at_exported_and_retired(run: Commands, data: Path, tmp_path: Path) -> None:
    file, place = tmp_path / "mine.yaml", ["--data", str(data)]
    file.write_text(PLAIN)
    assert run("apply", file, "--dry-run", *place) == 3
    assert run.out.splitlines()[1:4] == ["agent bo: created", "agent cy: created", "queue mail: created"]
    assert "Nothing was done" in run.out
    assert run("apply", file, *place) == 0
    assert run("apply", file, "--dry-run", *place) == 0
    assert "nothing changed" in run.out

    file.write_text(PLAIN.replace("name: Mail", "name: Post").replace(", members: [bo]", ""))
    assert run("apply", file, "--dry-run", *place) == 3
    assert "    name: Mail -> Post" in run.out

    file.write_text(PLAIN.replace("  - {slug: bo, name: Bo, email: bo@shop.example}\n", "").replace("[bo]", "[]"))
    assert run("apply", file, *place) == 0
    command = "starter.py retire agent bo"
    assert command in run.out
    assert run(*command.split()[1:], *place) == 0
    assert run.out == "agent bo: retired\n"
    assert run("retire", "agent", "ada", *place) == 1
    assert "the queue 'mail' at owner" in run.err

    assert run("export", *place) == 0
    assert "slug: bo" in run.out
    assert "active: false" in run.out
    written = run.out
    assert run("export", "now.yaml", *place) == 0
    assert Path("now.yaml").read_text() == written
    assert run("export", "now.yaml", *place) == 1
    assert "exists" in run.err
    assert run("export", "now.yaml", "--replace", *place) == 0
    assert run("check", "now.yaml", *place) == 0
    assert run("apply", "now.yaml", "--dry-run", *place) == 0


def test_a_new_mailbox_is_taken_up_where_caseloom_runs(run: Commands, data: Path, tmp_path: Path) -> None:
    file, port = tmp_path / "mine.yaml", free_port()
    servers = ", ".join(f"{kind}: {{host: mail.example, port: 993, user: x}}" for kind in ("imap", "smtp"))
    names = "slug: in, address: in@shop.example, display_name: In, queue: mail, password_env: PATH"
    mailbox = f"mailboxes:\n  - {{{names}, {servers}}}\n"
    file.write_text(PLAIN + mailbox)

    assert run("apply", file, "--data", data, "--temporal-port", str(port)) == 0, run.err
    # Nobody listens there, and where is said.
    assert f"No Temporal server answers at 127.0.0.1:{port}: mailboxes are taken up at the next start." in run.out


def test_a_change_made_elsewhere_stops_apply(run: Commands, data: Path, tmp_path: Path) -> None:
    file, place = tmp_path / "mine.yaml", ["--data", str(data)]
    file.write_text(PLAIN)
    assert run("apply", file, *place) == 0
    assert run("retire", "agent", "bo", *place) == 0
    assert run("apply", file, *place) == 1
    assert f"{file}:3: agent bo: active changed elsewhere by command line on " in run.err
    assert "--overwrite" in run.err
    assert run("apply", file, "--dry-run", *place) == 1
    assert "    active: false -> true" in run.out
    assert run("check", file, *place) == 0
    assert "would stop: agent bo" in run.err
    assert run("apply", file, "--overwrite", *place) == 0
    assert "agent bo: activated" in run.out


def test_beside_a_house_a_file_may_name_what_is_there(run: Commands, data: Path, tmp_path: Path) -> None:
    file, place = tmp_path / "more.yaml", ["--data", str(data)]
    (tmp_path / "mine.yaml").write_text(PLAIN)
    assert run("apply", "mine.yaml", *place) == 0
    file.write_text("queues: [{slug: night, name: Night, owner: ada}]\n")
    assert run("check", file, *place) == 0
    assert "beside the Caseloom of" in run.out
    assert run("check", file) == 1
    assert "there is no agent 'ada'" in run.err


FILES: list[tuple[str, Any, str]] = [
    ("none.yaml", None, "cannot be read: No such file or directory"),
    ("folder.yaml", dict, "cannot be read: Is a directory"),
    ("utf16.yaml", "agents: []\n".encode("utf-16"), "is not UTF-8 text (line 1)"),
    ("latin.yaml", b"agents: []\n# Gr\xfc\xdfe\n", "is not UTF-8 text (line 2)"),
    ("empty.yaml", b"", "an organisation file is a mapping of lists, and this one is empty"),
    ("comment.yaml", b"# nothing\n", "this one is empty"),
    ("list.yaml", b"- a\n", "an organisation file is a mapping"),
    ("anchors.yaml", b"agents: &a []\nteams: *a\n", "anchors (&name) are not allowed"),
    ("twice.yaml", b"agents: []\nagents: []\n", "this key stands twice, first on line 1"),
    ("tabs.yaml", b"agents:\n\t- x\n", "not YAML"),
    ("binary.yaml", b"\x00\x01\x02", "not YAML"),
    ("large.yaml", b"# " + b"x" * 10_000_000, "is larger than 2 MB"),
    ("endless.yaml", "/dev/zero", "is larger than 2 MB"),
    ("deep.yaml", b"a: " + b"[" * 5000, "nested too deeply"),
    ("laughs.yaml", b"a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "aliases (*name) are not allowed"),
]


@pytest.mark.parametrize("command", ["check", "apply", "mail try x.eml --organisation"])
@pytest.mark.parametrize(("name", "content", "words"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_that_is_none_is_said(
    run: Commands, data: Path, tmp_path: Path, command: str, name: str, content: Any, words: str
) -> None:
    path = tmp_path / name
    if content is dict:
        path.mkdir()
    elif isinstance(content, str):
        path.symlink_to(content)
    elif content is not None:
        path.write_bytes(content)
    assert run(*command.split(), path, "--data", data) == 1
    assert words in run.err
    assert run.out == ""


def test_a_byte_order_mark_is_no_fault(run: Commands, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode())
    assert run("check", "mine.yaml") == 0


def test_a_missing_password_is_a_note(run: Commands) -> None:
    assert run("check", EXAMPLE) == 0
    assert "note: the environment has no HELP_PASSWORD, which `apply` and `up` will ask for." in run.err


@pytest.mark.parametrize(
    "command",
    [
        "",
        *(["demo", "up", "check", "apply", "export", "retire", "reference", "doctor", "token", "mail"]),
        "token create",
        "mail try",
        "mail held",
    ],
)
def test_every_command_has_help_that_says_what_it_does(run: Commands, command: str) -> None:
    assert run(*command.split(), "--help") == 0
    assert "usage: starter.py" in run.out
    assert len(run.out.splitlines()) >= 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", "required: COMMAND"),
        ("aply x", "did you mean 'apply'?"),
        ("check", "required: FILE"),
        ("check a b", "unrecognized arguments: b"),
        ("apply --dry", "required: FILE"),
        ("retire agents bo", "did you mean 'agent'?"),
        ("retire agent", "required: SLUG"),
        ("reference sla", "did you mean 'slas'?"),
        ("mail", "required: status|held|filed|show|raw|try|"),
        ("mail tri x", "did you mean 'try'?"),
        ("mail try", "required: FILE"),
        ("token make", "invalid choice: make; one of: create, revoke"),
        ("up --api-port x", "is no port"),
    ],
)
def test_wrong_usage_is_one_sentence_and_2(run: Commands, arguments: str, words: str) -> None:
    assert run(*arguments.split()) == 2
    assert words in run.err


@pytest.mark.parametrize("command", ["apply x.yaml", "export", "retire agent x", "mail held", "token revoke x"])
def test_without_a_house_it_is_said(run: Commands, tmp_path: Path, command: str) -> None:
    (tmp_path / "x.yaml").write_text(PLAIN)
    assert run(*command.split()) == 1
    assert "there is no Caseloom in" in run.err


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_of_variables_that_is_none_is_said(run: Commands, tmp_path: Path, content: bytes | None) -> None:
    variables = tmp_path / ".env"
    if content is None:
        variables.mkdir()
    else:
        variables.write_bytes(content)
    assert run("check", EXAMPLE) == (0 if content is None else 1)
    assert ("is not UTF-8 text" in run.err) == (content is not None)


def test_the_reference_is_printed_whole_and_by_section(run: Commands) -> None:
    assert run("reference") == 0
    whole = run.out
    assert run("reference", "slas") == 0
    assert run.out.splitlines()[0] == "## slas"
    assert run.out.splitlines()[2] in whole
