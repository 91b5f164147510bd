"""Applying an organisation file: all or nothing, idempotent, and gentle with what is in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from desk.organisation import ChangedElsewhere, OrganisationErrors, apply, apply_file, load
from desk.queries.article_search import search_articles
from desk.reference import articles, definitions
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.kinds import CONTACTS, MAILBOXES, QUEUES
from desk.reference.ledger import ledger, out_of_balance
from models.records.base import new_id
from models.records.cases import Case
from models.records.promises import LedgerEntry
from models.records.reference import Audit, Contact, DefinitionRecord, Entitlement
from storage.definitions import DefinitionKind
from storage.engines import Database
from storage.secrets import Keyring

DEMO = Path(__file__).parents[3] / "examples" / "demo.yaml"
NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
KEYRING = Keyring("k1", {"k1": b"k" * 32})


def secret(source: str, name: str) -> str:
    return f"{source}-{name}"


async def applied(database: Database, text: str, *, now: datetime = NOW, **how: Any) -> list[str]:
    file = load(text, "f.yaml")
    made = await apply(database, file, "ada", now, keyring=KEYRING, secret=how.pop("secret", secret), **how)
    return [str(change) for change in made]


async def test_the_demo_comes_into_force_and_a_second_time_changes_nothing(database: Database) -> None:
    first = await apply_file(database, DEMO, now=NOW, keyring=KEYRING, secret=secret)
    assert "sla gold: version 1, active" in first.lines
    assert "entitlement gold-care: created, active" in first.lines
    assert "article bluetooth-pairing: KA-01001, version 1.0, published" in first.lines
    async with database.read() as session:
        rows = await session.scalar(select(func.count()).select_from(Audit))
    later = await apply_file(database, DEMO, now=NOW + timedelta(days=40), keyring=KEYRING, secret=secret)
    assert later.lines == ["nothing changed"]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Audit)) == rows
        item = await ENTITLEMENTS.get(session, "gold-care")
        assert (str(item.body.start), str(item.body.end)) == ("2026-10-03", "2027-10-02")
        assert item.shown["remaining_terms"] == 15
        queue = await QUEUES.get(session, "gold")
        assert (queue.body.owner, queue.body.members, queue.body.mailbox) == ("mona", ("grace",), "support")
        found = await search_articles(session, "how do I pair my headphone over bluetooth?")
        assert found[0].root.slug == "bluetooth-pairing"


async def test_a_changed_definition_becomes_a_new_active_version(database: Database) -> None:
    text = DEMO.read_text("utf-8")
    await applied(database, text)
    changed = text.replace("fail_after: 15 minutes", "fail_after: 20 minutes").replace(
        "Hold the power", "Press the power"
    )
    assert await applied(database, changed) == [
        "sla gold: version 2, active",
        "article bluetooth-pairing: KA-01001, version 1.1, published",
    ]
    async with database.read() as session:
        statuses = select(DefinitionRecord.version, DefinitionRecord.status).where(DefinitionRecord.kind == "sla")
        rows = (await session.execute(statuses.where(DefinitionRecord.slug == "gold"))).all()
        assert {(version, status) for version, status in rows} == {(1, "inactive"), (2, "active")}
        assert [shown.content.status for shown in await articles.versions(session, "KA-01001")] == [
            "published",
            "archived",
        ]
    assert await applied(database, text) == [
        "sla gold: version 3, active",
        "article bluetooth-pairing: KA-01001, version 1.2, published",
    ]


async def test_a_wrong_file_changes_nothing(database: Database) -> None:
    text = DEMO.read_text("utf-8")
    wrong = text.replace("kpi: resolution", "kpi: resolutoin")
    with pytest.raises(OrganisationErrors) as raised:
        await applied(database, wrong)
    line = next(n for n, each in enumerate(wrong.splitlines(), 1) if "resolutoin" in each)
    assert raised.value.lines[0] == (
        f"f.yaml:{line}: slas[0].items[1].kpi: there is no kpi 'resolutoin'; did you mean 'resolution'?"
    )
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Audit)) == 0
        assert await session.scalar(select(func.count()).select_from(DefinitionRecord)) == 0


async def test_words_are_those_of_the_organisation_that_the_file_makes(database: Database) -> None:
    rule = "record_creation_rules:\n- {slug: r, name: R, queue: q, items: [\n    {name: All, priority: urgent}]}\n"
    steps = "processes:\n- {slug: p, name: P, stages: [{slug: s, name: S, steps: [\n    {field: bogus, label: B}]}]}\n"
    queue = "agents:\n- {slug: a, name: A, email: a@b.example}\nqueues:\n- {slug: q, name: Q, owner: a}\n"
    known = "title, description, priority, severity, case_type, subject, product, origin, custom.*"
    with pytest.raises(OrganisationErrors) as raised:
        await applied(database, queue + rule + steps)
    assert raised.value.lines == [
        "f.yaml:7: record_creation_rules[0].items[0].priority: unknown 'urgent'; one of: high, normal, low",
        f"f.yaml:10: processes[0].stages[0].steps[0].field: stage 's': no stage can fill this field; one of: {known}",
    ]
    settings = "organisation: {priorities: [urgent, normal]}\n"
    assert "record-creation-rule r: version 1, active" in await applied(database, settings + queue + rule)


async def test_a_refusal_of_the_database_has_its_line_too(database: Database) -> None:
    await applied(database, "accounts:\n- {slug: a, name: A}\ncontacts:\n- {slug: x, name: X, email: x@c.example}\n")
    two = "contacts:\n- {slug: y, name: Y, email: y@c.example}\n- {slug: z, name: Z, email: x@c.example}\n"
    with pytest.raises(OrganisationErrors) as raised:
        await applied(database, two)
    assert raised.value.lines == ["f.yaml:3: contacts[1]: email: another contact has 'x@c.example' already"]
    template = (
        "templates:\n- slug: t\n  name: T\n  texts:\n    en:\n      subject: hello\n      body: '{{ case.number'\n"
    )
    with pytest.raises(OrganisationErrors) as raised:
        await applied(database, template)
    assert raised.value.lines[0].startswith("f.yaml:7: templates[0].texts.en.body: line 1:")


async def test_terms_that_were_taken_stay_taken(database: Database) -> None:
    text = DEMO.read_text("utf-8")
    await applied(database, text)
    async with database.write() as session:
        row = await session.scalar(select(Entitlement))
        assert row is not None
        case = Case(
            id=new_id(),
            number="CAS-1",
            title="t",
            origin="email",
            status="resolved",
            status_reason="problem-solved",
            created_on=NOW,
            modified_on=NOW,
            custom={},
        )
        session.add(case)
        await session.flush()
        session.add(
            LedgerEntry(
                id=new_id(),
                entitlement_id=row.id,
                case_id=case.id,
                event="resolved",
                ordinal=0,
                terms=Decimal(-1),
                at=NOW,
            )
        )
        row.remaining_terms -= 1
    assert await applied(database, text) == []
    async with database.read() as session:
        assert (await ENTITLEMENTS.get(session, "gold-care")).shown["remaining_terms"] == 14
    changed = text.replace("total_terms: 15", "total_terms: 20.0")
    assert await applied(database, changed) == ["entitlement gold-care: changed total_terms, active"]
    assert await applied(database, changed) == []
    async with database.read() as session:
        assert (await ENTITLEMENTS.get(session, "gold-care")).shown["remaining_terms"] == 19
        assert await out_of_balance(session) == []
        entries, following = await ledger(session, (await ENTITLEMENTS.row(session, "gold-care")).id)
        assert [(entry["case"], entry["event"], entry["terms"]) for entry in entries] == [("CAS-1", "resolved", -1)]
        assert following is None


async def test_a_deactivated_thing_that_the_file_names_is_activated(database: Database) -> None:
    text = DEMO.read_text("utf-8")
    await applied(database, text)
    async with database.write() as session:
        row = await session.scalar(select(Contact).where(Contact.slug == "blake"))
        assert row is not None
        row.active = False
        rule = select(DefinitionRecord).where(DefinitionRecord.kind == DefinitionKind.ROUTING_RULE_SET)
        (found,) = await session.scalars(rule)
        found.status = "inactive"
    with pytest.raises(ChangedElsewhere, match=r"contact blake: active changed elsewhere"):
        await applied(database, text)
    assert await applied(database, text, overwrite=True) == [
        "contact blake: activated",
        "routing-rule-set by-tier: version 1, active",
    ]


async def test_a_contact_whom_a_mail_made_known_gets_their_slug(database: Database) -> None:
    async with database.write() as session:
        session.add(Contact(id=new_id(), slug=None, name="casey@customer.example", email="casey@customer.example"))
    await applied(database, DEMO.read_text("utf-8"))
    async with database.read() as session:
        item = await CONTACTS.get(session, "casey")
        assert (item.body.name, item.body.account) == ("Casey Rivera", "aurora")
        hers = select(func.count()).select_from(Contact).where(Contact.email == "casey@customer.example")
        assert await session.scalar(hers) == 1


async def test_mailbox_passwords_and_overrides(database: Database) -> None:
    text = DEMO.read_text("utf-8")
    overrides = {"support": {"imap": {"port": 31420}, "smtp": {"port": 31425}}}
    await applied(database, text, overrides=overrides)
    async with database.read() as session:
        row = await MAILBOXES.row(session, "support")
        assert (row.settings["imap"]["port"], row.settings["smtp"]["port"]) == (31420, 31425)
        assert KEYRING.decrypt(row.secret) == "env-CASELOOM_DEMO_SUPPORT_PASSWORD"
        assert "env-CASELOOM" not in str((await session.scalars(select(Audit.changes))).all())
    other = await applied(database, text, overrides=overrides, secret=lambda _source, _name: "other")
    assert other == ["mailbox support: changed password"]

    def none(_source: str, name: str) -> str:
        raise KeyError(name)

    with pytest.raises(OrganisationErrors, match="the environment has no CASELOOM_DEMO_SUPPORT_PASSWORD"):
        await applied(database, text, secret=none)


async def test_a_mailbox_takes_further_addresses(database: Database) -> None:
    text = DEMO.read_text("utf-8")
    await applied(database, text)
    text = text.replace("\n  - slug: support\n", "\n  - slug: support\n    addresses: [{address: old@x.example}]\n", 1)
    assert await applied(database, text) == ["mailbox support: changed addresses"]
    assert await applied(database, text) == []
    other = "mailboxes:\n- slug: other\n  display_name: O\n  address: old@x.example\n"
    other += "  imap: {host: h, port: 1, user: u}\n  smtp: {host: h, port: 1}\n"
    with pytest.raises(OrganisationErrors, match="is an address of the mailbox 'support'"):
        await applied(database, other)


async def test_subjects_may_stand_in_any_order_but_not_in_a_circle(database: Database) -> None:
    assert await applied(database, "subjects:\n- {slug: b, name: B, parent: a}\n- {slug: a, name: A}\n") == [
        "subject a: created",
        "subject b: created",
    ]
    with pytest.raises(OrganisationErrors, match="circle"):
        await applied(database, "subjects:\n- {slug: a, name: A, parent: b}\n- {slug: b, name: B, parent: a}\n")
    with pytest.raises(OrganisationErrors, match=r"subjects\[0\].parent: 'b' lies below 'a' itself"):
        await applied(database, "subjects:\n- {slug: a, name: A, parent: b}\n")


async def test_a_file_may_name_what_is_in_force_already(database: Database) -> None:
    await applied(database, DEMO.read_text("utf-8"))
    more = "queues:\n- {slug: night, name: Night, owner: mona, mailbox: support}\n"
    assert await applied(database, more) == ["queue night: created"]
    async with database.read() as session:
        assert (await definitions.get(session, DefinitionKind.SLA, "gold")).status == "active"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
async def test_a_file_that_cannot_be_read_says_so(database: Database, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "o.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OrganisationErrors, match=r"o\.yaml:1: cannot be read"):
        await apply_file(database, path, now=NOW)
