"""Threads as people write them: trees of mails, whose References are complete or a suffix that holds the parent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from tests.support.mailroom import letter


class Named(StrEnum):
    """What a mail program puts into its headers."""

    ALL = "complete References"
    SUFFIX = "the last of References"
    PARENT = "In-Reply-To alone"


@dataclass(frozen=True)
class ThreadMail:
    thread: int
    message_id: str
    """Without its brackets, as it is stored."""
    sender: str
    raw: bytes


@dataclass(frozen=True)
class _Node:
    message_id: str
    path: tuple[str, ...]
    """Message-IDs of its ancestors, the root first."""
    people: tuple[str, ...]
    """Who wrote it or got it."""


def write_thread(
    rng: Random, thread: int, size: int, people: list[str], to: str, style: Named = Named.SUFFIX
) -> list[ThreadMail]:
    """A tree of `size` mails, parents first. Whoever answers answers to all; any mail may bring in one more of `people`.

    Of three mails two name the others in this style, and the third names its parent alone.
    """
    first, *later = rng.sample(people, k=len(people))
    nodes: list[_Node] = []
    mails: list[ThreadMail] = []
    for position in range(size):
        parent = rng.choice(nodes) if nodes else None
        known = parent.people if parent else (first,)
        sender = rng.choice(known)
        newcomer = rng.choice(later) if later and rng.random() < 0.4 else sender
        everybody = tuple(dict.fromkeys((*known, newcomer)))
        message_id = f"{thread}.{position}.{rng.getrandbits(32):08x}@customer.example"
        path = (*parent.path, parent.message_id) if parent else ()
        cc = ", ".join(each for each in everybody if each != sender)
        raw = letter(
            f"Mail {position} of thread {thread}",
            to=to,
            from_=sender,
            cc=cc,
            subject=f"Matter {thread}",
            message_id=f"<{message_id}>",
            **_names(rng, rng.choice((style, style, Named.PARENT)), path),
        )
        nodes.append(_Node(message_id, path, everybody))
        mails.append(ThreadMail(thread, message_id, sender, raw))
    return mails


def _names(rng: Random, style: Named, path: tuple[str, ...]) -> dict[str, Any]:
    if not path:
        return {}
    parent = {"in_reply_to": f"<{path[-1]}>"}
    if style is Named.PARENT:
        return parent
    kept = path if style is Named.ALL else path[-rng.randint(1, len(path)) :]
    # Some programs set References alone; the parent is the last of it (RFC 5322, 3.6.4).
    return {"references": " ".join(f"<{each}>" for each in kept), **(parent if rng.random() < 0.8 else {})}
