"""What cases leave behind in years of work: stays in queues, promises, resolutions, timelines, mails, contracts, readings.

Each kind is one `INSERT ... SELECT` over the cases (`benchmarks.bulk`). What varies is taken from the number of the case, so that
every run fills the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum, auto

from sqlalchemy import text

from benchmarks.bulk import Words, bare
from benchmarks.filling import AGENT, AGENTS
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


class Made(IntEnum):
    """The kinds of rows that have keys of their own, behind those of the filling."""

    STAY = 10
    RESPONSE = auto()
    RESOLUTION = auto()
    FLOW = auto()
    END = auto()
    OPENED = auto()
    CAME = auto()
    PICKED = auto()
    ANSWER = auto()
    CLOSED = auto()
    LETTER_IN = auto()
    LETTER_OUT = auto()
    SENT = auto()
    ARRIVED = auto()
    CARE = auto()
    LONG_ENTRY = auto()
    LONG_MAIL = auto()
    DRAFT = auto()


class CaseWords(Words):
    """The same, with what statements about cases have in common. `c` is the case."""

    def __init__(self, *, sqlite: bool) -> None:
        super().__init__(sqlite=sqlite)
        digits = "substr(c.number, 5)" if sqlite else "split_part(c.number, '-', 2)"
        self.place = f"CAST({digits} AS INTEGER)"
        """The number of the case, which counts from 0."""
        self.agent = self.key(AGENT, f"{self.place} % {AGENTS}")
        self.mailbox = "(SELECT id FROM mailbox ORDER BY slug LIMIT 1)"
        self.picked = self.later("c.created_on", f"{self.place} % 240")
        self.ended = self.later("c.created_on", f"300 + {self.place} % 4000")

    def own(self, kind: int) -> str:
        """The key of what this case has of a kind."""
        return self.key(kind, self.place)


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


async def lived(database: Database, say: Say) -> None:
    """Give the cases of `benchmarks.filling` all that they would have by now, and have them found by their words. The demo's
    organisation is in force: the promises are those of its SLA `standard`."""
    words = CaseWords(sqlite=database.sqlite)
    kinds = (_work, _flows, _timeline, _mails, _long, _contracts, _own)
    await _made(database, [each for kind in kinds for each in kind(words)], say)
    await _searched(database, words, say)
    async with database.writer.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not database.sqlite:
            await plain.execute(text("VACUUM ANALYZE"))
            say("vacuumed and analysed")


async def worked(database: Database, say: Say) -> None:
    """Of all that, only the stays, the promises and the resolutions."""
    words = CaseWords(sqlite=database.sqlite)
    await _made(database, _work(words), say)


async def _made(database: Database, statements: Iterable[Statement], say: Say) -> None:
    async with database.write() as session, bare(session, *FILLED):
        connection = await session.connection()
        for what, statement in statements:
            made = await connection.exec_driver_sql(statement)
            say(f"{made.rowcount:,} {what}")


# ---- kinds of rows -----------------------------------------------------------------------------------------------------


def _work(words: CaseWords) -> Iterator[Statement]:
    queue = f"(SELECT id FROM queue WHERE slug = coalesce(c.queue, 'queue-' || ({words.place} % 10)))"
    yield (
        "stays in queues",
        f"""INSERT INTO queue_item (id, case_id, queue_id, worked_by, live, entered_on, picked_on, left_on)
        SELECT {words.own(Made.STAY)}, c.id, {queue}, CASE WHEN {OPEN} THEN c.owner_id END, {OPEN}, c.created_on,
        CASE WHEN c.owner_id IS NOT NULL THEN {words.picked} END, CASE WHEN {OPEN} THEN NULL ELSE {words.ended} END
        FROM service_case c WHERE c.status <> 'opening'""",
    )
    responded = f"""CASE WHEN c.first_response_sent OR NOT ({OPEN}) THEN 'succeeded'
        WHEN c.sla_state = 'noncompliant' THEN 'noncompliant' ELSE 'in-progress' END"""
    yield "first responses promised", _promise(words, Made.RESPONSE, "first-response", 0, "240", responded)
    state = f"""CASE WHEN c.sla_state = 'noncompliant' THEN 'noncompliant' WHEN NOT ({OPEN}) THEN 'succeeded'
        WHEN c.sla_state = 'paused' THEN 'paused' WHEN c.sla_state = 'nearing-noncompliance' THEN 'nearing-noncompliance'
        ELSE 'in-progress' END"""
    yield "resolutions promised", _promise(words, Made.RESOLUTION, "resolution", 1, "2880", state)
    yield (
        "resolutions",
        f"""INSERT INTO case_resolution (id, case_id, life, resolution_type, resolution, total_minutes,
        billable_minutes, resolved_on, agent_id)
        SELECT {words.own(Made.END)}, c.id, 0, 'problem-solved', 'Told how to do it.', {words.place} % 60, 0, {words.ended},
        {words.agent}
        FROM service_case c WHERE c.status = 'resolved'""",
    )


def _flows(words: CaseWords) -> Iterator[Statement]:
    entered = words.written("c.created_on")
    flow = f"""'{{"definition":"phone-to-case","version":1,"status":"active","stage":"research","path":["identify","research"],'
        || '"stage_entered_on":' || {entered} || ',"moves":1,"spent":{{"identify":60}}}}'"""
    yield (
        "processes",
        f"""INSERT INTO process_instance (id, case_id, definition, version, current, state, started_on)
        SELECT {words.own(Made.FLOW)}, c.id, 'phone-to-case', 1, true, {words.document(flow)}, c.created_on
        FROM service_case c WHERE c.status <> 'opening' AND ({OPEN} OR {words.place} % 4 = 0)""",
    )


def _promise(words: CaseWords, kind: int, kpi: str, item: int, minutes: str, status: str) -> str:
    """One promise of every case that has got so far. An open case's is due when the case says that it is."""
    own = words.later("c.created_on", minutes)
    due = f"coalesce(c.next_due, {own})"
    warned = words.later(due, "-30")
    paused = f"CASE WHEN {status} = 'paused' THEN {words.picked} END"
    met = f"CASE WHEN {status} = 'succeeded' THEN {words.picked} END"
    failed = f"CASE WHEN {status} = 'noncompliant' THEN {due} END"
    body = f"""'{{"id":' || {words.quoted(words.own(kind))} || ',"ordinal":1,"kpi":"{kpi}","item":{item},"item_name":"{kpi}",'
        || '"sla":{{"slug":"standard","version":1}},"calendar":{{"slug":"business-hours","version":1}},"status":"' || {status}
        || '","began_on":' || {words.written("c.created_on")} || ',"applicable_from":' || {words.written("c.created_on")}
        || ',"warning_at":' || {words.written(warned)} || ',"failure_at":' || {words.written(due)} || ',"paused_on":'
        || {words.written(paused)} || ',"succeeded_on":' || {words.written(met)} || ',"failed_on":' || {words.written(failed)}
        || ',"held_seconds":0}}'"""
    return f"""INSERT INTO kpi_instance (id, case_id, kpi, status, body, warning_at, failure_at, escalating)
        SELECT {words.own(kind)}, c.id, '{kpi}', {status}, {words.document(body)}, {warned}, {due}, false
        FROM service_case c WHERE c.status <> 'opening'"""


