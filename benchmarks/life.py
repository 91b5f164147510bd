"""What cases leave behind in years of work: stays in queues, promises, resolutions, timelines, mails, contracts, and what agents have read.

The database makes it itself, one `INSERT ... SELECT` over the cases for each kind: it makes a million rows in the time in which Python makes
some ten thousand. What varies is taken from the number of the case, so that every run fills the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.engines import Database
from storage.fulltext.filling import fill

Say = Callable[[str], None]
Statement = tuple[str, str]
"""What it makes, in words, and the SQL."""

MAILED = 4
"""Of so many cases one came by mail, and was answered by one."""
ENTRIES = 3_000
"""Of the one case that never ends."""
LETTER = (
    "I bought it in your shop last month and it worked until yesterday evening. The light blinks three times and then nothing "
    "happens any more. Please tell me whether this is covered by the warranty or what a repair would cost."
)
EMPTY, NONE = "'{}'", "'[]'"
TO_CUSTOMER, DEAR = """'["customer@customer.example"]'""", """'{"text":"Dear customer,"}'"""
TO = """'{"to":["%s"],"cc":[]}'"""
"""Documents, as they stand in SQL."""
OPEN = "c.status IN ('opening', 'active')"
(
    STAY,
    RESPONSE,
    RESOLUTION,
    END,
    OPENED,
    CAME,
    WRITTEN,
    ANSWER,
    CLOSED,
    LETTER_IN,
    LETTER_OUT,
    SENT,
    ARRIVED,
    CARE,
    FLOW,
) = range(15)
"""The kinds of rows: each has keys of its own."""
LONG = 100
"""The first kind of what the one long case has."""


class Words:
    """What the two databases say differently, and what statements have in common. `c` is the case."""

    def __init__(self, *, sqlite: bool) -> None:
        self.sqlite = sqlite
        digits = "substr(c.number, 5)" if sqlite else "split_part(c.number, '-', 2)"
        self.place = f"CAST({digits} AS INTEGER)"
        """The number of the case, which counts from 0."""
        self.agent = f"(SELECT id FROM agent WHERE slug = 'agent-' || ({self.place} % 100))"
        self.mailbox = "(SELECT id FROM mailbox ORDER BY slug LIMIT 1)"
        self.picked = self.later("c.created_on", f"{self.place} % 240")
        self.ended = self.later("c.created_on", f"300 + {self.place} % 4000")

    def key(self, kind: int, place: str = "") -> str:
        """A key of its own for each place of a kind, rising with the place."""
        place = place or self.place
        if self.sqlite:
            return f"printf('%012x%020x', {place}, {kind})"
        return f"CAST(lpad(to_hex({place}), 12, '0') || lpad(to_hex({kind}), 20, '0') AS UUID)"

    def later(self, at: str, minutes: str) -> str:
        if self.sqlite:
            return f"(strftime('%Y-%m-%d %H:%M:%f', {at}, printf('%+d minutes', {minutes})) || '000')"
        return f"({at} + make_interval(mins => {minutes}))"

    def written(self, at: str) -> str:
        """As a text in a document: an instant, or null."""
        told = (
            f"strftime('%Y-%m-%dT%H:%M:%SZ', {at})"
            if self.sqlite
            else f"""to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        )
        return f"""coalesce('"' || {told} || '"', 'null')"""

    def quoted(self, key: str) -> str:
        """As a text in a document: a key."""
        told = (
            f"substr({key}, 1, 8) || '-' || substr({key}, 9, 4) || '-' || substr({key}, 13, 4) || '-' || substr({key}, 17, 4)"
            f" || '-' || substr({key}, 21)"
            if self.sqlite
            else f"CAST({key} AS TEXT)"
        )
        return f"""('"' || {told} || '"')"""

    def document(self, told: str) -> str:
        return f"({told})" if self.sqlite else f"CAST({told} AS JSON)"


