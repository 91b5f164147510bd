"""The plain kinds: agents, teams, queues, accounts, contacts, products, subjects and mailboxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, Invalid
from desk.reference.bodies import as_stored
from desk.reference.records import Edit, Kind
from desk.reference.references import slugs_of
from desk.reference.uses import check_not_named
from desk.reference.workers import check_not_owner, check_owners, works_cases
from letters.addresses import addresses_of
from models.messages.cases import OPEN_STATUSES
from models.messages.reference import (
    AccountBody,
    AfterIntake,
    AgentBody,
    ContactBody,
    ImapServer,
    MailAuth,
    MailboxAlias,
    MailboxBody,
    MailServer,
    ProductBody,
    QueueBody,
    Role,
    SmtpServer,
    SubjectBody,
    TeamBody,
)
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from models.records.mails import Outbox
from models.records.reference import (
    Account,
    Agent,
    Contact,
    Mailbox,
    Product,
    Queue,
    QueueMember,
    Subject,
    Team,
    TeamMember,
)
from storage.secrets import Keyring, KeyringError

S = TypeVar("S", bound=MailServer)


async def _exists(session: AsyncSession, table: Any, *where: Any) -> bool:
    return await session.scalar(select(table.id).where(*where).limit(1)) is not None


async def _members(
    session: AsyncSession, table: Any, column: Any, owners: Sequence[UUID]
) -> dict[UUID, tuple[str, ...]]:
    """Agents' slugs by the team or queue that they belong to, in the order in which they were listed."""
    rows = await session.execute(
        select(column, Agent.slug).join(Agent, Agent.id == table.agent_id).where(column.in_(owners)).order_by(table.id)
    )
    found: dict[UUID, tuple[str, ...]] = dict.fromkeys(owners, ())
    for owner, slug in rows:
        found[owner] += (slug,)
    return found


async def _replace_members(edit: Edit, table: Any, column: Any, owner: UUID, agents: Iterable[str]) -> None:
    await edit.session.execute(delete(table).where(column == owner))
    for slug in agents:
        agent = await edit.names.require("agent", slug, "members")
        edit.session.add(table(id=new_id(), agent_id=agent, **{column.key: owner}))


class Agents(Kind[AgentBody]):
    name = "agent"
    body = AgentBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Agent]) -> list[AgentBody]:
        return [
            as_stored(
                AgentBody,
                slug=r.slug,
                name=r.name,
                email=r.email,
                roles=tuple(map(Role, r.roles)),
                capacity=r.capacity,
                time_zone=r.time_zone,
            )
            for r in rows
        ]

    async def columns(self, edit: Edit, body: AgentBody) -> dict[str, Any]:
        return body.model_dump(mode="json")

    async def facts(self, session: AsyncSession, rows: Sequence[Agent]) -> list[Mapping[str, Any]]:
        return [{"load": row.load} for row in rows]

    async def check(self, edit: Edit, body: AgentBody, row: Agent | None) -> None:
        """Who owns cases, or is to, keeps a role that works them."""
        if row is not None and row.active and works_cases(row.roles) and not works_cases(body.roles):
            await self._check_holds_none(edit, row)
            await check_not_owner(edit.session, row.slug, edit.arriving)

    async def check_unused(self, edit: Edit, row: Agent) -> None:
        await self._check_holds_none(edit, row)
        await check_not_named(edit.session, "agent", row.slug)

    async def _check_holds_none(self, edit: Edit, row: Agent) -> None:
        held = await _exists(edit.session, Case, Case.owner_id == row.id, Case.status.in_(OPEN_STATUSES))
        if held or await _exists(edit.session, QueueItem, QueueItem.worked_by == row.id, QueueItem.live):
            raise Conflict(
                "transfer-needed", f"agent {row.slug!r} still owns or works open cases", missing=("transfer_to",)
            )


class Teams(Kind[TeamBody]):
    name = "team"
    body = TeamBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Team]) -> list[TeamBody]:
        members = await _members(session, TeamMember, TeamMember.team_id, [row.id for row in rows])
        return [as_stored(TeamBody, slug=row.slug, name=row.name, members=members[row.id]) for row in rows]

    async def columns(self, edit: Edit, body: TeamBody) -> dict[str, Any]:
        return {"slug": body.slug, "name": body.name}

    async def relate(self, edit: Edit, row: Team, body: TeamBody) -> None:
        await _replace_members(edit, TeamMember, TeamMember.team_id, row.id, body.members)

    async def check_unused(self, edit: Edit, row: Team) -> None:
        if await _exists(edit.session, Case, Case.owner_team_id == row.id, Case.status.in_(OPEN_STATUSES)):
            raise Conflict("transfer-needed", f"team {row.slug!r} still owns open cases", missing=("transfer_to",))
        await check_not_named(edit.session, "team", row.slug)


