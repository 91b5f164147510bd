"""A small fault run, on both databases; the large one is `python3 dev.py faults`. And proof that its checks see faults."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from faults import report, world
from faults.__main__ import Options, SceneOptions, options
from faults.checks import check
from faults.customers import Customers
from faults.letters import FEWEST
from faults.plan import make_plan
from faults.scenes import SCENES
from faults.supervisor import Supervisor
from faults.verdict import Harm
from faults.world import World
from models.messages.mailflow import MailVerdict
from models.records.cases import Case, QueueItem
from models.records.mails import Attachment, EmailMessage, InboundMail, Outbox
from models.records.promises import LedgerEntry


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own temporary folder: PostgreSQL, as another user, may not enter that."""
    made = Path(tempfile.mkdtemp(prefix="caseloom-faults-"))
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("engine", "seed"), [(world.Engine.SQLITE, 1), (world.Engine.POSTGRES, 8)])
async def test_killed_processes_lose_and_double_nothing(folder: Path, engine: world.Engine, seed: int) -> None:
    plan = make_plan(seed, len(engine.deeds), engine.deeds)
    said: list[str] = []
    async with world.running(folder, engine) as here:
        customers = here.write_letters(seed, FEWEST)
        story = await Supervisor(here, customers, plan, said.append, lambda text: None).run()
        verdict = await check(here, customers)
        letters = customers.handed_in
        table = "\n".join([*said, *report.lines(letters, plan, story, verdict)])
        assert report.is_good(plan, story, verdict), table
        assert report.as_json(seed, engine, letters, plan, story, verdict)["good"]
        assert f"\nmails                     {FEWEST}: " in table

        await _spoil(here, customers)
        found = (await check(here, customers)).faults
        assert set(found) == set(Harm) - {Harm.STUCK}, found
        seen = "\n".join(what for each in found.values() for what in each)
        for expected in SPOILT:
            assert expected in seen, f"{expected!r} was not noticed:\n{seen}"


SPOILT = [
    "terms: expected -1, found 0",
    "remaining = total + sum(ledger)",
    "live queue items: expected 1, found 0",
    "in the mail log",
    "is not there",
    "Message-IDs for",
    "is the case of no letter of this run",
    "was taken in 2 times",
    "is in no case",
]


async def _spoil(here: World, customers: Customers) -> None:
    """What each kind of fault would leave behind."""
    async with here.house.database.write() as session:
        first, second, third = list(await session.scalars(select(Case).order_by(Case.id).limit(3)))
        await session.execute(delete(LedgerEntry).where(LedgerEntry.case_id == first.id))
        await session.execute(update(QueueItem).where(QueueItem.case_id == second.id).values(live=False))
        uid = select(InboundMail.id).order_by(InboundMail.uid).limit(1).scalar_subquery()
        await session.execute(update(InboundMail).where(InboundMail.id == uid).values(flagged=False))
        copy = select(InboundMail.id).where(InboundMail.verdict == MailVerdict.DUPLICATE).limit(1).scalar_subquery()
        await session.execute(update(InboundMail).where(InboundMail.id == copy).values(verdict=MailVerdict.OPENED))
        await session.execute(update(EmailMessage).where(EmailMessage.case_id == third.id).values(case_id=None))
        sent = (await session.scalars(select(Outbox).where(Outbox.case_id == second.id))).one()
        sent.envelope_to = ["somebody@else.example"]
        file = (await session.scalars(select(Attachment.sha256).limit(1))).one()
    (here.settings.data / "files" / file[:2] / file).unlink()
    customers.waiting.append(customers.handed_in[0])  # a mail that no worker will take in
    customers.hand_in(1)


# ---- the command line ------------------------------------------------------------------------------------------------


def test_by_default_more_than_two_hundred_die_even_without_the_dropped_connections() -> None:
    given = options([])
    assert isinstance(given, Options)
    assert (given.mails, given.kills, given.engine, given.json) == (200, 240, world.Engine.POSTGRES, None)


def test_every_scene_is_one_of_the_one_command() -> None:
    for name in SCENES:
        given = options(["--scene", name, "--database", "sqlite", "--seed", "3"])
        assert given == SceneOptions((name,), 3, None, None, world.Engine.SQLITE)
    everything = options(["--scene", "every", "--kills", "4"])
    assert isinstance(everything, SceneOptions)
    assert set(everything.names) == {
        *("merge", "cascade", "close", "together"),
        *("contracts", "articles", "surveys", "escalations", "calendars"),
    }
    assert (everything.engine, everything.kills) == (world.Engine.POSTGRES, 4)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--mails", "251"], "--mails: 12 to 250"),
        (["--mails", "11"], "--mails: 12 to 250"),
        (
            ["--kills", "5"],
            "--kills: at least 6, one of each kind (worker, temporal, mail, tcp, uidvalidity, postgres)",
        ),
        (["--kills", "4", "--database", "sqlite"], "--kills: at least 5, one of each kind"),
        (["--database", "oracle"], "invalid choice: 'oracle'"),
        (["--scene", "nowhere"], "invalid choice: 'nowhere'"),
        (["--scene", "merge", "--mails", "20"], "--mails and --json: only without --scene"),
        (["--scene", "merge", "--kills", "0"], "--size and --kills: at least 1"),
        (["--size", "5"], "--size: only with --scene"),
    ],
)
def test_a_wrong_option_is_named(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        options(arguments)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