async def lived(database: Database, say: Say) -> None:
    """Give the cases of `benchmarks.filling` all that they would have by now, and have them found by their words. The benchmarks' or
    the demo's organisation is in force: their promises are those of its SLA `standard`."""
    words = Words(sqlite=database.sqlite)
    async with database.write() as session, _bare(session, database, say):
        connection = await session.connection()
        for kinds in (_work, _timeline, _mails, _long, _contracts, _own):
            for what, statement in kinds(words):
                made = await connection.exec_driver_sql(statement)
                say(f"{made.rowcount:,} {what}")
    await _searched(database, words, say)
    async with database.writer.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not database.sqlite:
            await plain.execute(text("VACUUM ANALYZE"))
            say("vacuumed and analysed")


# ---- kinds of rows -----------------------------------------------------------------------------------------------------


def _work(words: Words) -> Iterator[Statement]:
    queue = f"(SELECT id FROM queue WHERE slug = coalesce(c.queue, 'queue-' || ({words.place} % 10)))"
    yield (
        "stays in queues",
        f"""INSERT INTO queue_item (id, case_id, queue_id, worked_by, live, entered_on, picked_on, left_on)
        SELECT {words.key(STAY)}, c.id, {queue}, CASE WHEN {OPEN} THEN c.owner_id END, {OPEN}, c.created_on,
        CASE WHEN c.owner_id IS NOT NULL THEN {words.picked} END, CASE WHEN {OPEN} THEN NULL ELSE {words.ended} END
        FROM service_case c WHERE c.status <> 'opening'""",
    )
    responded = f"CASE WHEN c.first_response_sent OR NOT ({OPEN}) THEN 'succeeded' ELSE 'in-progress' END"
    yield "first responses promised", _promise(words, RESPONSE, "first-response", 0, "240", responded)
    state = f"""CASE WHEN c.sla_state = 'noncompliant' THEN 'noncompliant' WHEN NOT ({OPEN}) THEN 'succeeded'
        WHEN c.sla_state = 'paused' THEN 'paused' WHEN c.sla_state = 'nearing-noncompliance' THEN 'nearing-noncompliance'
        ELSE 'in-progress' END"""
    yield "resolutions promised", _promise(words, RESOLUTION, "resolution", 1, "2880", state)
    entered = words.written("c.created_on")
    flow = f"""'{{"definition":"phone-to-case","version":1,"status":"active","stage":"research","path":["identify","research"],'
        || '"stage_entered_on":' || {entered} || ',"moves":1,"spent":{{"identify":60}}}}'"""
    yield (
        "processes",
        f"""INSERT INTO process_instance (id, case_id, definition, version, current, state, started_on)
        SELECT {words.key(FLOW)}, c.id, 'phone-to-case', 1, true, {words.document(flow)}, c.created_on
        FROM service_case c WHERE c.status <> 'opening' AND ({OPEN} OR {words.place} % 4 = 0)""",
    )
    yield (
        "resolutions",
        f"""INSERT INTO case_resolution (id, case_id, life, resolution_type, resolution, total_minutes, billable_minutes, resolved_on,
        agent_id)
        SELECT {words.key(END)}, c.id, 0, 'problem-solved', 'Told how to do it.', {words.place} % 60, 0, {words.ended}, {words.agent}
        FROM service_case c WHERE c.status = 'resolved'""",
    )


def _promise(words: Words, kind: int, kpi: str, item: int, minutes: str, status: str) -> str:
    """One promise of every case that has got so far. An open case's is due when the case says that it is."""
    due = f"coalesce(c.next_due, {words.later('c.created_on', minutes)})"
    warned = words.later(due, "-30")
    paused = f"CASE WHEN {status} = 'paused' THEN {words.picked} END"
    met = f"CASE WHEN {status} = 'succeeded' THEN {words.picked} END"
    failed = f"CASE WHEN {status} = 'noncompliant' THEN {due} END"
    body = f"""'{{"id":' || {words.quoted(words.key(kind))} || ',"ordinal":1,"kpi":"{kpi}","item":{item},"item_name":"{kpi}",'
        || '"sla":{{"slug":"standard","version":1}},"calendar":{{"slug":"business-hours","version":1}},"status":"' || {status}
        || '","began_on":' || {words.written("c.created_on")} || ',"applicable_from":' || {words.written("c.created_on")}
        || ',"warning_at":' || {words.written(warned)} || ',"failure_at":' || {words.written(due)} || ',"paused_on":'
        || {words.written(paused)} || ',"succeeded_on":' || {words.written(met)} || ',"failed_on":' || {words.written(failed)}
        || ',"held_seconds":0}}'"""
    return f"""INSERT INTO kpi_instance (id, case_id, kpi, status, body, warning_at, failure_at, escalating)
        SELECT {words.key(kind)}, c.id, '{kpi}', {status}, {words.document(body)}, {warned}, {due}, false
        FROM service_case c WHERE c.status <> 'opening'"""


