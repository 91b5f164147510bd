"""Mail accounts; a password is sealed with the keyring and never read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, Invalid
from desk.reference.bodies import as_stored
from desk.reference.records import Edit, Kind
from desk.reference.uses import check_not_named
from letters.addresses import addresses_of
from models.messages.reference import (
    AfterIntake,
    ImapServer,
    MailAuth,
    MailboxAlias,
    MailboxBody,
    MailServer,
    SmtpServer,
)
from models.messages.said import said
from models.records.mails import Outbox
from models.records.reference import Agent, Mailbox
from storage.secrets import Keyring, KeyringError

S = TypeVar("S", bound=MailServer)


class Mailboxes(Kind[MailboxBody]):
    """The password is sealed with the keyring and never read back: a body that was read has none."""

    name = "mailbox"
    unique = ("slug", "address")
    body = MailboxBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Mailbox]) -> list[MailboxBody]:
        return [
            as_stored(
                MailboxBody,
                slug=row.slug,
                address=row.address,
                display_name=row.display_name,
                queue=row.queue,
                addresses=tuple(as_stored(MailboxAlias, **each) for each in row.settings.get("addresses", ())),
                groups=tuple(row.settings.get("groups", ())),
                forms=tuple(row.settings.get("forms", ())),
                imap=_server(ImapServer, row.settings["imap"]),
                smtp=_server(SmtpServer, row.settings["smtp"]),
            )
            for row in rows
        ]

    async def columns(self, edit: Edit, body: MailboxBody) -> dict[str, Any]:
        columns: dict[str, Any] = {
            **body.model_dump(include={"slug", "address", "display_name", "queue"}),
            "settings": body.model_dump(mode="json", include={"imap", "smtp", "addresses", "groups", "forms"}),
        }
        if body.password is not None:
            columns["secret"] = _keyring(edit).encrypt(body.password.get_secret_value())
        return columns

    async def replace(self, edit: Edit, row: Mailbox, old: MailboxBody, new: MailboxBody) -> audit.Changes:
        """As for every kind; of a password it is only told that it changed, or was sealed with the key of today."""
        given = new.password
        if given is not None and row.secret is not None:
            if _is_kept(row.secret, given.get_secret_value(), _keyring(edit)):
                new = new.model_copy(update={"password": None})
            else:
                old = old.model_copy(update={"password": SecretStr("")})
        return await super().replace(edit, row, old, new)

    async def check(self, edit: Edit, body: MailboxBody, row: Mailbox | None) -> None:
        """An address stands in one mailbox: what comes in by it must know its queue."""
        mine = [body.address, *(alias.address for alias in body.addresses)]
        for other in await edit.session.scalars(select(Mailbox).order_by(Mailbox.slug)):
            taken = addresses_of(other) if other.slug != body.slug else {}
            for position, address in enumerate(mine):
                if address in taken:
                    field = f"addresses[{position - 1}].address" if position else "address"
                    raise Conflict(
                        "already-exists",
                        said(
                            "{address!r} is an address of the mailbox {other!r}",
                            address=address,
                            other=other.slug,
                        ),
                        field=field,
                    )
        people = select(Agent).where(Agent.active, Agent.email.in_(mine)).order_by(Agent.slug)
        for agent in await edit.session.scalars(people):
            position = mine.index(agent.email)
            raise Conflict(
                "already-exists",
                said("{address!r} is the address of the agent {agent!r}", address=agent.email, agent=agent.slug),
                field=f"addresses[{position - 1}].address" if position else "address",
            )

    async def facts(self, session: AsyncSession, rows: Sequence[Mailbox]) -> list[Mapping[str, Any]]:
        return [{"has_password": row.secret is not None} for row in rows]

    async def check_unused(self, edit: Edit, row: Mailbox) -> None:
        waiting = select(Outbox.id).where(Outbox.mailbox_id == row.id, Outbox.state.in_(("queued", "sending"))).limit(1)
        if await edit.session.scalar(waiting) is not None:
            raise Conflict("in-use", said("mailbox {slug!r} still has mail to send", slug=row.slug))
        await check_not_named(edit.session, "mailbox", row.slug, edit.leaving)


async def check_not_ours(session: AsyncSession, email: str, field: str = "email") -> None:
    """`Invalid` for an address of a mailbox: what is written to it comes back to us."""
    for mailbox in await session.scalars(select(Mailbox).where(Mailbox.active).order_by(Mailbox.slug)):
        if email in addresses_of(mailbox):
            raise Invalid(
                field,
                said(
                    "{email} is an address of the mailbox {mailbox!r}, and no person's",
                    email=email,
                    mailbox=mailbox.slug,
                ),
            )


def _server(model: type[S], stored: Mapping[str, Any]) -> S:
    words = {"auth": MailAuth, "after": AfterIntake}
    return as_stored(model, **{name: words.get(name, lambda it: it)(value) for name, value in stored.items()})


def _is_kept(sealed: str, given: str, keyring: Keyring) -> bool:
    """False also where the key that it was sealed with is lost: then it is to be sealed anew."""
    try:
        return sealed.startswith(f"{keyring.current}:") and keyring.decrypt(sealed) == given
    except KeyringError:
        return False


def _keyring(edit: Edit) -> Keyring:
    if edit.keyring is None:
        raise Invalid("password", said("passwords cannot be kept: this process has no keyring"))
    return edit.keyring
