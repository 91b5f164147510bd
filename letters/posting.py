"""One POST to another program, which must not be led to where only the house itself can go.

The name is resolved here, every address that it has is looked at, and the connection is made to one of those very
addresses: a name that says something else the next time it is asked changes nothing. Redirects are not followed, no
proxy is asked, and of the answer only its status is read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpx

from policies.public_addresses import is_public

PATIENCE = 10.0
"""Seconds for all of it: name, connection, request and status."""
MOST_TRIED = 4
"""Addresses of one name."""


@dataclass(frozen=True)
class Answer:
    """`status` None: there was none, and `error` says why. `final`: it would be no use to try again."""

    status: int | None
    error: str | None = None
    final: bool = False


class Poster:
    """Args:
    allowed: hosts that may have private addresses, as `host` or `host:port`.
    patience: seconds for one POST.
    """

    def __init__(self, allowed: Iterable[str] = (), *, patience: float = PATIENCE) -> None:
        self.allowed, self.patience = frozenset(host.lower() for host in allowed), patience
        self._tls: ssl.SSLContext | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """What became of it. Never raises for what the other side or the network does."""
        try:
            target = httpx.URL(url)
            async with asyncio.timeout(self.patience):
                return await self._post(target, body, headers)
        except TimeoutError:
            return Answer(None, f"no answer within {self.patience:g} s")
        except httpx.InvalidURL:
            return Answer(None, "is no address", final=True)
        except (httpx.HTTPError, OSError) as error:
            return Answer(None, _words(error))

    async def _post(self, target: httpx.URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            addresses = await _addresses(target.host, port)
        except (OSError, UnicodeError):
            return Answer(None, "the host's name cannot be resolved")
        if not self._may_reach(target.host, port) and not all(is_public(address) for address in addresses):
            return Answer(None, "refused: the host's address is not of the public internet", final=True)
        error: httpx.TransportError | None = None
        for address in addresses[:MOST_TRIED]:
            try:
                return await self._send(target, address, body, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
                error = failed
        return Answer(None, _words(error) if error else "the host's name has no address")

    def _may_reach(self, host: str, port: int) -> bool:
        return not self.allowed.isdisjoint({host.lower(), f"{host.lower()}:{port}"})

    async def _send(self, target: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        # Each part has half of the time: what ends by the client's own bound is closed by it, in the midst of TLS as well.
        if self._tls is None:
            self._tls = ssl.create_default_context()
        async with (
            httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=self.patience / 2) as client,
            client.stream(
                "POST",
                target.copy_with(host=address),
                content=body,
                headers={**headers, "Host": target.netloc.decode(), "Content-Type": "application/json"},
                extensions={"sni_hostname": target.host},
            ) as response,
        ):
            return Answer(response.status_code)


async def _addresses(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _words(error: Exception) -> str:
    """What it was, and not what was sent: an error's text may repeat the address, which may hold a secret."""
    if isinstance(error, httpx.ConnectError):
        return "the host does not answer, or its certificate is not trusted"
    return f"no answer: {type(error).__name__}"