def _timeline(words: Words) -> Iterator[Statement]:
    yield "cases opened", _entries(words, OPENED, "opened", "c.created_on", where="true")
    yield (
        "mails in timelines",
        _entries(words, CAME, "mail", "c.created_on", subject=words.key(LETTER_IN), where=_mailed(words)),
    )
    yield (
        "picks",
        _entries(words, WRITTEN, "picked", words.picked, actor=words.agent, where="c.owner_id IS NOT NULL"),
    )
    yield (
        "replies in timelines",
        _entries(
            words,
            ANSWER,
            "reply",
            words.later("c.created_on", f"10 + {words.place} % 230"),
            actor=words.agent,
            subject=words.key(LETTER_OUT),
            changes="""'{"first_response_sent":[false,true]}'""",
            where=f"{_mailed(words)} AND c.first_response_sent",
        ),
    )
    yield (
        "endings",
        _entries(
            words,
            CLOSED,
            "resolved",
            words.ended,
            actor=words.agent,
            changes="""'{"status":["active","' || c.status || '"]}'""",
            where=f"NOT ({OPEN})",
        ),
    )


def _entries(
    words: Words,
    kind: int,
    told: str,
    at: str,
    *,
    where: str,
    actor: str = "NULL",
    subject: str = "NULL",
    changes: str = "NULL",
) -> str:
    return f"""INSERT INTO timeline_entry (id, case_id, key, at, kind, actor_id, subject_id, data, changes)
        SELECT {words.key(kind)}, c.id, '{told}/1', {at}, '{told}', {actor}, {subject}, {words.document(EMPTY)},
        {words.document(changes)} FROM service_case c WHERE {where}"""


def _mailed(words: Words) -> str:
    return f"{words.place} % {MAILED} = 0 AND c.status <> 'opening'"


def _mails(words: Words) -> Iterator[Statement]:
    sender = "(SELECT email FROM contact WHERE contact.id = c.contact_id)"
    yield "mails", _letters(words, LETTER_IN, "in", sender, "desk@house.example", _mailed(words))
    answered = f"{_mailed(words)} AND c.first_response_sent"
    yield "letters", _letters(words, LETTER_OUT, "out", "'desk@house.example'", "customer@customer.example", answered)
    sent = words.later("c.created_on", f"11 + {words.place} % 230")
    yield (
        "letters sent",
        f"""INSERT INTO outbox (id, key, mailbox_id, case_id, message_id, envelope_from, envelope_to, state, kind, attempts, epoch, sent_on)
        SELECT {words.key(SENT)}, 'reply/' || c.number, {words.mailbox}, c.id, {words.key(LETTER_OUT)}, 'desk@house.example',
        {words.document(TO_CUSTOMER)}, CASE {words.place} % 500 WHEN 0 THEN 'failed' WHEN 4 THEN 'bounced'
        ELSE 'sent' END, 'reply', 1, 1, {sent} FROM service_case c WHERE {answered}""",
    )
    verdict = f"CASE WHEN {words.place} % 400 = 0 THEN 'held' ELSE 'opened' END"
    yield (
        "mails in the log",
        f"""INSERT INTO inbound_mail (id, mailbox_id, uidvalidity, uid, raw_sha256, raw_size, received_on, flagged, verdict, reason,
        message_id, case_id)
        SELECT {words.key(ARRIVED)}, {words.mailbox}, 1, {words.place} + 1, 'x', 2000, c.created_on, true, {verdict},
        CASE WHEN {verdict} = 'held' THEN 'unknown-sender' END, {words.key(LETTER_IN)},
        CASE WHEN {verdict} = 'opened' THEN c.id END FROM service_case c WHERE {_mailed(words)}""",
    )


