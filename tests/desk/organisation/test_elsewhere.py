"""A file and what is changed by other means: shown before it is done, never undone in silence, and written back as a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from desk.errors import Conflict, Invalid
from desk.organisation import ApplyReport, ChangedElsewhere, load, put_in_force
from desk.organisation.exporting import Exported, export
from desk.organisation.retiring import RETIRABLE, retire
from desk.organisation.writing import written
from desk.organisation.yaml import parse
from desk.reference import article_life, article_writing, articles, definitions
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.kinds import ACCOUNTS, AGENTS, CONTACTS, MAILBOXES, QUEUES
from desk.reference.records import Edit
from models.messages.articles import PublishBody
from models.messages.storable import text_fault
from models.records.applied import AppliedRecord
from models.records.base import new_id
from models.records.reference import Account, Audit, Contact, DefinitionRecord, Product, Subject, Team
from storage.definitions import DefinitionKind
from storage.engines import Database
from storage.secrets import Keyring
from storage.throwaway import throwaway_database

EXAMPLES = Path(__file__).parents[3] / "examples"
DEMO = (EXAMPLES / "demo.yaml").read_text("utf-8")
NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
KEYRING = Keyring("k1", {"k1": b"k" * 32})
SECRET = "kept-to-itself-4711"


async def applied(database: Database, text: str, name: str = "mine.yaml", **how: Any) -> ApplyReport:
    given = {"keyring": KEYRING, "secret": lambda _source, _name: SECRET, **how}
    return await put_in_force(database, load(text, name), "organisation file", NOW, **given)


async def exported(database: Database) -> Exported:
    async with database.read() as session:
        return await export(session)


# ---- changes made elsewhere ------------------------------------------------------------------------------------------


async def definition(edit: Edit, kind: DefinitionKind, slug: str, **patch: Any) -> None:
    await definitions.change(edit, kind, slug, patch, "*")
    await definitions.activate(edit, kind, slug)


async def contract(edit: Edit, **patch: Any) -> None:
    await ENTITLEMENTS.deactivate(edit, "gold-care")
    await ENTITLEMENTS.change(edit, "gold-care", patch, "*")
    await ENTITLEMENTS.activate(edit, "gold-care")


async def article(edit: Edit, *, publish: bool) -> None:
    await article_writing.change(edit, "firmware-update", {"title": "Another title"}, "*", None)
    if publish:
        await article_life.approve(edit, "firmware-update")
        await article_life.publish(edit, "firmware-update", PublishBody())


ELSEWHERE: dict[str, tuple[Callable[[Edit], Awaitable[Any]], str]] = {
    "agent sam: capacity": (lambda e: AGENTS.change(e, "sam", {"capacity": 5}, "*"), "capacity: 5 -> 20"),
    "agent kai: active": (lambda e: AGENTS.deactivate(e, "kai"), "active: false -> true"),
    "queue gold: members": (lambda e: QUEUES.change(e, "gold", {"members": ["grace", "sam"]}, "*"), "members: "),
    "contact blake: email": (lambda e: CONTACTS.change(e, "blake", {"email": "b@new.example"}, "*"), "email: b@new"),
    "account birch: tier": (lambda e: ACCOUNTS.change(e, "birch", {"tier": "gold"}, "*"), "tier: gold -> nothing"),
    "mailbox support: password": (
        lambda e: MAILBOXES.change(e, "support", {"password": "another one"}, "*"),
        "password: changed",
    ),
    "sla gold: name": (lambda e: definition(e, DefinitionKind.SLA, "gold", name="Golden"), "name: Golden -> Gold"),
    "routing-rule-set by-tier: rules": (
        lambda e: definition(e, DefinitionKind.ROUTING_RULE_SET, "by-tier", rules=[{"name": "All", "queue": "gold"}]),
        "rules[Gold customers]: nothing -> ",
    ),
    "organisation organisation: currency": (
        lambda e: definition(e, DefinitionKind.ORGANISATION, "organisation", currency="CHF"),
        "currency: CHF -> EUR",
    ),
    "entitlement gold-care: total_terms": (lambda e: contract(e, total_terms=20), "total_terms: 20 -> 15"),
    "article firmware-update: title": (lambda e: article(e, publish=True), "title: Another title -> "),
}


@pytest.mark.parametrize("told", ELSEWHERE)
async def test_a_change_made_elsewhere_is_never_undone_in_silence(database: Database, told: str) -> None:
    change, difference = ELSEWHERE[told]
    await applied(database, DEMO)
    async with database.write() as session:
        await change(Edit(session, "mona", LATER, KEYRING))
        changes = await session.scalar(select(func.count()).select_from(Audit))
    with pytest.raises(ChangedElsewhere) as stopped:
        await applied(database, DEMO)
    first, *differences = stopped.value.lines
    assert first.endswith(f"{told} changed elsewhere by mona on 2026-10-03 at 12:00 UTC")
    assert first.startswith("mine.yaml:")
    assert any(difference in line for line in differences), differences

    dry = await applied(database, DEMO, dry=True)
    assert [each.said for each in dry.elsewhere] == [f"{told} changed elsewhere by mona on 2026-10-03 at 12:00 UTC"]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Audit)) == changes, "something was written"

    overwritten = await applied(database, DEMO, overwrite=True)
    assert len(overwritten.changes) >= 1
    assert (await applied(database, DEMO)).changes == ()


async def test_what_the_file_takes_over_is_no_conflict(database: Database) -> None:
    await applied(database, DEMO)
    async with database.write() as session:
        await definition(Edit(session, "mona", LATER), DefinitionKind.SLA, "gold", name="Golden")
    taken_over = DEMO.replace("    name: Gold\n    items:", "    name: Golden\n    items:")
    assert (await applied(database, taken_over)).changes == ()
    assert len((await applied(database, DEMO)).changes) == 1, "a change of the file itself"


async def test_a_draft_of_somebody_is_not_published_by_a_file(database: Database) -> None:
    await applied(database, DEMO)
    async with database.write() as session:
        await article(Edit(session, "kai", LATER), publish=False)
    assert (await applied(database, DEMO)).changes == (), "the draft hinders nothing"
    with pytest.raises(ChangedElsewhere, match="article firmware-update: draft changed elsewhere by kai"):
        await applied(database, DEMO.replace("Updating the firmware of a speaker", "New firmware"))


async def test_a_house_of_an_earlier_version_knows_only_the_audit(database: Database) -> None:
    await applied(database, DEMO)
    async with database.write() as session:
        await AGENTS.change(Edit(session, "mona", LATER), "sam", {"capacity": 5}, "*")
        for row in await session.scalars(select(AppliedRecord)):
            await session.delete(row)
    changed = DEMO.replace("capacity: 20}", "capacity: 7}")
    with pytest.raises(ChangedElsewhere) as stopped:
        await applied(database, changed)
    assert [each.slug for each in stopped.value.changes] == ["sam"], "grace was the file's alone"


async def test_a_dry_run_says_what_would_change_and_keeps_nothing(database: Database) -> None:
    before = await applied(database, DEMO, dry=True)
    assert len(before.changes) > 30
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Audit)) == 0
    await applied(database, DEMO)
    changed = DEMO.replace("fail_after: 15 minutes", "fail_after: 20 minutes").replace(
        "{slug: speakers, name: Speakers,", "{slug: speakers, name: Loudspeakers,"
    )
    report = await applied(database, changed, dry=True)
    assert {str(change): list(change.differences) for change in report.changes} == {
        "sla gold: version 2, active": ["items[First response in 15 minutes].fail_after: 15 minutes -> 20 minutes"],
        "subject speakers: changed name": ["name: Speakers -> Loudspeakers"],
    }
    assert (await applied(database, DEMO, dry=True)).changes == ()


# ---- what a file lists no more ---------------------------------------------------------------------------------------

WITHOUT_KAI = DEMO.replace(
    "  - {slug: kai, name: Kai Tanaka, email: kai@northwind.example, roles: [knowledge-manager]}\n", ""
)
MORE = "queues:\n- {slug: night, name: Night, owner: mona, mailbox: support}\n"


async def test_what_is_dropped_is_said_with_the_command_that_retires_it(database: Database) -> None:
    await applied(database, DEMO)
    line = "agent kai: no longer in the file, and still in use; to retire it: starter.py retire agent kai"
    assert line in (await applied(database, WITHOUT_KAI, dry=True)).lines
    assert line in (await applied(database, WITHOUT_KAI)).lines
    assert line in (await applied(database, WITHOUT_KAI, "renamed.yaml")).lines, "a file that takes its place"
    assert (await applied(database, MORE, "more.yaml")).dropped == (), "a file beside it drops nothing"
    assert [each.slug for each in (await applied(database, WITHOUT_KAI)).dropped] == ["kai"]
    async with database.write() as session:
        assert await retire(Edit(session, "command line", LATER), "agent", "kai")
        assert not await retire(Edit(session, "command line", LATER), "agent", "kai")
    assert (await applied(database, WITHOUT_KAI)).dropped == ()


async def test_a_contract_that_is_over_is_not_said_to_be_in_use(database: Database) -> None:
    start = DEMO.index("entitlements:\n")
    without = DEMO[:start] + DEMO[start:].partition("\n\n")[2]
    await applied(database, DEMO)
    (contract,) = (await applied(database, without, dry=True)).dropped
    assert (contract.kind, contract.slug) == ("entitlement", "gold-care")
    async with database.write() as session:
        assert await retire(Edit(session, "command line", LATER), "entitlement", "gold-care")
    async with database.write() as session:
        assert not await retire(Edit(session, "command line", LATER), "entitlement", "gold-care")
    assert (await applied(database, without)).dropped == ()


async def test_each_kind_is_retired_or_says_what_needs_it(database: Database) -> None:
    turns = "assignment_rules:\n  - {slug: turns, name: Turns, queue: gold, method: round-robin}\n"
    further = (
        "entitlement_templates:\n  - {slug: care, name: Care, total_terms: 5}\n"
        "surveys:\n  - {slug: asked, name: Asked}\n"
        "figure_reports:\n  - {slug: weekly, name: Weekly, figures: [incoming], recipients: [mona@northwind.example]}\n"
    )
    await applied(database, f"{DEMO}\n{turns}{further}")
    named = {"agent": "kai", "team": "gold-team", "mailbox": "support", "queue": "gold", "account": "birch",
             "contact": "blake", "subject": "speakers", "product": "northwind-one", "entitlement": "gold-care",
             "calendar": "business-hours", "kpi": "resolution", "template": "acknowledgement", "sla": "standard",
             "process": "phone-to-case", "routing-rule-set": "by-tier", "record-creation-rule": "mail-to-support",
             "assignment-rule": "turns", "entitlement-template": "care", "survey": "asked",
             "figure-report": "weekly"}  # fmt: skip
    assert set(named) == set(RETIRABLE)
    refused = set()
    for kind, slug in named.items():
        try:
            async with database.write() as session:
                assert await retire(Edit(session, "command line", LATER), kind, slug)
        except Conflict:
            refused.add(kind)
    assert refused == {"mailbox", "queue", "calendar", "kpi", "template", "sla", "process"}
    with pytest.raises(Invalid, match="cannot be retired"):
        async with database.write() as session:
            await retire(Edit(session, "command line", LATER), "article", "firmware-update")


async def test_a_file_itself_takes_out_of_use(database: Database) -> None:
    await applied(database, DEMO)
    left = DEMO.replace("roles: [knowledge-manager]}", "roles: [knowledge-manager], active: false}")
    assert [str(change) for change in (await applied(database, left)).changes] == ["agent kai: deactivated"]
    assert (await applied(database, left)).changes == ()
    assert [str(change) for change in (await applied(database, DEMO)).changes] == ["agent kai: activated"]


# ---- export ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.yaml")))
async def test_an_export_makes_the_same_house_and_changes_nothing_in_its_own(database: Database, name: str) -> None:
    await applied(database, (EXAMPLES / name).read_text("utf-8"), name)
    first = await exported(database)
    assert (await applied(database, first.text, "now.yaml")).changes == ()
    async with throwaway_database() as empty:
        await applied(empty, first.text, "now.yaml")
        assert await exported(empty) == first
    assert SECRET not in first.text
    assert first.notes == ()


async def test_an_export_has_what_was_changed_elsewhere(database: Database) -> None:
    await applied(database, DEMO)
    for change, _ in ELSEWHERE.values():
        async with database.write() as session:
            await change(Edit(session, "mona", LATER, KEYRING))
    async with database.write() as session:
        edit = Edit(session, "mona", LATER, KEYRING)
        session.add(Contact(id=new_id(), slug=None, name="A stranger", email="kim@home.example"))
        await article_writing.create(
            edit, (await articles.get(session, "firmware-update")).body.model_copy(update={"slug": "d"}), None
        )
        await ACCOUNTS.deactivate(edit, "kranich")
    now = await exported(database)
    for words in ("capacity: 5", "name: Golden", "currency: CHF", "total_terms: 20", "Another title", "active: false"):
        assert words in now.text
    assert "kim@home.example" not in now.text
    assert "password_env" not in now.text.partition("organisation:")[2], "that is not where this password is from"
    assert now.notes == ("article d is left out: no version of it is published.",)
    assert (await applied(database, now.text, "now.yaml")).changes == ()
    async with throwaway_database() as empty:
        await applied(empty, now.text, "now.yaml")
        assert (await exported(empty)).text == now.text


async def test_what_the_house_exports_can_be_applied_whatever_older_versions_took() -> None:
    """Rows that today's rules refuse, and definitions that name what is not in force."""
    always, success = (
        {"field": "case.title", "op": "not-empty"},
        {"all": [{"field": "case.status", "value": "resolved"}]},
    )
    promise = {"name": "A", "kpi": "first-response", "success": success, "fail_after": "1 hour"}
    gone = {"all": [{"field": "queue.slug", "value": "gone"}]}
    definitions_of_old: dict[str, dict[str, Any]] = {
        "sla": {"slug": "old", "name": "Old", "items": [promise | {"name": "B", "applicable_when": gone}, promise]},
        "kpi": {"slug": "old", "name": "\u200b"},
        "template": {"slug": "old", "name": "Old", "texts": {
            "xx": {"subject": "S", "body": "B"}, "en": {"subject": "{{ nothing.here }}", "body": "B"},
            "de": {"subject": "S", "body": "B"}}},
        "process": {"slug": "old", "name": "Old", "stages": [
            {"slug": "a", "name": "A", "steps": [{"field": "bogus", "label": "L"}]}]},
        "calendar": {"slug": "old", "name": "\u2060", "time_zone": "UTC", "hours": "24x7"},
    }  # fmt: skip
    async with throwaway_database() as house:
        await applied(house, DEMO)
        async with house.write() as session:
            for row in (
                Account(id=new_id(), slug="blank", name="\u200b", tier="Gold Tier!", language="xx"),
                Account(id=new_id(), slug="long", name="x" * 199 + "\n", language="english"),
                Contact(id=new_id(), slug="odd", name="", email="a b@odd..example"),
                Contact(id=new_id(), slug="fine", name="Fine", email="fine@odd.example", language="zz"),
                Product(id=new_id(), slug="nameless", name=" "),
                Subject(id=new_id(), slug="nameless", name="\u2060"),
                Team(id=new_id(), slug="nameless", name="\u00ad"),
                *(
                    DefinitionRecord(id=new_id(), kind=kind, slug="old", version=1, status="active", body=body)
                    for kind, body in definitions_of_old.items()
                ),
            ):
                session.add(row)
            rules = select(DefinitionRecord).where(DefinitionRecord.kind == "routing-rule-set")
            for rule_set in await session.scalars(rules):
                lost = {"name": "Lost", "when": {"all": [always, *gone["all"]]}, "queue": "night"}
                rule_set.body = rule_set.body | {"rules": [lost, *rule_set.body["rules"]]}
        now = await exported(house)
    async with throwaway_database() as empty:
        made = await applied(empty, now.text, "now.yaml")
        assert made.changes
        assert (await applied(empty, now.text, "now.yaml")).changes == ()
        assert (await exported(empty)).notes == ()
    for told in (
        "account blank is written with its slug as its name",
        "account blank is written without its language: unknown language 'xx'",
        "account blank is written without its tier",
        "contact odd is left out",
        "contact fine is written without its language",
        "sla old is written without its items[0]: there is no queue 'gone'",
        "template old is written without its texts.xx",
        "process old is left out",
        "written without its rules[0]: there is no queue 'gone'",
    ):
        assert any(told in note for note in now.notes), (told, now.notes)
    # Nothing else is missing: what is in order stays as it is.
    assert "slug: nameless" in now.text
    assert len(now.notes) < 25


async def test_an_empty_house_is_exported_too(database: Database) -> None:
    text = (await exported(database)).text
    assert all(line.startswith("#") or not line for line in text.splitlines())


texts = st.text(max_size=60).filter(lambda text: text_fault(text) is None)
scalars = texts | st.sampled_from(
    ["yes", "no", "on", "17:00", "0x1F", "1e5", "~", "null", "2026-01-01", "- a", "a: b", "#"]
)
documents = st.recursive(
    scalars | st.booleans() | st.integers(-(10**9), 10**9) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz_", min_size=1), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["a", "on", "b"]), documents, min_size=1))
def test_whatever_is_written_is_read_back(document: dict[str, Any]) -> None:
    assert parse(written(document), "f.yaml").value == document
