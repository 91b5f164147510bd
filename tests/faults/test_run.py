"""A small fault run, on both databases; the large one is `python3 dev.py faults`. And proof that its checks see faults."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from models.records.cases import Case, LedgerEntry, QueueItem
from models.records.mails import Attachment, InboundMail, Outbox
from tests.faults import report, world
from tests.faults.__main__ import options
from tests.faults.checks import Fault, check
from tests.faults.letters import Letter, hand_in, make_letters
from tests.faults.plan import make_plan
from tests.faults.supervisor import Supervisor
from tests.faults.world import World

MAILS, KILLS = 10, 5


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own temporary folder: PostgreSQL, as another user, may not enter that."""
    made = Path(tempfile.mkdtemp(prefix="caseloom-faults-"))
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("engine", "seed"), [(world.Engine.SQLITE, 6), (world.Engine.POSTGRES, 8)])
async def test_killed_workers_lose_and_double_nothing(folder: Path, engine: world.Engine, seed: int) -> None:
    plan = make_plan(seed, MAILS, KILLS)
    said: list[str] = []
    async with world.running(folder, engine) as here:
        letters = make_letters(seed, here.customers[:MAILS], here.address)
        story = await Supervisor(here, letters, plan, said.append, lambda text: None).run()
        verdict = await check(here, letters)
        table = "\n".join([*said, *report.lines(MAILS, plan, story, verdict)])
        assert report.is_good(plan, story, verdict), table
        assert report.as_json(seed, engine, MAILS, plan, story, verdict)["good"]
        assert f"\ncases                   {MAILS}\n" in table

        await _spoil(here, letters)
        found = (await check(here, letters)).faults
        assert set(found) == set(Fault) - {Fault.STUCK}, found
        seen = "\n".join(what for each in found.values() for what in each)
        for expected in SPOILT:
            assert expected in seen, f"{expected!r} was not noticed:\n{seen}"


SPOILT = [
    "movement of terms: expected [Decimal('-1')], found []",
    "remaining = total + sum(ledger)",
    "live queue items: expected [True], found [False]",
    "in the ledger of mail",
    "is not there",
    "Message-IDs for",
    "was opened by no letter of this run",
]


async def _spoil(here: World, letters: list[Letter]) -> None:
    """What each kind of fault would leave behind."""
    async with here.house.database.write() as session:
        first, second, third = list(await session.scalars(select(Case).order_by(Case.id).limit(3)))
        await session.execute(delete(LedgerEntry).where(LedgerEntry.case_id == first.id))
        await session.execute(update(QueueItem).where(QueueItem.case_id == second.id).values(live=False))
        uid = select(InboundMail.id).order_by(InboundMail.uid).limit(1).scalar_subquery()
        await session.execute(update(InboundMail).where(InboundMail.id == uid).values(flagged=False))
        await session.execute(update(Case).where(Case.id == third.id).values(opening_mail_id=None))
        sent = (await session.scalars(select(Outbox).where(Outbox.case_id == second.id))).one()
        sent.envelope_to = ["somebody@else.example"]
        file = (await session.scalars(select(Attachment.sha256).limit(1))).one()
    (here.settings.data / "files" / file[:2] / file).unlink()
    hand_in(here.settings.smtp_port, here.address, letters[:1])  # a mail that no worker will take in


# ---- the command line ------------------------------------------------------------------------------------------------


def test_the_defaults_are_the_issue_s() -> None:
    given = options([])
    assert (given.mails, given.kills, given.engine, given.json) == (100, 20, world.Engine.SQLITE, None)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--mails", "101"], "--mails: 2 to 100"),
        (["--kills", "0"], "--kills: at least 1"),
        (["--mails", "5", "--kills", "5"], "--kills: at least 1 and fewer than the mails (5)"),
        (["--database", "oracle"], "invalid choice: 'oracle'"),
    ],
)
def test_a_wrong_option_is_named(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        options(arguments)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