def _timeline(words: CaseWords) -> Iterator[Statement]:
    yield "cases opened", _entries(words, Made.OPENED, "opened", "c.created_on", where="true")
    yield (
        "mails in timelines",
        _entries(words, Made.CAME, "mail", "c.created_on", subject=words.own(Made.LETTER_IN), where=_mailed(words)),
    )
    yield (
        "picks",
        _entries(words, Made.PICKED, "picked", words.picked, actor=words.agent, where="c.owner_id IS NOT NULL"),
    )
    yield (
        "replies in timelines",
        _entries(
            words,
            Made.ANSWER,
            "reply",
            words.later("c.created_on", f"10 + {words.place} % 230"),
            actor=words.agent,
            subject=words.own(Made.LETTER_OUT),
            changes="""'{"first_response_sent":[false,true]}'""",
            where=f"{_mailed(words)} AND c.first_response_sent",
        ),
    )
    yield (
        "endings",
        _entries(
            words,
            Made.CLOSED,
            "resolved",
            words.ended,
            actor=words.agent,
            changes="""'{"status":["active","' || c.status || '"]}'""",
            where=f"NOT ({OPEN})",
        ),
    )


def _entries(
    words: CaseWords,
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
        SELECT {words.own(kind)}, c.id, '{told}/1', {at}, '{told}', {actor}, {subject}, {words.document(EMPTY)},
        {words.document(changes)} FROM service_case c WHERE {where}"""


def _mailed(words: CaseWords) -> str:
    return f"{words.place} % {MAILED} = 0 AND c.status <> 'opening'"


def _mails(words: CaseWords) -> Iterator[Statement]:
    sender = "(SELECT email FROM contact WHERE contact.id = c.contact_id)"
    yield "mails", _letters(words, Made.LETTER_IN, "in", sender, "desk@house.example", _mailed(words))
    answered = f"{_mailed(words)} AND c.first_response_sent"
    yield (
        "letters",
        _letters(words, Made.LETTER_OUT, "out", "'desk@house.example'", "customer@customer.example", answered),
    )
    sent = words.later("c.created_on", f"11 + {words.place} % 230")
    yield (
        "letters sent",
        f"""INSERT INTO outbox (id, key, mailbox_id, case_id, message_id, envelope_from, envelope_to, state,
        kind, attempts, epoch, sent_on)
        SELECT {words.own(Made.SENT)}, 'reply/' || c.number, {words.mailbox}, c.id, {words.own(Made.LETTER_OUT)},
        'desk@house.example', {words.document(TO_CUSTOMER)}, CASE {words.place} % 500 WHEN 0 THEN 'failed' WHEN 4 THEN 'bounced'
        ELSE 'sent' END, 'reply', 1, 1, {sent} FROM service_case c WHERE {answered}""",
    )
    verdict = f"CASE WHEN {words.place} % 400 = 0 THEN 'held' ELSE 'opened' END"
    yield (
        "mails in the log",
        f"""INSERT INTO inbound_mail (id, mailbox_id, uidvalidity, uid, raw_sha256, raw_size, received_on, flagged,
        verdict, reason, message_id, case_id)
        SELECT {words.own(Made.ARRIVED)}, {words.mailbox}, 1, {words.place} + 1, 'x', 2000, c.created_on, true, {verdict},
        CASE WHEN {verdict} = 'held' THEN 'unknown-sender' END, {words.own(Made.LETTER_IN)},
        CASE WHEN {verdict} = 'opened' THEN c.id END FROM service_case c WHERE {_mailed(words)}""",
    )


def _letters(words: CaseWords, kind: int, direction: str, sender: str, to: str, where: str) -> str:
    return f"""INSERT INTO email_message (id, direction, case_id, mailbox_id, message_id, message_id_hash, content_hash,
        "references", sender, recipients, subject, text, defects, date, recorded_at)
        SELECT {words.own(kind)}, '{direction}', c.id, {words.mailbox}, c.number || '@{direction}', c.number || '{direction}',
        c.number, {words.document(NONE)}, {sender}, {words.document(TO % to)}, c.title, '{LETTER}',
        {words.document(NONE)}, c.created_on, c.created_on FROM service_case c WHERE {where}"""


def _long(words: CaseWords) -> Iterator[Statement]:
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
        SELECT {words.own(Made.LONG_ENTRY)}, l.id, 'long/' || {n}, {at}, {kinds}, CASE WHEN {n} % 3 > 0 THEN {words.agent} END,
        CASE WHEN {n} % 3 = 0 THEN {words.own(Made.LONG_MAIL)} END, CASE WHEN {n} % 3 = 1 THEN '{LETTER}' END,
        {words.document(changed)} {rows}""",
    )
    yield (
        "mails of one case",
        f"""INSERT INTO email_message (id, direction, case_id, mailbox_id, message_id, message_id_hash, content_hash,
        "references", sender, recipients, subject, text, defects, date, recorded_at)
        SELECT {words.own(Made.LONG_MAIL)}, 'in', l.id, {words.mailbox}, 'long' || {n}, 'long' || {n}, c.number,
        {words.document(NONE)},
        'customer@customer.example', {words.document(TO % "desk@house.example")}, l.title, '{LETTER}',
        {words.document(NONE)}, {at}, {at} {rows} AND {n} % 3 = 0""",
    )