class Queues(Kind[QueueBody]):
    name = "queue"
    body = QueueBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Queue]) -> list[QueueBody]:
        members = await _members(session, QueueMember, QueueMember.queue_id, [row.id for row in rows])
        agents = await slugs_of(session, "agent", [row.owner_id for row in rows])
        mailboxes = await slugs_of(session, "mailbox", [row.mailbox_id for row in rows])
        return [
            as_stored(
                QueueBody,
                slug=row.slug,
                name=row.name,
                owner=agents[row.owner_id] or "",
                private=row.private,
                members=members[row.id],
                mailbox=mailboxes[row.mailbox_id],
                signature=row.signature,
            )
            for row in rows
        ]

    async def columns(self, edit: Edit, body: QueueBody) -> dict[str, Any]:
        return {
            **body.model_dump(include={"slug", "name", "private", "signature"}),
            "owner_id": await edit.names.require("agent", body.owner, "owner"),
            "mailbox_id": await edit.names.require("mailbox", body.mailbox, "mailbox"),
        }

    async def check(self, edit: Edit, body: QueueBody, row: Queue | None) -> None:
        await check_owners(edit.session, body)

    async def relate(self, edit: Edit, row: Queue, body: QueueBody) -> None:
        await _replace_members(edit, QueueMember, QueueMember.queue_id, row.id, body.members)

    async def check_unused(self, edit: Edit, row: Queue) -> None:
        if await _exists(edit.session, QueueItem, QueueItem.queue_id == row.id, QueueItem.live):
            raise Conflict("transfer-needed", f"queue {row.slug!r} still holds open cases", missing=("transfer_to",))
        await check_not_named(edit.session, "queue", row.slug)


class Accounts(Kind[AccountBody]):
    name = "account"
    body = AccountBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Account]) -> list[AccountBody]:
        return [
            as_stored(AccountBody, slug=row.slug, name=row.name, tier=row.tier, language=row.language) for row in rows
        ]

    async def columns(self, edit: Edit, body: AccountBody) -> dict[str, Any]:
        return body.model_dump()


class Contacts(Kind[ContactBody]):
    name = "contact"
    unique = ("slug", "email")
    body = ContactBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Contact]) -> list[ContactBody]:
        accounts = await slugs_of(session, "account", [row.account_id for row in rows])
        return [
            as_stored(
                ContactBody,
                slug=row.slug,
                name=row.name,
                email=row.email,
                account=accounts[row.account_id],
                language=row.language,
            )
            for row in rows
        ]

    async def columns(self, edit: Edit, body: ContactBody) -> dict[str, Any]:
        account = await edit.names.require("account", body.account, "account")
        return {**body.model_dump(exclude={"account"}), "account_id": account}


class Products(Kind[ProductBody]):
    name = "product"
    body = ProductBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Product]) -> list[ProductBody]:
        return [as_stored(ProductBody, slug=row.slug, name=row.name) for row in rows]

    async def check_unused(self, edit: Edit, row: Product) -> None:
        await check_not_named(edit.session, "product", row.slug)

    async def columns(self, edit: Edit, body: ProductBody) -> dict[str, Any]:
        return body.model_dump()


class Subjects(Kind[SubjectBody]):
    name = "subject"
    body = SubjectBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Subject]) -> list[SubjectBody]:
        parents = await slugs_of(session, "subject", [row.parent_id for row in rows])
        return [as_stored(SubjectBody, slug=row.slug, name=row.name, parent=parents[row.parent_id]) for row in rows]

    async def check_unused(self, edit: Edit, row: Subject) -> None:
        await check_not_named(edit.session, "subject", row.slug)

    async def columns(self, edit: Edit, body: SubjectBody) -> dict[str, Any]:
        parent = await edit.names.require("subject", body.parent, "parent")
        return {"slug": body.slug, "name": body.name, "parent_id": parent}

    async def check(self, edit: Edit, body: SubjectBody, row: Subject | None) -> None:
        above = await edit.names.find("subject", body.parent) if body.parent else None
        while above is not None and row is not None:
            if above == row.id:
                raise Invalid("parent", f"{body.parent!r} lies below {body.slug!r} itself")
            above = await edit.session.scalar(select(Subject.parent_id).where(Subject.id == above))


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
                        "already-exists", f"{field}: {address!r} is an address of the mailbox {other.slug!r}"
                    )

    async def facts(self, session: AsyncSession, rows: Sequence[Mailbox]) -> list[Mapping[str, Any]]:
        return [{"has_password": row.secret is not None} for row in rows]

    async def check_unused(self, edit: Edit, row: Mailbox) -> None:
        if await _exists(edit.session, Outbox, Outbox.mailbox_id == row.id, Outbox.state.in_(("queued", "sending"))):
            raise Conflict("in-use", f"mailbox {row.slug!r} still has mail to send")


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
        raise Invalid("password", "passwords cannot be kept: this process has no keyring")
    return edit.keyring


AGENTS = Agents()
TEAMS = Teams()
QUEUES = Queues()
ACCOUNTS = Accounts()
CONTACTS = Contacts()
PRODUCTS = Products()
SUBJECTS = Subjects()
MAILBOXES = Mailboxes()

__all__ = [
    "ACCOUNTS",
    "AGENTS",
    "CONTACTS",
    "MAILBOXES",
    "PRODUCTS",
    "QUEUES",
    "SUBJECTS",
    "TEAMS",
]
