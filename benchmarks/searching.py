"""The search of a desk that has been at work for three years: a case and a mail each, asked for as agents ask.

`python -m benchmarks.searching [cases] [postgresql]` fills a database and prints a line for each kind of question.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from benchmarks.arguments import filling
from benchmarks.bulk import key
from benchmarks.figures import milliseconds, quantile
from benchmarks.filling import AT_ONCE, CONTACT, FIRST, YEARS, Population, filled, serial
from desk.queries.search import SearchFilter, search
from models.messages.api_search import SearchKind
from models.messages.cases import CaseStatus
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Mailbox
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.fulltext.filling import fill
from storage.migrate import upgrade_async

LOOKS = 100
MAIL = CONTACT + 1
"""A further kind of rows that keys are made for."""
SENTENCES = (
    "I bought it in your shop last month and it worked until yesterday evening.",
    "The light blinks three times and then nothing happens any more.",
    "I have already tried another cable and another socket, without success.",
    "Please tell me whether this is covered by the warranty or what a repair would cost.",
    "Seit dem letzten Update bricht die Verbindung alle paar Minuten ab.",
    "Die Rechnungsnummer steht auf dem Lieferschein, den ich angehängt habe.",
    "Ich bitte um eine Ersatzlieferung oder um die Erstattung des Kaufpreises.",
    "Können Sie mir bitte sagen, wann ein Techniker kommen kann?",
    "I am travelling next week, so please write to this address only.",
    "It makes a noise like a kettle, mostly at night when everybody sleeps.",
)
RARE = (
    "gramophone",
    "Dachrinnen",
    "zeppelins",
    "Kaffeemaschine",
    "harpsichord",
    "Briefkästen",
    "submarines",
    "Ventilator",
)

Draw = Callable[[random.Random, Population], tuple[str, SearchFilter]]
QUESTIONS: dict[str, Draw] = {
    "number": lambda chance, people: (f"cas-{chance.randrange(people.cases):05}", SearchFilter()),
    "number without suffix or zeros": lambda chance, people: (str(chance.randrange(people.cases)), SearchFilter()),
    "one case's own word": lambda chance, people: (serial(chance.randrange(people.cases)), SearchFilter()),
    "rare word": lambda chance, people: (chance.choice(RARE), SearchFilter()),
    "word of each third case": lambda chance, people: (
        chance.choice(["warranty", "Rechnung", "Technikern"]),
        SearchFilter(),
    ),
    "two common words": lambda chance, people: (
        chance.choice(["headphones warranty", "verbindung router"]),
        SearchFilter(),
    ),
    "common word, status": lambda chance, people: ("warranty", SearchFilter(status=(CaseStatus.OPENING,))),
    "common word, queue": lambda chance, people: (
        "rechnungsnummern",
        SearchFilter(queue=f"queue-{chance.randrange(10)}"),
    ),
    "common word, kind": lambda chance, people: ("cable", SearchFilter(kinds=(SearchKind.MAIL,))),
    "common word, an old month": lambda chance, people: ("cable", _month(chance)),
    "word and sender": lambda chance, people: (
        f"cable {chance.randrange(people.cases)}@customer.example",
        SearchFilter(),
    ),
    "half a word": lambda chance, people: (chance.choice(["warr", "rech", "verb", "head"]), SearchFilter()),
    "absent word": lambda chance, people: ("xylophone", SearchFilter()),
    "a whole question": lambda chance, people: ("please tell me what the repair of a router costs", SearchFilter()),
}


def _month(chance: random.Random) -> SearchFilter:
    begin = FIRST + YEARS * chance.random()
    return SearchFilter(since=begin, until=begin + timedelta(days=30))


async def searched(url: str, count: int) -> Iterator[str]:
    await upgrade_async(url)
    database = Database(url)
    try:
        people = await filled(database, count, searched=False)
        await _add_mails(database)
        began = time.perf_counter()
        async with database.writer.begin() as connection:
            entries = await connection.run_sync(fill)
        found = [f"{entries:,} entries made in {time.perf_counter() - began:.0f} s"]
        if not database.sqlite:
            async with database.write() as session:
                await session.execute(text("ANALYZE"))
        return iter([*found, *[await _asked(database, people, name) for name in QUESTIONS]])
    finally:
        await database.close()


async def _add_mails(database: Database) -> None:
    chance = random.Random(3)
    async with database.write() as session:
        box = new_id()
        await session.execute(
            insert(Mailbox), {"id": box, "slug": "m", "address": "m@house.example", "display_name": "M", "settings": {}}
        )
        cases = enumerate(await session.execute(select(Case.id, Case.title, Case.created_on).order_by(Case.id)))
        while some := list(islice(cases, AT_ONCE)):
            await session.execute(insert(EmailMessage), [_mail(chance, box, place, case) for place, case in some])


def _mail(chance: random.Random, box: UUID, place: int, case: Any) -> dict[str, Any]:
    # Its key follows its case's, as if both had come then: entries are made in the order of the keys.
    id = key(MAIL, place)
    words = chance.sample(SENTENCES, k=4)
    if chance.random() < 0.005:
        words.append(f"And the {chance.choice(RARE)}?")
    return {
        "id": id, "direction": "in", "case_id": case.id, "mailbox_id": box, "message_id": "x", "message_id_hash": id.hex,
        "content_hash": id.hex, "references": [], "sender": f"{chance.randrange(100_000)}@customer.example",
        "recipients": {}, "subject": case.title, "text": "\n".join(words), "defects": [], "recorded_at": case.created_on,
    }  # fmt: skip


async def _asked(database: Database, people: Population, name: str) -> str:
    chance, seconds, hits = random.Random(1), [], 0
    for place in range(LOOKS + 1):
        typed, wanted = QUESTIONS[name](chance, people)
        began = time.perf_counter()
        async with database.read() as session:
            page = await search(session, people.identity, typed, wanted, limit=50)
        if place:  # the first compiles its statements
            seconds.append(time.perf_counter() - began)
            hits += len(page.items)
    p50, p99 = (milliseconds(quantile(seconds, q)) for q in (0.5, 0.99))
    return f"{name}: p50 {p50}, p99 {p99}, {hits / LOOKS:.0f} hits"


async def main(count: int, *, postgresql: bool) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="caseloom-bench-")))
        url = f"sqlite:///{folder / 'search.db'}"
        if postgresql:
            url = await (await stack.enter_async_context(PostgresServer(folder))).create_database("search")
        for line in await searched(url, count):
            print(line, flush=True)


if __name__ == "__main__":
    asked = filling(__doc__, "cases")
    asyncio.run(main(asked.count, postgresql=asked.postgresql))
