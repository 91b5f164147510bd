"""What somebody outside the house can do: call the API, write and read mail, look at a workflow. The demo uses nothing else."""

from __future__ import annotations

import asyncio
import email
import email.policy
import imaplib
import smtplib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from email.message import EmailMessage
from typing import Any, Self, TypeVar

import httpx
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus

from models.messages.names import case_workflow_id
from servers.ports import LOCALHOST

PATIENCE = 30.0
"""Seconds for which a look from outside is repeated. What is not there by then counts as missing."""
LOOK_EVERY = 0.05
CONNECT_WITHIN = 10.0

T = TypeVar("T")


class NotSeen(Exception):
    """What should have come within `PATIENCE` did not; or a request was refused."""

    def __init__(self, what: str, expected: object, found: object) -> None:
        super().__init__(what)
        self.what, self.expected, self.found = what, expected, found


class Api:
    """The API with one token. A refusal raises `NotSeen` with the problem's own words."""

    def __init__(self, base: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{base}/api/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=CONNECT_WITHIN,
            trust_env=False,  # a proxy of the environment has no business on 127.0.0.1
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, **query: str | int) -> dict[str, Any]:
        return self._answer(await self._client.get(path, params=query))

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._answer(await self._client.post(path, json=body))

    def _answer(self, response: httpx.Response) -> dict[str, Any]:
        request = f"{response.request.method} {response.request.url.path}"
        if not response.is_success:
            raise NotSeen(f"{request} is granted", "a status of 2xx", f"{response.status_code} {response.text[:500]}")
        answer: dict[str, Any] = response.json()
        return answer


class Person:
    """Somebody with a mail account on the demo's mail pair, seen through any mail program's eyes."""

    def __init__(self, address: str, password: str, imap_port: int, smtp_port: int) -> None:
        self.address, self._password = address, password
        self._imap_port, self._smtp_port = imap_port, smtp_port

    async def send(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._send, message)

    async def receives(self, what: str, is_it: Callable[[EmailMessage], bool]) -> EmailMessage:
        """The mail in the INBOX that answers the question, waited for."""
        found = await until(what, lambda: asyncio.to_thread(self._find, is_it), lambda mail: mail is not None)
        if found is None:
            raise AssertionError("until() returned what it was told to refuse")
        return found

    def _send(self, message: EmailMessage) -> None:
        with smtplib.SMTP(LOCALHOST, self._smtp_port, timeout=CONNECT_WITHIN) as smtp:
            smtp.login(self.address, self._password)
            smtp.send_message(message)

    def inbox(self, most: int | None = None) -> list[EmailMessage]:
        """The mails of the INBOX, the newest first. It waits for the server: not for an event loop."""
        return list(self._mails(most))

    def _find(self, is_it: Callable[[EmailMessage], bool]) -> EmailMessage | None:
        # What was just awaited is the latest.
        return next((mail for mail in self._mails() if is_it(mail)), None)

    def _mails(self, most: int | None = None) -> Iterator[EmailMessage]:
        with imaplib.IMAP4(LOCALHOST, self._imap_port, timeout=CONNECT_WITHIN) as imap:
            imap.login(self.address, self._password)
            imap.select("INBOX", readonly=True)
            numbers = imap.search(None, "ALL")[1][0].split()
            for number in list(reversed(numbers))[:most]:
                for part in imap.fetch(number.decode(), "(BODY.PEEK[])")[1]:
                    if isinstance(part, tuple):
                        yield _parsed(part[1])


def _parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("policy.default makes EmailMessage")
    return message


def body_of(message: EmailMessage) -> str:
    """The text that a mail program shows."""
    part = message.get_body(("plain", "html"))
    return str(part.get_content()) if part is not None else ""


class CaseHistory:
    """A case's workflow as the Temporal server has it."""

    def __init__(self, client: Client, number: str) -> None:
        self._handle = client.get_workflow_handle(case_workflow_id(number))

    async def status(self) -> str:
        found = (await self._handle.describe()).status
        return WorkflowExecutionStatus(found).name.lower() if found is not None else "unknown"

    async def search_attributes(self) -> dict[str, Any]:
        described = await self._handle.describe()
        return {pair.key.name: pair.value for pair in described.typed_search_attributes}

    async def events(self) -> Counter[str]:
        """How many events of each type, `MarkerRecorded` for a local activity."""
        history = await self._handle.fetch_history()
        return Counter(_event_name(event.event_type) for event in history.events)


def _event_name(number: EventType.ValueType) -> str:
    words = EventType.Name(number).removeprefix("EVENT_TYPE_").split("_")
    return "".join(word.capitalize() for word in words)


async def until(what: str, look: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """Look again until it holds. Raises `NotSeen` with what was last found."""
    found: T | str = "nothing yet"
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                found = seen = await look()
                if holds(seen):
                    return seen
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise NotSeen(what, f"within {PATIENCE:.0f} s", _short(found)) from None


def _short(found: object) -> str:
    text = str(found)
    return text if len(text) <= 600 else text[:600] + " ..."