def _contracts(words: CaseWords) -> Iterator[Statement]:
    number = "CAST(substr(a.slug, 9) AS INTEGER)"
    yield (
        "contracts",
        f"""INSERT INTO entitlement (id, slug, name, account_id, start, "end", restricted, allocation, decrease_on, total_terms,
        remaining_terms, sla, is_default, status, products, contacts, warnings, version)
        SELECT {words.key(Made.CARE, number)}, 'care-' || {number}, 'Care of ' || a.name, a.id, '2020-01-01', '2040-01-01', false,
        'cases', 'resolution', 10000000, 8000000, 'standard', true, 'active', {words.document(NONE)}, {words.document(NONE)},
        {words.document(NONE)}, 1 FROM account a WHERE a.slug LIKE 'account-%' AND {number} % 10 = 0""",
    )
    of = "(SELECT e.id FROM entitlement e WHERE e.account_id = c.account_id AND e.slug LIKE 'care-%')"
    yield (
        "cases under contract",
        f"UPDATE service_case AS c SET entitlement_id = {of} WHERE c.status = 'active' AND {words.place} % 5 = 0 AND EXISTS {of}",
    )


def _own(words: CaseWords) -> Iterator[Statement]:
    """Of `agent-0`, who reads the pages: most of their cases read once, some news, some drafts."""
    me = "(SELECT id FROM agent WHERE slug = 'agent-0')"
    mine = f"FROM service_case c WHERE c.owner_id = {me}"
    yield (
        "readings",
        f"""INSERT INTO case_reading (agent_id, case_id, seen_until, seen_entry_id, unread)
        SELECT {me}, c.id, {words.later("c.created_on", "600")}, {words.own(Made.OPENED)}, {words.place} % 97 = 0 {mine}
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
        SELECT {words.own(Made.DRAFT)}, c.id, {me}, 'reply', {words.document(DEAR)}, c.modified_on, 0, 1, true
        {mine} AND c.status = 'active' ORDER BY c.number LIMIT 12""",
    )


# ---- words and indexes -------------------------------------------------------------------------------------------------


async def _searched(database: Database, words: CaseWords, say: Say) -> None:
    """The house's own filling on SQLite. PostgreSQL takes its words apart itself, which is several times
    as fast."""
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
        async with bare(session, "search_entry", names=indexes):
            for kind, (key, case, at, head, body, table) in kinds.items():
                kept = f"array_to_tsvector(ARRAY['§{kind}'])"
                told = f"to_tsvector('simple', {head})"
                found = await session.execute(
                    text(
                        f"""INSERT INTO search_entry (kind, object_id, case_id, at, head, body)
                        SELECT '{kind}', {key}, CAST({case} AS UUID), {at}, {told} || {kept},
                        to_tsvector('simple', {head} || ' ' || {body}) || {kept}
                        FROM {table} ORDER BY {key} ON CONFLICT DO NOTHING"""
                    )
                )
                say(f"{found.rowcount:,} entries of the search: {kind}")  # type: ignore[attr-defined] # a cursor's result
        say("indexes of the search")
