"""Telling another program, over a real connection: what is refused before it is asked, and what is bounded."""

from __future__ import annotations

import asyncio
import hmac
import socket
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from letters.posting import Answer, Poster
from letters.webhook_signing import WebhookSigner
from tests.support.receiver import Receiver, receiving

NOWHERE = "refused: the host's address is not of the public internet"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


def poster(*allowed: str, patience: float = 10.0) -> Poster:
    return Poster(allowed or ("127.0.0.1",), patience=patience)


async def post(to: Poster, url: str) -> Answer:
    return await to.post(url, b"{}", {"webhook-id": "1"})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "127.1",
        "0",
        "0.0.0.0",  # noqa: S104 - to be refused
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::7f00:1]",
        "10.0.0.8",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
    ],
)
async def test_an_address_of_the_house_is_refused_however_it_is_written(receiver: Receiver, host: str) -> None:
    answer = await post(Poster(), receiver.url("/200", host))
    assert answer == Answer(None, NOWHERE, final=True)
    assert receiver.told == []


@pytest.mark.parametrize("url", ["http://0177.0.0.1/", "http://[1::2::3]/"])
async def test_what_no_standard_takes_for_an_address_is_none(url: str) -> None:
    assert await post(poster(), url) == Answer(None, "is no address", final=True)


async def test_a_name_that_resolves_to_a_private_address_is_refused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it has a public address beside it: nobody knows which would be asked."""
    resolves(monkeypatch, "hooks.example", "93.184.216.34", "127.0.0.1")
    assert await post(Poster(), receiver.url("/200", "hooks.example")) == Answer(None, NOWHERE, final=True)
    assert receiver.told == []


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that says something else the second time is not asked a second time; the receiver is told its own name."""
    asked = resolves(monkeypatch, "hooks.example", "127.0.0.1")
    answer = await post(poster("hooks.example"), receiver.url("/200", "hooks.example"))
    assert answer == Answer(200)
    assert asked == ["hooks.example"]
    assert receiver.told[0].headers["host"] == f"hooks.example:{receiver.port}"


@pytest.mark.parametrize(("allowed", "reached"), [("{host}", True), ("{host}:{port}", True), ("{host}:1", False)])
async def test_a_setting_allows_a_host_or_a_port_of_it(receiver: Receiver, allowed: str, reached: bool) -> None:
    to = poster(allowed.format(host="127.0.0.1", port=receiver.port))
    assert (await post(to, receiver.url("/200"))).status == (200 if reached else None)
    assert len(receiver.told) == reached


async def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    assert await post(poster(), receiver.url("/302")) == Answer(302)
    assert [told.path for told in receiver.told] == ["/302"]


@pytest.mark.parametrize("path", ["/hang", "/endless"])
async def test_an_answer_that_does_not_come_is_waited_for_a_bounded_time(receiver: Receiver, path: str) -> None:
    answer = await asyncio.wait_for(post(poster(patience=0.5), receiver.url(path)), 5)
    assert (answer.status, answer.final) == (None, False)


async def test_a_body_without_end_is_not_read(receiver: Receiver) -> None:
    assert await asyncio.wait_for(post(poster(patience=5), receiver.url("/flood")), 4) == Answer(200)


async def test_what_cannot_be_reached_is_said_in_words_without_the_address() -> None:
    nobody = await post(poster("127.0.0.1"), "http://127.0.0.1:1/secret")
    assert nobody == Answer(None, "the host does not answer, or its certificate is not trusted")
    unknown = await post(poster(), "http://no-such-host.invalid/secret")
    assert unknown == Answer(None, "the host's name cannot be resolved")
    longest = await post(poster(), f"http://{'a' * 70}.example/")
    assert longest.status is None


async def test_a_plain_server_is_not_taken_for_one_with_tls(receiver: Receiver) -> None:
    answer = await post(poster(patience=0.5), receiver.url("/200").replace("http://", "https://"))
    assert answer.status is None
    assert [told for told in receiver.told if told.path == "/200"] == []


def test_a_receiver_verifies_with_its_own_secret_alone() -> None:
    """As the Standard Webhooks specification says it: HMAC-SHA256 over id, timestamp and body, in base64."""
    old = WebhookSigner("k1", {"k1": b"1" * 32})
    signer = WebhookSigner("k2", {"k1": b"1" * 32, "k2": b"2" * 32})
    at, body = datetime(2031, 3, 3, 9, tzinfo=UTC), b'{"a":1}'
    headers = signer.headers("hooks.example", "id-1", at, body)
    assert headers["webhook-timestamp"] == str(int(at.timestamp()))

    def verifies(secret: str) -> bool:
        key = b64decode(secret.removeprefix("whsec_"))
        said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = hmac.digest(key, said, "sha256")
        given = [b64decode(each.removeprefix("v1,")) for each in headers["webhook-signature"].split()]
        return any(hmac.compare_digest(mac, each) for each in given)

    assert verifies(signer.secret("hooks.example"))
    assert verifies(signer.secret("Hooks.Example"))
    assert verifies(old.secret("hooks.example")), "until the old key leaves the ring"
    assert not verifies(signer.secret("other.example"))


def resolves(monkeypatch: pytest.MonkeyPatch, name: str, *addresses: str) -> list[str]:
    """The operating system's answer for one name; the list says how often it was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host != name:
            return real(host, port, *rest, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked
