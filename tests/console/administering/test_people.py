"""People in the console: invited, given tokens, and shut out again; contracts begun from templates."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from desk.sessions import begin
from tests.support.desks import Desk, DeskFactory
from tests.support.filled import fill, sent_of
from tests.support.pages import letters
from tests.support.signed import signed_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_people_get_invitations_and_tokens_and_lose_them(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "ada") as ada, signed_in(desk, "sam") as sam:
        at = "/admin/agents/sam"
        made = await fill(ada, at, f"{at}/tokens", {"role": "agent"})
        token = made.text.partition('class="token">')[2].partition("<")[0]
        assert token.startswith("caseloom_")
        headers = {"Authorization": f"Bearer {token}"}
        assert (await ada.client.get("/api/v1/me", headers=headers)).status_code == 200
        assert (await fill(ada, at, f"{at}/tokens", {"role": "administrator"})).status_code == 422
        page = await ada.page(at)
        assert token not in page
        revoke = page.partition(f'action="{at}/tokens/')[2].partition('"')[0]
        assert (await fill(ada, page, f"{at}/tokens/{revoke}")).status_code == 303
        assert (await ada.client.get("/api/v1/me", headers=headers)).status_code == 401
        link = (await fill(ada, at, f"{at}/link")).text.partition('class="token">')[2].partition("<")[0]
        assert "/invite/" in link
        invited = await fill(ada, at, f"{at}/invite")
        assert invited.headers["location"] == f"{at}?said=invite"
        assert (await sam.get("/me")).status_code == 200
        program = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        async with desk.house.database.write() as session:
            agent = (await desk.agent("sam")).agent_id
            await begin(session, agent, now=datetime.now(UTC), address="127.0.0.1", program=program)
        assert ">Firefox, Linux</bdi>" in await ada.page(at)
        assert (await fill(ada, at, f"{at}/end-sessions")).status_code == 303
        assert (await sam.get("/me", follow_redirects=False)).status_code == 303
        assert "/invite/" in (await fill(ada, at, f"{at}/anew")).text
        await sam_was_told(desk, token)
        ada.client.headers["accept-language"] = "de"
        audit = await ada.page("/admin/audit")
        assert "erstellt, Version 1" in re.sub(r"<[^>]+>", "", audit)
        assert "create version" not in audit
        house = await ada.page("/admin/audit?actor=Die+Organisationsdatei")
        assert 'value="Die Organisationsdatei" size' in house
        del ada.client.headers["accept-language"]
        told = await ada.page("/admin/audit?kind=token")
        assert "revoke" in told
        # A contract is begun from a template of contracts, with its values and days.
        template = {"slug": "year", "name": "A year", "total_terms": "10", "months": "12"}
        new = "/admin/new/entitlement-templates"
        assert (await fill(ada, new, new, template)).status_code == 303
        at = "/admin/entitlement-templates/year"
        assert (await fill(ada, at, f"{at}/activate")).status_code == 303
        begun = await ada.page("/admin/new/entitlements?template=year")
        made = await fill(ada, begun, "/admin/new/entitlements", {"slug": "bought", "account": "aurora"})
        assert made.headers["location"] == "/admin/entitlements/bought?said=made"
        assert ("total_terms", "10") in sent_of(begun, "/admin/new/entitlements")


async def sam_was_told(desk: Desk, token: str) -> None:
    """Of the token, once, and that he begins anew; by whom, without what would let anybody in."""
    told = [(message, letter) for message, letter in await letters(desk, "notice") if letter.key.startswith("access/")]
    assert [message.subject.partition(" at ")[0] for message, _ in told] == [
        "An API token was made for you",
        "Your access begins anew",
    ]
    for message, letter in told:
        assert letter.envelope_to == ["sam@desk.example"]
        assert "Ada has " in message.text
        assert not any(secret in f"{message.text}{message.html}" for secret in (token, "caseloom_", "/invite/"))


async def test_a_list_calls_roles_as_the_form_does(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "ada") as ada:
        ada.client.headers["accept-language"] = "de"
        told = re.sub(r"<[^>]+>", "", await ada.page("/admin/agents"))
        assert "Bearbeiter" in told
        assert "Administrator" in told
        assert not re.search(r"\b(agent|manager|administrator)\b", told)
