"""Addresses of a mailbox: its own, and those whose mail is delivered into the same account (domain 6.1, 6.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, Protocol

from models.messages.addresses import canonical_address, canonical_domain


class Addressed(Protocol):
    """What a mailbox says of its addresses: the entity, or a row that was read as such."""

    @property
    def address(self) -> str: ...
    @property
    def queue(self) -> str | None: ...
    @property
    def settings(self) -> dict[str, Any]: ...


def addresses_of(mailbox: Addressed) -> dict[str, str | None]:
    """By canonical address the queue that mail to it arrives in; the mailbox's own address first."""
    aliases = {
        canonical_address(alias["address"]): alias.get("queue") or mailbox.queue
        for alias in mailbox.settings.get("addresses", ())
    }
    return {canonical_address(mailbox.address): mailbox.queue, **aliases}


def declared(mailbox: Addressed, kind: Literal["groups", "forms"]) -> frozenset[str]:
    """The groups that pass mail on to this mailbox, or the addresses that forms write from; canonical."""
    return frozenset(map(canonical_address, mailbox.settings.get(kind, ())))


def servers_of(mailbox: Addressed) -> frozenset[str]:
    """The hosts that its mail is handed in to and fetched from."""
    named = (mailbox.settings.get(kind) or {} for kind in ("imap", "smtp"))
    return frozenset(canonical_domain(str(server.get("host") or "")) for server in named)


def own_addresses(mailboxes: Iterable[Addressed]) -> frozenset[str]:
    return frozenset(address for mailbox in mailboxes for address in addresses_of(mailbox))


def addressed_queue(mailbox: Addressed, named: Iterable[str]) -> str | None:
    """The queue of the first address of this mailbox that is among `named`; the mailbox's own queue if none is.

    A mail lies in its mailbox once, however many of its addresses it names: the first decides, the others do not count.
    """
    queues = addresses_of(mailbox)
    for address in named:
        # What was written is tried first: an alias may itself have a plus (RFC 5233).
        for known in (address, without_detail(address)):
            if known in queues:
                return queues[known]
    return mailbox.queue


def without_detail(address: str) -> str:
    """`support@x` of `support+token@x`, canonical."""
    local, _, domain = canonical_address(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