def _letters(words: Words, kind: int, direction: str, sender: str, to: str, where: str) -> str:
    return f"""INSERT INTO email_message (id, direction, case_id, mailbox_id, message_id, message_id_hash, content_hash, "references", sender,
        recipients, subject, text, defects, date, recorded_at)
        SELECT {words.key(kind)}, '{direction}', c.id, {words.mailbox}, c.number || '@{direction}', c.number || '{direction}', c.number,
        {words.document(NONE)}, {sender}, {words.document(TO % to)}, c.title, '{LETTER}',
        {words.document(NONE)}, c.created_on, c.created_on FROM service_case c WHERE {where}"""


def _long(words: Words) -> Iterator[Statement]:
    """The case of the least number among the open ones: customer and agent have written to each other ever since."""
    n = f"{words.place}"
    the = "(SELECT min(number) FROM service_case WHERE status = 'active')"
    at = words.later("l.created_on", f"60 + {n} * 60")
    kinds = f"CASE {n} % 3 WHEN 0 THEN 'mail' WHEN 1 THEN 'note' ELSE 'changed' END"
    rows = f"FROM service_case c JOIN service_case l ON l.number = {the} WHERE {n} < {ENTRIES}"
    changed = """CASE WHEN TRUE THEN '{"changes":{"priority":["normal","high"]}}' END"""
    yield (
        "entries of one case",
        f"""INSERT INTO timeline_entry (id, case_id, key, at, kind, actor_id, subject_id, text, data)
        SELECT {words.key(LONG)}, l.id, 'long/' || {n}, {at}, {kinds}, CASE WHEN {n} % 3 > 0 THEN {words.agent} END,
        CASE WHEN {n} % 3 = 0 THEN {words.key(LONG + 1)} END, CASE WHEN {n} % 3 = 1 THEN '{LETTER}' END,
        {words.document(changed)} {rows}""",
    )
    yield (
        "mails of one case",
        f"""INSERT INTO email_message (id, direction, case_id, mailbox_id, message_id, message_id_hash, content_hash, "references", sender,
        recipients, subject, text, defects, date, recorded_at)
        SELECT {words.key(LONG + 1)}, 'in', l.id, {words.mailbox}, 'long' || {n}, 'long' || {n}, c.number, {words.document(NONE)},
        'customer@customer.example', {words.document(TO % "desk@house.example")}, l.title, '{LETTER}',
        {words.document(NONE)}, {at}, {at} {rows} AND {n} % 3 = 0""",
    )


def _contracts(words: Words) -> Iterator[Statement]:
    number = "CAST(substr(a.slug, 9) AS INTEGER)"
    yield (
        "contracts",
        f"""INSERT INTO entitlement (id, slug, name, account_id, start, "end", restricted, allocation, decrease_on, total_terms,
        remaining_terms, sla, is_default, status, products, contacts, warnings, version)
        SELECT {words.key(CARE, number)}, 'care-' || {number}, 'Care of ' || a.name, a.id, '2020-01-01', '2040-01-01', false, 'cases',
        'resolution', 10000000, 8000000, 'standard', true, 'active', {words.document(NONE)}, {words.document(NONE)},
        {words.document(NONE)}, 1 FROM account a WHERE a.slug LIKE 'account-%' AND {number} % 10 = 0""",
    )
    of = "(SELECT e.id FROM entitlement e WHERE e.account_id = c.account_id AND e.slug LIKE 'care-%')"
    yield (
        "cases under contract",
        f"UPDATE service_case AS c SET entitlement_id = {of} WHERE c.status = 'active' AND {words.place} % 5 = 0 AND EXISTS {of}",
    )


