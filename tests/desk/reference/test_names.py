"""Names that would make a page or a log say something else are refused; names that are written from right to left are not."""

from __future__ import annotations

import pytest

from desk.errors import Invalid
from desk.organisation import OrganisationErrors
from desk.organisation.checking import check
from desk.organisation.file import read
from desk.reference import definitions
from desk.reference.kinds import CONTACTS, SUBJECTS
from desk.reference.records import Edit
from models.messages.reference import SubjectBody
from models.messages.slas import KpiDefinition, KpiRole
from models.records.base import new_id
from models.records.reference import Contact
from storage.definitions import DefinitionKind
from storage.engines import Database
from storage.throwaway import throwaway_database
from tests.desk.organisation.test_elsewhere import LATER

BREAKING = ["\u0085", "\u2028", "\u2029"]
TURNING = ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"]
RIGHT_TO_LEFT = ["שלום", "مرحبا 12", "\u200fשלום\u200f (A)", "\u200eA\u200e", "مرحبا\u200cبك"]


async def test_a_sign_that_changes_the_line_is_refused(database: Database) -> None:
    async with database.write() as session:
        edit = Edit(session, "ada", LATER)
        for sign in (*BREAKING, *TURNING):
            rule = "must be one line" if sign in BREAKING else "turns the direction"
            with pytest.raises(Invalid, match=f"name: .*{rule}"):
                await SUBJECTS.create(edit, SubjectBody(slug="a", name=f"Invoices{sign}fdp.exe"))
            with pytest.raises(Invalid, match=f"name: .*{rule}"):
                await definitions.put(
                    edit, DefinitionKind.KPI, KpiDefinition(slug="k", name=f"Wait{sign}x", role=KpiRole.NONE)
                )


async def test_names_from_right_to_left_are_kept_as_they_are(database: Database) -> None:
    async with database.write() as session:
        for place, name in enumerate(RIGHT_TO_LEFT):
            item = await SUBJECTS.create(Edit(session, "ada", LATER), SubjectBody(slug=f"a{place}", name=name))
            assert item.body.name == name


async def test_what_stood_there_before_keeps_nobody_from_changing_the_rest(database: Database) -> None:
    async with database.write() as session:
        contact = Contact(id=new_id(), slug=None, name="gnp\u202eexe", email="kim@home.example")
        session.add(contact)
        await session.flush()
        edit = Edit(session, "ada", LATER)
        item = await CONTACTS.change(edit, str(contact.id), {"language": "de"}, "*")
        assert (item.body.name, item.body.language) == ("gnp\u202eexe", "de")
        with pytest.raises(Invalid, match="turns the direction"):
            await CONTACTS.change(edit, str(contact.id), {"name": "a\u202eb"}, "*")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('organisation: {name: "A\\u2066B"}', "organisation.name"),
        ('organisation: {status_reasons: [{slug: x, name: "A\\u202eB", status: active}]}', "status_reasons[0].name"),
        ('kpis: [{slug: k, name: "A\\u2028B", role: none}]', "kpis[0].name"),
        (
            'templates: [{slug: t, name: T, texts: {en: {subject: "A\\u202eB", body: x}}}]',
            "templates[0].texts.en.subject",
        ),
        ('surveys: [{slug: s, name: S, question: {en: "A\\u202eB?"}}]', "surveys[0].question.en"),
        ('processes: [{slug: p, name: P, stages: [{slug: a, name: "A\\u202eB"}]}]', "processes[0].stages[0].name"),
    ],
)
async def test_a_file_is_told_where(text: str, path: str) -> None:
    async with throwaway_database() as database:
        with pytest.raises(OrganisationErrors) as raised:
            await check(database, read(text, "f.yaml"), LATER)
    assert f"{path}: " in str(raised.value)
    assert any(words in str(raised.value) for words in ("turns the direction", "must be one line"))
