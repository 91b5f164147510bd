"""Articles of an organisation file: in several languages, planned to be published, and until an instant; each applied twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.organisation.applied import ChangedElsewhere
from desk.organisation.exporting import export
from desk.organisation.faults import OrganisationErrors
from desk.organisation.file import load
from desk.reference import article_life, articles
from desk.reference.records import Edit
from models.messages.articles import ExpireBody
from storage.engines import Database
from tests.desk.organisation.test_applying import NOW, applied

PLANNED = """
articles:
  - slug: hum
    title: A humming speaker
    content: Move the cable.
    expires_on: "{expires}"
    after_expiry: archived
    publish_on: "{publish}"
    translations:
      - {{language: de, title: Ein brummender Lautsprecher, content: "{german}"}}
      - {{language: fr, title: Un bourdonnement, content: Deplacez le cable.}}
"""
PUBLISH, EXPIRES = NOW + timedelta(days=10), NOW + timedelta(days=100)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def planned(german: str = "Legen Sie das Kabel um.", publish: str = "", expires: str = "") -> str:
    return PLANNED.format(german=german, publish=publish or PUBLISH.isoformat(), expires=expires or EXPIRES.isoformat())


async def standing(database: Database) -> list[tuple[str, str, str]]:
    async with database.read() as session:
        found = await articles.versions(session, "hum")
    return [(each.body.language, f"{each.content.major}.{each.content.minor}", each.content.status) for each in found]


async def test_translations_and_planned_instants_of_a_file_are_applied_once(database: Database) -> None:
    # Planned: in all languages, and a second time nothing changes.
    assert await applied(database, planned()) == [
        "article hum: KA-01001, version 1.0, scheduled",
        "article hum: KA-01001, version 1.0 in de, scheduled",
        "article hum: KA-01001, version 1.0 in fr, scheduled",
    ]
    assert await applied(database, planned()) == []
    async with database.read() as session:
        german = (await articles.get(session, "hum", "de")).content
        assert (german.publish_on, german.expires_on, german.after_expiry) == (PUBLISH, EXPIRES, "archived")

    # Planned anew, and one text mended: only what differs.
    later = PUBLISH + timedelta(days=1)
    assert len(await applied(database, planned(publish=later.isoformat()))) == 3
    mended = planned("Verlegen Sie das Kabel.", publish=later.isoformat())
    assert await applied(database, mended) == ["article hum: KA-01001, version 1.0 in de, scheduled"]

    # Once the instant has come it is published, whoever does it; then nothing is left to do.
    come = later + timedelta(hours=1)
    assert len(await applied(database, mended, now=come)) == 3
    assert {status for _, _, status in await standing(database)} == {"published"}
    assert await applied(database, mended, now=come) == []

    # What it says comes out as it went in, but for the instant that has come.
    async with database.read() as session:
        (shown,) = load((await export(session)).text, "f").of("article")
    (said,) = load(mended, "f").of("article")
    assert shown.body == said.body.model_copy(update={"publish_on": None})

    # A new text is a new version in that language alone; a later end is planned for what is published.
    again = planned("Drehen Sie das Kabel.", publish=later.isoformat())
    assert await applied(database, again, now=come) == ["article hum: KA-01001, version 1.1 in de, published"]
    longer = planned("Drehen Sie das Kabel.", later.isoformat(), (EXPIRES + timedelta(days=9)).isoformat())
    assert len(await applied(database, longer, now=come)) == 3
    assert await applied(database, longer, now=come) == []

    # A file says that it would undo what somebody else has planned meanwhile; what it does not say of the end stays.
    async with database.write() as session:
        edit = Edit(session, "kai", come)
        await article_life.expire(edit, "hum", ExpireBody(at=EXPIRES + timedelta(days=50)))
    with pytest.raises(ChangedElsewhere, match="article hum: expires_on changed elsewhere by kai"):
        await applied(database, longer, now=come)
    silent = "\n".join(line for line in longer.splitlines() if "expir" not in line)
    assert await applied(database, silent, now=come) == []

    # After its time nothing brings it back, and a text that was never published cannot have expired.
    over = EXPIRES + timedelta(days=60)
    assert len(await applied(database, longer, now=over, overwrite=True)) == 3
    assert {status for _, _, status in await standing(database)} == {"archived"}
    assert await applied(database, longer, now=over) == []
    with pytest.raises(OrganisationErrors, match="expires_on: has passed already"):
        await applied(database, longer.replace("Move the cable.", "Move it."), now=over, overwrite=True)


def test_what_an_article_of_a_file_cannot_say_is_told_with_its_line() -> None:
    for wrong, said in (
        (planned().replace("language: fr", "language: de"), "it is written in 'de' already"),
        (planned(expires=PUBLISH.isoformat()), "'expires_on' is not after 'publish_on'"),
        (planned(publish="tomorrow"), "publish_on"),
        (planned().replace("title: Un b", "titel: Un b"), "title"),
    ):
        with pytest.raises(OrganisationErrors) as raised:
            load(wrong, "f.yaml")
        assert any(said in line and line.startswith("f.yaml:") for line in raised.value.lines), raised.value.lines
