"""What is laid down is read by the names that people know, and faults by the way to their fields; slugs are for programs."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest

from desk import audit
from desk.reference.settings import in_force
from models.records.base import new_id
from models.records.reference import Contact
from tests.support.desks import Desk, DeskFactory
from tests.support.filled import fill, given, sent_of
from tests.support.organisations import add, settings
from tests.support.signed import signed_in

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made


def words(html: str) -> str:
    """What of a page is read, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def test_what_is_laid_down_names_people_and_things_as_people_do(desk: Desk) -> None:
    async with signed_in(desk, "mona") as mona:
        said = words(await mona.page("/admin/routing-rule-sets/by-tier"))
        assert "Queue Gold" in said
        assert "Queue Standard" in said
        said = words(await mona.page("/admin/slas/gold"))
        assert "Business hours Monday to Friday, 9 to 11 and 13 to 17" in said
        assert "KPI First response" in said
        said = words(await mona.page("/admin/entitlements/care"))
        assert "Account Aurora" in said
        assert "SLA Gold" in said
        lines = words(await mona.page("/admin/queues"))
        assert "Grace, Sam" in lines

        # A draft that sends cases elsewhere, and asks for a subject: in the difference and in the audit by their names too.
        draft = "/admin/routing-rule-sets/by-tier"
        made = await fill(
            mona,
            f"{draft}/edit",
            f"{draft}/change",
            {
                "rules.1.queue": "inbox",
                "rules.1.when.is": "all",
                "rules.1.when.0.field": "case.subject",
                "rules.1.when.0.value": "audio",
            },
        )
        assert made.status_code == 303, made.text
        said = words(await mona.page(f"{draft}?version=2"))
        assert "Rules Everybody else, Queue: Standard → Inbox" in said
        assert "Subject of the case is Audio" in said
        said = words(await mona.page("/admin/audit"))
        assert "Mona mona" in said
        assert "Routing rule set By tier by-tier created, version 2" in said
        assert "Queue: Standard → Inbox" in said
        said = words(await mona.page("/admin"))
        assert "Mona Routing rule set By tier : created, version 2" in said


async def test_whom_a_mail_made_known_has_no_slug_and_is_named_all_the_same(desk: Desk) -> None:
    kim = Contact(id=new_id(), slug=None, name="Kim of the new shop", email="kim@shop.example")
    async with desk.house.database.write() as session:
        session.add(kim)
        audit.record(session, datetime.now(UTC), "mona", "contact", str(kim.id), "update", {"language": [None, "de"]})
    async with signed_in(desk, "mona") as mona:
        assert f"Contact Kim of the new shop {kim.id}" in words(await mona.page("/admin/audit?kind=contact"))


async def test_a_fault_says_in_which_element_its_field_is(desk: Desk) -> None:
    rules = "/admin/routing-rule-sets/by-tier"
    async with signed_in(desk, "ada") as ada:
        wrong = await fill(
            ada, f"{rules}/edit", f"{rules}/change", {"rules.1.name": "", "rules.0.when.0.field": "case.x"}
        )
        assert wrong.status_code == 422
        told = words(wrong.text)
        assert "Rules Gold customers , When : There is no field 'case.x'. Choose one of those that are offered." in told
        assert "Rules standard , Name : Please fill this in." in told

        # What only a check finds says its place in the same words, and leads to the field.
        await fill(ada, f"{rules}/edit", f"{rules}/change", {"rules.0.when.0.field": "case.subject"})
        checked = await fill(ada, f"{rules}?version=2", f"{rules}/check")
        assert "Rules Gold customers , When : Value: there is no subject 'gold'" in words(checked.text)
        assert '#f-rules.0.when.0.field"' in checked.text
        assert 'id="f-rules.0.when.0.field"' in await ada.page(f"{rules}/edit?version=2")

        wrong = await fill(
            ada,
            "/admin/organisation",
            "/admin/organisation/change",
            {
                "activity_types": "task\nphone call",
                "contact_costs.0.=": "email",
                "contact_costs.0.value": "much",
            },
        )
        told = words(wrong.text)
        assert "Activity types : line 2: must be 1 to 63 lower-case letters" in told
        assert "Contact costs email : must be a number" in told


