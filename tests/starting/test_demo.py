"""The demo as a user meets it: played once, started again, used by hand, and wrongly."""

from __future__ import annotations

import asyncio
import imaplib
import re
import smtplib
import socket
import stat
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from starting.data_folder import INCOMPLETE
from tests.starting.started import FREE_PORTS, Ended, access, standing, starter
from tests.support.browsers import a_browser
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(300)  # whole starts, several of them, beside whatever else this machine does

BLAKE = "blake@customer.example"


@pytest.fixture(scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A data folder in which the demo has been played once, and how that ended."""
    data = tmp_path_factory.mktemp("demo") / "data"
    return data, await starter("demo", "--once", "--data", data, *FREE_PORTS, cwd=data.parent)


def test_every_step_holds(played: tuple[Path, Ended]) -> None:
    _, ended = played
    assert (ended.code, ended.err) == (0, ""), ended.out
    assert "14 of 15 cases remain" in ended.out
    assert "checks held" in ended.out


def test_it_says_why(played: tuple[Path, Ended]) -> None:
    _, ended = played
    assert "rule 'Gold customers' matched" in ended.out
    assert "first response by" in ended.out
    assert "/namespaces/default/workflows/case-CAS-00001-" in ended.out


def test_nothing_is_left_running(played: tuple[Path, Ended]) -> None:
    data, _ = played
    with_it = [each for each in psutil.process_iter(["cmdline"]) if str(data) in " ".join(each.info["cmdline"] or [])]
    assert not with_it


def test_the_keys_to_it_are_private(played: tuple[Path, Ended]) -> None:
    data, _ = played
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for name in ("access.json", "keys", "mail-users.json"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600, name
    found = access(data)
    assert set(found["tokens"]) == {"agent", "manager", "administrator", "knowledge-manager"}
    assert {account["address"] for account in found["mail_accounts"]} >= {"casey@customer.example", BLAKE}


async def test_a_second_start_finds_all_of_it_and_takes_mail_by_hand(played: tuple[Path, Ended]) -> None:
    data, _ = played
    tokens = access(data)["tokens"]
    options: list[str | Path] = ["--data", data, *FREE_PORTS]
    async with standing("demo", *options, cwd=data.parent, until="stays up until Ctrl-C") as demo:
        found = access(data)
        assert found["tokens"] == tokens, "a token of the first start still opens the door"
        assert "13 of 15 cases remain, one less than before" in demo.out
        headers = {"Authorization": f"Bearer {tokens['manager']}"}
        async with httpx.AsyncClient(base_url=found["api"]["url"], headers=headers, trust_env=False) as api:
            cases = (await api.get("/cases", params={"customer": "casey"})).json()["items"]
            assert [case["status"] for case in cases] == ["resolved", "resolved"]
            # An acknowledgement and an article from each of the two runs.
            assert len(inbox(found, "casey@customer.example")) == 4

            refused = await starter("demo", "--once", *options, cwd=data.parent)
            assert refused.code == 1
            assert f"another Caseloom (process {demo.process.pid}) uses the data folder {data}" in refused.err

            question = write_by_hand(found)
            routed: list[dict[str, Any]] = []

            async def is_routed() -> bool:
                answer = (await api.get("/cases", params={"customer": BLAKE.partition("@")[0]})).json()
                routed[:] = [case for case in answer["items"] if case["status"] == "active"]
                return bool(routed)

            await until(is_routed)
            assert (routed[0]["queue"], routed[0]["title"]) == ("standard", str(question["Subject"]))
            await until(lambda: any(question["Message-ID"].encode() in mail for mail in inbox(found, BLAKE)))
        ended = await demo.stop()
    assert (ended.code, ended.err) == (0, ""), ended.out
    test_nothing_is_left_running(played)


def write_by_hand(found: dict[str, Any]) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BLAKE, "support@desk.example", "The speaker hums"
    mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="customer.example")
    mail.set_content("Whenever it is switched on.\n")
    with smtplib.SMTP(found["smtp"]["host"], found["smtp"]["port"], timeout=10) as smtp:
        smtp.send_message(mail)
    return mail


def inbox(found: dict[str, Any], address: str) -> list[bytes]:
    password = next(each["password"] for each in found["mail_accounts"] if each["address"] == address)
    with imaplib.IMAP4(found["imap"]["host"], found["imap"]["port"], timeout=10) as imap:
        imap.login(address, password)
        imap.select("INBOX", readonly=True)
        numbers = imap.search(None, "ALL")[1][0].split()
        parts = [part for number in numbers for part in imap.fetch(number.decode(), "(BODY.PEEK[])")[1]]
    return [part[1] for part in parts if isinstance(part, tuple)]


async def test_a_taken_port_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        options: list[str | Path] = ["--once", "--data", tmp_path / "data", *FREE_PORTS, "--smtp-port", port]
        ended = await starter("demo", *options, cwd=tmp_path)
    assert ended.code == 1
    assert ended.err.startswith(f"starter.py: Port {port} on 127.0.0.1, wanted by the mail pair's SMTP, is taken")
    assert len(ended.err.splitlines()) == 1
    assert [entry.name for entry in (tmp_path / "data").iterdir()] == ["lock"]


async def test_half_a_data_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / INCOMPLETE).touch()
    ended = await starter("demo", "--once", "--data", tmp_path, *FREE_PORTS, cwd=tmp_path.parent)
    assert ended.code == 1
    assert "half-written" in ended.err
    assert "--reset" in ended.err
    assert len(ended.err.splitlines()) == 1


async def test_a_stranger_gets_through_start_in_three_minutes(played: tuple[Path, Ended]) -> None:
    data, _ = played
    options: list[str | Path] = ["--data", data, *FREE_PORTS]
    async with standing("demo", *options, cwd=data.parent, until="start?key=") as demo, a_browser() as browser:
        (link,) = re.findall(r"http://\S+/start\?key=\S+", demo.out)
        async with httpx.AsyncClient(trust_env=False) as stranger:
            shut = await stranger.get(link.partition("?")[0])
            assert (shut.status_code, "demo has printed" in shut.text) == (404, True)
        context = await browser.new_context()
        page = await context.new_page()
        async with asyncio.timeout(180):
            await page.goto(link)
            await page.click("text=Send Casey’s mail")
            await page.wait_for_selector("text=Casey’s mail has left.")
            await page.wait_for_selector("#step-write.done")
            async with context.expect_page() as opened:
                await page.click("text=Open the case as the agent")
            case = await opened.value
            await case.click("#do-pick")
            await page.wait_for_selector("#step-pick.done")

            await case.locator("#case-process [name=case_type]").select_option("problem")
            await case.click("#do-process-next")
            await case.wait_for_selector("#case-process [name='custom.article_sent']")
            await case.click("[id^=link-KA-]")
            await case.wait_for_selector("#panel [data-takes-focus]")
            await case.fill("#reply-text", "Please pair them anew, as the article says.")
            await case.press("#reply-text", "Control+Enter")
            await page.wait_for_selector("#step-article.done")

            async with context.expect_page() as opened:
                await page.click("#step-resolve a")
            mailbox = await opened.value
            while not await mailbox.locator("article", has_text="pair them anew").count():
                await mailbox.click("text=Look for new mail")
            letter = mailbox.locator("article", has_text="pair them anew").first
            await letter.locator("summary", has_text="Answer").click()
            await letter.locator("button").click()
            await mailbox.wait_for_selector("text=Casey’s mail has left for support")
            await page.wait_for_selector("text=Casey has confirmed.")

            await case.click("#do-resolve")
            await case.fill("form[action$='/resolve'] [name=resolution]", "Paired anew, as the article says.")
            await case.click("form[action$='/resolve'] button[type=submit]")
            await page.wait_for_selector("#step-resolve.done")
            assert re.search(r"\d+ of 15 left", await page.inner_text("#steps-done"))
            await page.goto(f"{link.partition('?')[0]}/customer")
            await page.locator("summary", has_text="Write to support").click()
            await page.fill("#text", "  ")
            await page.click("text=Send >> nth=0")
            await page.wait_for_selector("text=Nothing was sent")
            await page.goto(link)
            assert "/workflows/case-" in str(await page.get_attribute("#steps-done a", "href"))
            # What was said of the solved case goes with the next one, also in a page that stands open meanwhile.
            other = await context.new_page()
            await other.goto(link)
            await page.click("text=Once more")
            await other.wait_for_selector("#steps-done", state="detached")
        ended = await demo.stop()
    assert (ended.code, ended.err) == (0, ""), ended.out