def _own(words: Words) -> Iterator[Statement]:
    """Of `agent-0`, who reads the pages: most of their cases read once, some news, some drafts."""
    me = "(SELECT id FROM agent WHERE slug = 'agent-0')"
    mine = f"FROM service_case c WHERE c.owner_id = {me}"
    yield (
        "readings",
        f"""INSERT INTO case_reading (agent_id, case_id, seen_until, seen_entry_id, unread)
        SELECT {me}, c.id, {words.later("c.created_on", "600")}, {words.key(OPENED)}, {words.place} % 97 = 0 {mine}
        AND {words.place} % 3 > 0""",
    )
    read = f"CASE WHEN {words.place} % 5 > 0 THEN c.modified_on END"
    yield (
        "notices",
        f"""INSERT INTO agent_notice (agent_id, case_id, kind, key, at, count, read_on)
        SELECT {me}, c.id, 'assigned', 'assigned/' || c.number, c.modified_on, 1, {read} {mine} AND c.status = 'active'
        ORDER BY c.modified_on DESC LIMIT 300""",
    )
    yield (
        "drafts",
        f"""INSERT INTO reply_draft (id, case_id, agent_id, kind, body, saved_on, generation, written, unfinished)
        SELECT {words.key(LONG + 2)}, c.id, {me}, 'reply', {words.document(DEAR)}, c.modified_on, 0, 1, true
        {mine} AND c.status = 'active' ORDER BY c.number LIMIT 12""",
    )


# ---- words and indexes -------------------------------------------------------------------------------------------------


async def _searched(database: Database, words: Words, say: Say) -> None:
    """The house's own filling on SQLite. PostgreSQL takes its words apart itself, which is several times as fast, and finds them as well."""
    if database.sqlite:
        async with database.writer.begin() as connection:
            say(f"{await connection.run_sync(fill):,} entries of the search")
        return
    kinds = {
        "case": ("id", "id", "created_on", "number || ' ' || title", "coalesce(description, '')", "service_case"),
        "mail": ("id", "case_id", "recorded_at", "subject", "text || ' ' || sender", "email_message"),
        "account": ("id", "NULL", "recorded_at", "name || ' ' || slug", "''", "account"),
        "contact": ("id", "NULL", "recorded_at", "name || ' ' || email", "''", "contact"),
    }
    indexes = ("ix_search_entry_head", "ix_search_entry_body", "ix_search_entry_at", "ix_search_entry_case")
    async with database.write() as session:
        async with _without(session, "search_entry", names=indexes):
            for kind, (key, case, at, head, body, table) in kinds.items():
                kept = f"array_to_tsvector(ARRAY['§{kind}'])"
                told = f"to_tsvector('simple', {head})"
                found = await session.execute(
                    text(
                        f"""INSERT INTO search_entry (kind, object_id, case_id, at, head, body)
                        SELECT '{kind}', {key}, CAST({case} AS UUID), {at}, {told} || {kept}, to_tsvector('simple', {head} || ' ' || {body}) || {kept}
                        FROM {table} ORDER BY {key}"""
                    )
                )
                say(f"{found.rowcount:,} entries of the search: {kind}")  # type: ignore[attr-defined] # a cursor's result
        say("indexes of the search")


FILLED = (
    "queue_item",
    "kpi_instance",
    "process_instance",
    "case_resolution",
    "timeline_entry",
    "email_message",
    "outbox",
    "inbound_mail",
)


@asynccontextmanager
async def _bare(session: AsyncSession, database: Database, say: Say) -> AsyncIterator[None]:
    """PostgreSQL makes an index of a full table several times as fast as it adds to one row by row, and checks no keys that are right."""
    if database.sqlite:
        yield
        return
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    async with _without(session, *FILLED):
        yield
    say("indexes made")


@asynccontextmanager
async def _without(session: AsyncSession, *tables: str, names: tuple[str, ...] | None = None) -> AsyncIterator[None]:
    """Without the plain indexes of these tables, or these alone, until the block ends."""
    wanted = text(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables) AND indexdef NOT LIKE 'CREATE UNIQUE%'"
    )
    rows = (await session.execute(wanted, {"tables": list(tables)})).all()
    rows = [row for row in rows if names is None or row.indexname in names]
    for name, _ in rows:
        await session.execute(text(f'DROP INDEX "{name}"'))
    yield
    await session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    for _, definition in rows:
        await session.execute(text(definition))
