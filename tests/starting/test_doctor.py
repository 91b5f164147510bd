"""`starter.py doctor`: one test for each thing that it may find, on real servers, folders and databases."""

from __future__ import annotations

import asyncio
import json
import re
import stat
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client

from desk.findings import Finding, Grade
from models.messages.names import SEARCH_ATTRIBUTES
from models.records.mails import Attachment
from servers.ports import free_port
from servers.temporal import KINDS, TemporalServer
from settings import Settings
from starting.clocks import clock_finding, difference
from starting.data_folder import INCOMPLETE, DataFolder
from starting.doctor import doctor
from starting.doctor_engine import examine_engine
from starting.doctor_here import examine_disk, examine_folder, examine_keys
from starting.doctor_rows import examine_rows
from starting.show import Show
from storage.engines import Database
from storage.files import FolderStore
from storage.migrate import known_revisions, upgrade
from storage.secrets import Keyring
from tests.starting.started import starter
from tests.support.mailroom import open_mailroom

pytestmark = pytest.mark.timeout(300)

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
CHECKS = [
    *("data folder", "disk", "keys", "database", "files", "clock of the database", "mailboxes"),
    *("data of the engine", "engine", "retention", "search attributes", "clock of the engine"),
]


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env` of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TemporalServer]:
    """Everything in order."""
    log = tmp_path_factory.mktemp("engine") / "temporal.log"
    async with TemporalServer(None, free_port(), search_attributes=SEARCH_ATTRIBUTES, log_file=log) as server:
        yield server


@pytest.fixture
def data(tmp_path: Path, sqlite_url: str) -> Path:
    """A data folder as a first start leaves it. Its database is the one of `sqlite_url`."""
    folder = DataFolder(tmp_path / "data")
    with folder.claim(), folder.making():
        (tmp_path / "caseloom.db").rename(folder.path / "caseloom.db")
        Keyring.load(folder.path / "keys")
        folder.temporal.touch()
        folder.complete()
    return folder.path


def settings(data: Path, **given: Any) -> Settings:
    return Settings(data=data, **given)


def found(findings: list[Finding], check: str) -> Finding:
    (one,) = [each for each in findings if each.check == check]
    return one


def told(finding: Finding, grade: Grade, *words: str) -> None:
    """It has that grade, its line holds the words, and whatever is not in order has a way out in a sentence."""
    assert finding.grade is grade, finding.line
    assert [word for word in words if word not in finding.line] == [], finding.line
    assert finding.line.startswith(f"{grade:<8} {finding.check}: ")
    assert "\n" not in finding.line
    assert (finding.way_out is None) is (grade is Grade.OK)
    assert finding.line.endswith(".")


# ---- the command -----------------------------------------------------------------------------------------------------


async def test_where_nothing_is_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    ended = await starter("doctor", "--temporal-port", str(free_port()), cwd=folder)
    assert (ended.code, ended.err) == (1, "")
    lines = ended.out.splitlines()
    assert [line[9:].partition(": ")[0] for line in lines] == CHECKS
    assert [line.split()[0] for line in lines if line.startswith("problem")] == ["problem"] * 3
    assert "nobody listens at 127.0.0.1:" in lines[CHECKS.index("engine")]
    assert list(folder.iterdir()) == []


async def test_wrong_options_end_with_2(tmp_path: Path) -> None:
    ended = await starter("doctor", "--temporal-port", "x", cwd=tmp_path)
    assert ended.code == 2


async def test_where_all_is_in_order_it_ends_with_0(
    data: Path, engine: TemporalServer, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = await starter("doctor", "--json", "--data", data, "--temporal-port", str(engine.port), cwd=data.parent)
    assert (ended.code, ended.err) == (0, ""), ended.out
    findings = json.loads(ended.out)
    assert [(each["check"], each["state"], each["way_out"]) for each in findings] == [
        (check, "ok", None) for check in CHECKS
    ]
    assert await doctor(settings(data, temporal_port=engine.port), Show(), as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    # How much room there is changes from one moment to the next.
    expected = [f"ok       {each['check']}: {each['found']}." for each in findings]
    assert [re.sub(r"[\d.]+ GiB", "", line) for line in lines] == [re.sub(r"[\d.]+ GiB", "", line) for line in expected]


async def test_a_warning_ends_with_0_and_a_problem_with_1(data: Path, engine: TemporalServer) -> None:
    given = settings(data, temporal_port=engine.port)
    data.chmod(0o755)
    assert await doctor(given, Show(), as_json=True) == 0
    (data / "keys").chmod(0o644)
    assert await doctor(given, Show(), as_json=True) == 1


# ---- this machine ----------------------------------------------------------------------------------------------------


def test_a_data_folder(data: Path, tmp_path: Path) -> None:
    told(examine_folder(settings(data)), Grade.OK, str(data), "writable")
    data.chmod(0o750)
    told(examine_folder(settings(data)), Grade.WARNING, "0750", f"`chmod 700 {data}`")
    (data / INCOMPLETE).touch()
    told(examine_folder(settings(data)), Grade.PROBLEM, "half-written", "--reset")
    told(examine_folder(settings(tmp_path / "nowhere")), Grade.PROBLEM, "nowhere is not there", "`starter.py up`")
    (tmp_path / "other").mkdir()
    told(examine_folder(settings(tmp_path / "other")), Grade.PROBLEM, "no Caseloom in")
    elsewhere = settings(tmp_path / "other", database_url="postgresql://db.example/caseloom")
    told(examine_folder(elsewhere), Grade.WARNING, "mode 0755")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Not even by root, who may write where the mode says no."""
    finding = examine_folder(settings(Path("/proc"), database_url="postgresql://db.example/caseloom"))
    told(finding, Grade.PROBLEM, "/proc cannot be written", "chown")


def test_a_disk_that_fills(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(examine_disk(settings(data / "not" / "made" / "yet")), Grade.OK, "GiB free", str(data))
    monkeypatch.setattr("starting.doctor_here.SCARCE", 2**62)
    told(examine_disk(settings(data)), Grade.WARNING, "Free some space")
    monkeypatch.setattr("starting.doctor_here.TOO_LITTLE", 2**61)
    told(examine_disk(settings(data)), Grade.PROBLEM, "Free some space")


def ring(key: bytes = b"k" * 32, current: str = "k1") -> str:
    return json.dumps({"current": current, "keys": {"k1": b64encode(key).decode()}})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json", "not a keyring"),
        (ring(current="k2"), "'k2' is not among"),
        (ring(b"short"), "not 32 bytes long: k1"),
        ("\udcff", "cannot be read"),
    ],
)
async def test_keys_that_are_no_keys(data: Path, content: str, words: str) -> None:
    (data / "keys").write_text(content, errors="surrogateescape")
    told(examine_keys(settings(data)), Grade.PROBLEM, words)
    told(found(await examine_rows(settings(data)), "mailboxes"), Grade.WARNING, "Mend the keys first")


async def test_keys_in_a_file(data: Path, tmp_path: Path) -> None:
    told(examine_keys(settings(data)), Grade.OK, "holds 1", "'k1'")
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o600
    (data / "keys").chmod(0o640)
    told(examine_keys(settings(data)), Grade.PROBLEM, "0640", f"`chmod 600 {data / 'keys'}`")
    (data / "keys").unlink()
    told(examine_keys(settings(data)), Grade.PROBLEM, "is not there", "CASELOOM_KEYS")
    told(found(await examine_rows(settings(data)), "mailboxes"), Grade.WARNING, "Mend the keys first")
    assert not (data / "keys").exists()
    told(examine_keys(settings(tmp_path / "nowhere")), Grade.OK, "the first start makes them")


async def test_files_that_are_not_what_was_kept(data: Path) -> None:
    """A store that is older than the database, or was altered: the rows name what it lacks."""
    store, database = FolderStore(data / "files"), Database(settings(data).database)
    kept = [await store.put(text) for text in (b"whole", b"altered", b"gone")]
    try:
        async with database.write() as session:
            for sha256 in kept:
                session.add(
                    Attachment(
                        position=0,
                        filename="a",
                        content_type="a/b",
                        content_id=None,
                        size=1,
                        sha256=sha256,
                        message_id=None,
                    )
                )
    finally:
        await database.close()
    told(found(await examine_rows(settings(data)), "files"), Grade.OK, "3 of the newest are whole")
    store.path(kept[1]).write_bytes(b"Altered")
    store.path(kept[2]).unlink()
    finding = found(await examine_rows(settings(data)), "files")
    told(finding, Grade.PROBLEM, "1 are missing and 1 were altered", str(data / "files"), "from a copy")


def test_keys_in_the_environment(data: Path) -> None:
    (data / "keys").unlink()
    told(examine_keys(settings(data, keys=SecretStr(ring()))), Grade.OK, "CASELOOM_KEYS holds 1")
    finding = examine_keys(settings(data, keys=SecretStr('{"current": "hunter2hunter2')))
    told(finding, Grade.PROBLEM, "CASELOOM_KEYS", "not a keyring")
    assert "hunter2hunter2" not in finding.line


# ---- the database ----------------------------------------------------------------------------------------------------


async def database_of(given: Settings) -> Finding:
    return found(await examine_rows(given), "database")


async def test_a_database_at_its_head(data: Path, postgres_url: str) -> None:
    head = known_revisions()[0]
    for given in (settings(data), settings(data, database_url=postgres_url)):
        told(await database_of(given), Grade.OK, f"migrations at {head}, this version's are {head}")


@pytest.mark.parametrize(
    ("revision", "words", "way_out"),
    [
        (None, "migrations at none", "Start it once with `starter.py up`"),
        ("0001", "migrations at 0001", "Start it once with `starter.py up`"),
        ("9999", "migrations at 9999", "A newer version"),
    ],
)
async def test_a_database_of_another_version(data: Path, revision: str | None, words: str, way_out: str) -> None:
    file, given = data / "caseloom.db", settings(data)
    file.unlink()
    if revision is None:
        file.touch()
    else:
        await asyncio.to_thread(upgrade, given.database, "0001")
    if revision == "9999":
        database = Database(given.database)
        async with database.write() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await database.close()
    told(await database_of(given), Grade.PROBLEM, words, f"this version's are {known_revisions()[0]}", way_out)
    told(found(await examine_rows(given), "mailboxes"), Grade.WARNING, "Mend the database first")


async def test_a_database_that_is_not_there_is_not_made(data: Path) -> None:
    (data / "caseloom.db").unlink()
    told(await database_of(settings(data)), Grade.PROBLEM, "is not there", "`starter.py up` makes it")
    assert not (data / "caseloom.db").exists()


async def test_a_file_that_is_no_database(data: Path) -> None:
    (data / "caseloom.db").write_text("this is no SQLite file, and it is long enough to be looked at" * 100)
    told(await database_of(settings(data)), Grade.PROBLEM, "not a database", "from a copy")


async def test_a_database_server_that_is_away(data: Path) -> None:
    url = f"postgresql://ada:hunter2@127.0.0.1:{free_port()}/caseloom?password=hunter3"
    finding = await database_of(settings(data, database_url=url))
    told(finding, Grade.PROBLEM, "postgresql://ada:***@127.0.0.1:")
    assert "hunter" not in finding.line


@pytest.mark.parametrize("url", ["mysql://db.example/caseloom", "hunter2"])
async def test_an_address_that_names_no_database(data: Path, url: str) -> None:
    finding = await database_of(settings(data, database_url=url))
    told(finding, Grade.PROBLEM, "CASELOOM_DATABASE_URL", "postgresql://USER:PASSWORD@HOST/NAME")
    assert "hunter2" not in finding.line


# ---- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "off"),
    [(-3.0, -3.0), (0.0, 0.0), (1.0, 0.0), (5.0, 4.0)],
)
def test_an_answer_that_took_a_second_is_compared_with_both_of_its_ends(there: float, off: float) -> None:
    second = timedelta(seconds=1)
    assert difference(NOW, NOW + there * second, NOW + second) == off * second
    grade = Grade.WARNING if abs(off) > 2 else Grade.OK
    told(clock_finding("clock", NOW, NOW + there * second, NOW + second), grade)


def wrong_by(seconds: float) -> Callable[[], datetime]:
    """This machine's clock, if it were wrong."""
    return lambda: datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "words"), [(60.0, "s behind this machine's"), (-60.0, "s ahead of this machine's")]
)
async def test_clocks_that_disagree(
    data: Path, engine: TemporalServer, postgres_url: str, seconds: float, words: str
) -> None:
    given = settings(data, temporal_port=engine.port, database_url=postgres_url)
    told(found(await examine_rows(given, wrong_by(seconds)), "clock of the database"), Grade.WARNING, words, "NTP")
    told(found(await examine_engine(given, wrong_by(seconds)), "clock of the engine"), Grade.WARNING, words, "NTP")


async def test_clocks_that_agree(data: Path, engine: TemporalServer, postgres_url: str) -> None:
    given = settings(data, temporal_port=engine.port, database_url=postgres_url)
    told(found(await examine_rows(given), "clock of the database"), Grade.OK, "this machine's")
    told(found(await examine_engine(given), "clock of the engine"), Grade.OK, "this machine's")
    told(found(await examine_rows(settings(data)), "clock of the database"), Grade.OK, "SQLite goes by this machine's")


# ---- the engine ------------------------------------------------------------------------------------------------------


async def test_an_engine_that_is_away(data: Path) -> None:
    port = free_port()
    findings = await examine_engine(settings(data, temporal_port=port))
    told(found(findings, "engine"), Grade.PROBLEM, f"nobody listens at 127.0.0.1:{port}", "`starter.py up`")
    told(found(findings, "retention"), Grade.WARNING, "Mend the engine first")
    cluster = settings(data, temporal_address=f"127.0.0.1:{port}")
    told(found(await examine_engine(cluster), "engine"), Grade.PROBLEM, "CASELOOM_TEMPORAL_ADDRESS")


async def test_somebody_else_on_the_engines_port(data: Path) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        told(found(await examine_engine(settings(data, temporal_port=port)), "engine"), Grade.PROBLEM, str(port))


async def test_a_profile_that_is_not_there(data: Path) -> None:
    findings = await examine_engine(settings(data, temporal_profile="nobody-has-this-profile"))
    told(found(findings, "engine"), Grade.PROBLEM, "nobody-has-this-profile", "_PROFILE")


async def test_a_namespace_that_is_not_there(data: Path, engine: TemporalServer) -> None:
    findings = await examine_engine(settings(data, temporal_address=engine.address, temporal_namespace="desk"))
    told(found(findings, "engine"), Grade.PROBLEM, "no namespace 'desk'", "namespace create --namespace desk")


async def test_a_retention_of_a_few_days_and_attributes_that_are_missing_or_wrong(data: Path, tmp_path: Path) -> None:
    server = TemporalServer(None, free_port(), retention_days=3, log_file=tmp_path / "temporal.log")
    async with server:
        own, cluster = settings(data, temporal_port=server.port), settings(data, temporal_address=server.address)
        findings = await examine_engine(own)
        told(found(findings, "engine"), Grade.OK, server.address, "'default'")
        told(found(findings, "retention"), Grade.WARNING, "3 days", "CASELOOM_TEMPORAL_RETENTION_DAYS")
        told(found(findings, "search attributes"), Grade.PROBLEM, "CaseNumber, ", "Start Caseloom again")
        findings = await examine_engine(cluster)
        told(found(findings, "retention"), Grade.WARNING, "namespace update --namespace default --retention 90d")
        words = "--name CaseNextDue --type Datetime"
        told(found(findings, "search attributes"), Grade.PROBLEM, "search-attribute create", words)
        client = await Client.connect(server.address)
        wrong = AddSearchAttributesRequest(search_attributes={"CaseNextDue": KINDS["Keyword"]}, namespace="default")
        await client.operator_service.add_search_attributes(wrong)
        words = "CaseNextDue is Keyword and should be Datetime"
        told(found(await examine_engine(cluster), "search attributes"), Grade.PROBLEM, words)


async def test_looking_leaves_no_run_behind(data: Path, engine: TemporalServer) -> None:
    client = await Client.connect(engine.address)
    await examine_engine(settings(data, temporal_port=engine.port))
    assert [run.id async for run in client.list_workflows()] == []


# ---- mailboxes -------------------------------------------------------------------------------------------------------


async def test_mailboxes(data: Path, engine: TemporalServer, capsys: pytest.CaptureFixture[str]) -> None:
    url, password, guess = f"sqlite:///{data / 'caseloom.db'}", "correct horse", "a-wrong-guess-0815"
    given = settings(data, temporal_port=engine.port)
    async with open_mailroom(url, data.parent) as room:
        (data / "keys").write_text(
            json.dumps(
                {"current": "k1", "keys": {name: b64encode(key).decode() for name, key in room.keyring.keys.items()}}
            )
        )
        findings = await examine_rows(given)
        told(found(findings, "mailbox support, IMAP"), Grade.OK, f"127.0.0.1:{room.hub.imap_port}")
        told(found(findings, "mailbox sales, SMTP"), Grade.OK, f"127.0.0.1:{room.hub.smtp_port}")
        async with room.database.write() as session:
            await session.execute(
                text("UPDATE mailbox SET secret = :secret WHERE slug = 'sales'"),
                {"secret": room.keyring.encrypt(guess)},
            )
        await room.configure(port=free_port())
        await room.configure(server="smtp", tls="perhaps")
        findings = await examine_rows(given)
        told(found(findings, "mailbox support, IMAP"), Grade.PROBLEM, "Check host, port and TLS")
        told(found(findings, "mailbox support, SMTP"), Grade.PROBLEM, "smtp.tls", "Correct it")
        for server in ("IMAP", "SMTP"):
            told(found(findings, f"mailbox sales, {server}"), Grade.PROBLEM, "Give it the right password")
        assert await doctor(given, Show(), as_json=False) == 1
        assert await doctor(given, Show(), as_json=True) == 1
        other = settings(
            data, keys=SecretStr(json.dumps({"current": "k9", "keys": {"k9": b64encode(b"k" * 32).decode()}}))
        )
        told(found(await examine_rows(other), "mailbox sales, IMAP"), Grade.PROBLEM, "'k1'", "Bring back that key")
    said = capsys.readouterr().out
    assert "mailbox sales, SMTP" in said
    for secret in (password, guess, *(b64encode(key).decode() for key in room.keyring.keys.values())):
        assert secret not in said
