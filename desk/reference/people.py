"""Who works cases, and where they wait: agents, teams and queues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.entering.anew import shut_out
from desk.errors import Conflict
from desk.reference.bodies import as_stored
from desk.reference.mailboxes import check_not_ours
from desk.reference.queues import check_default, check_default_queue_empty, replace_teams, teams_of, transfer_needed
from desk.reference.records import Edit, Item, Kind
from desk.reference.references import slugs_of
from desk.reference.uses import check_not_named
from desk.reference.workers import check_not_owner, check_owners, works_cases
from models.messages.assignment import Presence
from models.messages.cases import OPEN_STATUSES
from models.messages.reference import (
    AgentBody,
    QueueBody,
    Role,
    TeamBody,
)
from models.messages.said import said
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from models.records.reference import (
    Agent,
    Queue,
    QueueMember,
    Team,
    TeamMember,
)


async def exists_such(session: AsyncSession, table: Any, *where: Any) -> bool:
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
                calendar=r.calendar,
                skills=r.skills,
            )
            for r in rows
        ]

    async def columns(self, edit: Edit, body: AgentBody) -> dict[str, Any]:
        return body.model_dump(mode="json")

    async def facts(self, session: AsyncSession, rows: Sequence[Agent]) -> list[Mapping[str, Any]]:
        return [{"load": row.load, "presence": row.presence, "presence_on": row.presence_on} for row in rows]

    async def check(self, edit: Edit, body: AgentBody, row: Agent | None) -> None:
        """Who owns cases, or is to, keeps a role that works them; somebody stays an administrator."""
        await edit.check_words(body, None if row is None else (await self.bodies(edit.session, [row]))[0])
        if row is None or row.email != body.email:
            await check_not_ours(edit.session, body.email)
        if row is not None and Role.ADMINISTRATOR not in body.roles:
            await self._check_not_last(edit, row)
        if row is not None and row.active and works_cases(row.roles) and not works_cases(body.roles):
            await self._check_holds_none(edit, row)
            await check_not_owner(edit.session, row.slug, edit.arriving)

    async def check_unused(self, edit: Edit, row: Agent) -> None:
        await self._check_not_last(edit, row)
        await self._check_holds_none(edit, row)
        await check_default_queue_empty(edit.session, "agent", row)
        await check_not_named(edit.session, "agent", row.slug, edit.leaving)

    async def deactivate(self, edit: Edit, key: str) -> Item[AgentBody]:
        """They are signed out everywhere, and what was mailed to them opens nothing, also if they come back; they are there
        no more until they say so again."""
        row: Agent = await self.row(edit.session, key, lock=True)
        if row.active and row.presence != Presence.OFFLINE:
            edit.audit(self.name, row.slug, "presence", {"presence": [row.presence, Presence.OFFLINE.value]})
            row.presence, row.presence_on = Presence.OFFLINE.value, edit.now
        item = await super().deactivate(edit, key)
        await shut_out(edit.session, item.id, actor=edit.actor, now=edit.now)
        return item

    async def _check_not_last(self, edit: Edit, row: Agent) -> None:
        """`Conflict` if nobody could give roles and tokens any more. One of the same file may follow this one."""
        if not row.active or Role.ADMINISTRATOR not in row.roles:
            return
        others = await edit.session.scalars(select(Agent).where(Agent.active, Agent.id != row.id))
        follows = any(kind == self.name and slug != row.slug for kind, slug in edit.arriving)
        if not follows and not any(Role.ADMINISTRATOR in other.roles for other in others):
            raise Conflict(
                "last-administrator",
                said("{slug!r} is the only administrator: make somebody else one first", slug=row.slug),
            )

    async def _check_holds_none(self, edit: Edit, row: Agent) -> None:
        held = await exists_such(edit.session, Case, Case.owner_id == row.id, Case.status.in_(OPEN_STATUSES))
        if held or await exists_such(edit.session, QueueItem, QueueItem.worked_by == row.id, QueueItem.live):
            raise transfer_needed(
                "agent", row.slug, said("agent {slug!r} still owns or works open cases", slug=row.slug)
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
        if await exists_such(edit.session, Case, Case.owner_team_id == row.id, Case.status.in_(OPEN_STATUSES)):
            raise transfer_needed("team", row.slug, said("team {slug!r} still owns open cases", slug=row.slug))
        await check_default_queue_empty(edit.session, "team", row)
        await check_not_named(edit.session, "team", row.slug, edit.leaving)


class Queues(Kind[QueueBody]):
    name = "queue"
    body = QueueBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Queue]) -> list[QueueBody]:
        members = await _members(session, QueueMember, QueueMember.queue_id, [row.id for row in rows])
        teams = await teams_of(session, [row.id for row in rows])
        agents = await slugs_of(session, "agent", [each for row in rows for each in (row.owner_id, row.default_of)])
        owning = await slugs_of(session, "team", [row.default_of for row in rows])
        mailboxes = await slugs_of(session, "mailbox", [row.mailbox_id for row in rows])
        return [
            as_stored(
                QueueBody,
                slug=row.slug,
                name=row.name,
                owner=agents[row.owner_id] or "",
                private=row.private,
                members=members[row.id],
                teams=teams[row.id],
                mailbox=mailboxes[row.mailbox_id],
                signature=row.signature,
                default_of_agent=agents.get(row.default_of),
                default_of_team=owning.get(row.default_of),
            )
            for row in rows
        ]

    async def columns(self, edit: Edit, body: QueueBody) -> dict[str, Any]:
        return {
            **body.model_dump(include={"slug", "name", "private", "signature"}),
            "owner_id": await edit.names.require("agent", body.owner, "owner"),
            "mailbox_id": await edit.names.require("mailbox", body.mailbox, "mailbox"),
            "default_of": await edit.names.require("agent", body.default_of_agent, "default_of_agent")
            or await edit.names.require("team", body.default_of_team, "default_of_team"),
        }

    async def check(self, edit: Edit, body: QueueBody, row: Queue | None) -> None:
        await check_owners(edit.session, body)
        await check_default(edit, body, row)

    async def relate(self, edit: Edit, row: Queue, body: QueueBody) -> None:
        await _replace_members(edit, QueueMember, QueueMember.queue_id, row.id, body.members)
        await replace_teams(edit, row.id, body.teams)

    async def check_unused(self, edit: Edit, row: Queue) -> None:
        if await exists_such(edit.session, QueueItem, QueueItem.queue_id == row.id, QueueItem.live):
            raise transfer_needed("queue", row.slug, said("queue {slug!r} still holds open cases", slug=row.slug))
        await check_not_named(edit.session, "queue", row.slug, edit.leaving)