async def test_forms_offer_names_and_give_no_slugs_as_examples(desk: Desk) -> None:
    await settings(desk, skills=["german"])
    async with signed_in(desk, "ada") as ada:
        page = await ada.page("/admin/new/agents")
        calendar = re.search(r'<label for="f-calendar">.*?</div>', page, re.DOTALL)
        assert calendar is not None
        assert "Such as" not in calendar[0]
        page = await ada.page("/admin/organisation")
        for name in ("invitation_template", "reset_template", "status_reasons.0.status"):
            assert f'<select id="f-{name}"' in page, name
        rules = await ada.page("/admin/routing-rule-sets/by-tier/edit")
        assert '<option value="case.subject">Subject of the case</option>' in rules


async def test_newcomers_are_told_what_a_slug_is_and_a_letter_is_shown_with_the_name_of_the_house(desk: Desk) -> None:
    text = {"subject": "Hello", "body": "This is {{ organisation.name }}."}
    await add(desk, {"templates": [{"slug": "signed", "name": "Signed", "texts": {"en": text}}]})
    async with signed_in(desk, "ada") as ada:
        assert "By which addresses, rules and files know it" in await ada.page("/admin/new/queues")
        letter = await ada.page("/admin/templates/signed/preview")
        assert "This is Test Desk." in letter
        assert "Our company" not in letter


async def test_the_logo_is_a_file_that_is_chosen_and_can_be_taken_away(desk: Desk) -> None:
    page, change = "/admin/organisation", "/admin/organisation/change"
    kept = base64.b64encode(PICTURE).decode()
    async with signed_in(desk, "ada") as ada:

        async def send(content: bytes | None, **more: str) -> httpx.Response:
            fields = given(sent_of(await ada.page(page), change), **more)
            files = {} if content is None else {"pages.logo.file": ("logo.png", content, "image/png")}
            return await ada.client.post(change, data=fields, files=files)

        assert 'enctype="multipart/form-data"' in await ada.page(page)
        for content, told in ((b"<svg/>", "is no PNG, JPEG or WebP picture"), (b"0" * 65_537, "at most 65536")):
            wrong = await send(content)
            assert (wrong.status_code, told in wrong.text) == (422, True)
        assert (await send(PICTURE)).status_code == 303
        assert (await logo(desk)) == kept
        assert (await send(None, name="Another name")).status_code == 303
        assert (await logo(desk)) == kept, "saving something else keeps it"
        assert (await send(None, **{"pages.logo.none": "yes"})).status_code == 303
        assert (await logo(desk)) is None
        audit = words(await ada.page("/admin/audit?kind=organisation"))
        assert "Pages, Logo: nothing → a picture" in audit
        assert kept not in audit


async def logo(desk: Desk) -> str | None:
    async with desk.house.database.read() as session:
        return (await in_force(session))[0].pages.logo


async def test_who_takes_over_is_chosen_by_name_and_stays_when_it_is_refused(desk: Desk) -> None:
    async with signed_in(desk, "ada") as ada:
        page = await ada.page("/admin/agents/sam")
        heirs = re.search(r'<select id="heir".*?</select>', page, re.DOTALL)
        assert heirs is not None
        assert words(heirs[0]) == "– Ada Grace Mona Lab"
        refused = await fill(ada, page, "/admin/agents/sam/deactivate", {"transfer_to": "nobody"})
        assert refused.status_code == 422
        assert '<a href="#heir">Who takes over the open cases</a>' in refused.text
        assert '<p class="fault" id="heir-fault">' in refused.text
        assert "Transfer to" not in refused.text
