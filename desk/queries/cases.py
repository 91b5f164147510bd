"""Lists of cases, and one case whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.snapshots import AROUND, CASE, Around, snapshot
from desk.errors import Invalid, NotFound
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.allowed import BESIDE, HAS_ARTICLES, allowed_now
from desk.queries.case_words import CaseWords
from desk.queries.families import HAS_FAMILY, NO_FAMILY, family_of, named_by
from desk.queries.lines import line_of, lines_at, with_names
from desk.queries.named import queue_named, word_of
from desk.queries.visibility import sight_of, visible_row
from desk.queries.walks import ORDERS, Place, Wanted, places
from models.messages.api_case_views import (
    ArticleLink,
    CaseLine,
    CasePage,
    CaseView,
    EntitlementView,
    Links,
    ResolutionView,
)
from models.messages.case_fields import names
from models.messages.cases import CaseStatus, SlaState
from models.messages.processes import ProcessState
from models.messages.said import joined, said
from models.records.articles import Article, ArticleVersion
from models.records.base import looked_for
from models.records.cases import Case, CaseResolution
from models.records.reference import Account, Agent, Contact, Entitlement, Team
from models.records.timeline import CaseArticle
from policies.activities import unreadable
from storage.definitions import Definitions
from storage.fulltext.asking import LONGEST_QUERY, asked

CaseRow = Case
"""A case as one question of the desk hands it to the next, for whoever knows no rows."""
MAX_LIMIT = 200
DEFAULT_LIMIT = 50
CASE_NUMBER = re.compile(r"^[A-Z]{1,8}-[0-9]{5,20}(?P<suffix>-[A-Z0-9]{6})?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list shows; None: no matter.

    `queue` and `customer` are slugs or ids; `owner` is an agent's or team's slug, `me` or `none`; `q` a case number, with or
    without its suffix, or words as of `GET /search`, all of which the case itself holds, or one of its mails, notes or
    activities, or its customer's name and address.
    """

    queue: str | None = None
    status: tuple[CaseStatus, ...] = ()
    owner: str | None = None
    customer: str | None = None
    priority: str | None = None
    sla: SlaState | None = None
    q: str | None = None


async def list_cases(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseFilter,
    *,
    sort: str = "next_due",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> CasePage:
    """A page of at most `limit` lines. `Invalid` names a wrong filter, order or cursor."""
    if sort not in ORDERS:
        raise Invalid("sort", said("one of: {orders}", orders=joined(ORDERS)))
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid("limit", said("between 1 and {max_limit}", max_limit=MAX_LIMIT))
    after = None if cursor is None else place_of(sort, cursor)
    question = await _asked(session, definitions, identity, wanted)
    words = (await definitions.organisation(session)).priorities if sort == "priority" else ()
    found = await places(session, question, ORDERS[sort], words, after, limit + 1)
    page = found[:limit]
    following = cursors.encode(sort, *page[-1]) if len(found) > limit else None
    return CasePage(items=tuple(await lines_at(session, [place.id for place in page])), next=following)


async def matching(
    session: AsyncSession, definitions: Definitions, identity: Identity, wanted: CaseFilter, most: int
) -> list[tuple[str, UUID]]:
    """Number and id of the first `most` cases that a filter finds, by number. Raises as `list_cases` does."""
    question = await _asked(session, definitions, identity, wanted)
    found = await places(session, question, ORDERS["number"], (), None, most)
    return [(str(place.value), place.id) for place in found]


def place_of(sort: str, cursor: str) -> Place:
    place = Place(*cursors.decode(cursor, sort, ORDERS[sort].kind))
    if place.value is None and sort != "next_due":
        raise cursors.wrong()
    return place


async def _asked(session: AsyncSession, definitions: Definitions, identity: Identity, wanted: CaseFilter) -> Wanted:
    sight = await sight_of(session, identity)
    words, ids = (None, None) if wanted.q is None else await words_of(session, definitions, identity, wanted.q)
    leads: dict[str, ColumnElement[bool]] = {}
    if wanted.queue is not None:
        leads["queue"] = Case.queue == (await queue_named(session, identity, wanted.queue)).slug
    if wanted.customer is not None:
        lead, condition = await of_customer(session, wanted.customer)
        leads[lead] = condition
    if wanted.owner is not None:
        lead, condition = await owned_by(session, identity, wanted.owner)
        leads[lead] = condition
    if wanted.priority is not None:
        word_of(wanted.priority, (await definitions.organisation(session)).priorities, "priority")
    if wanted.sla is not None:
        leads["sla"] = Case.sla_state == wanted.sla.value
    statuses = tuple(dict.fromkeys(wanted.status))
    sees = sight.cases() if sight.hidden else None
    return Wanted(statuses, leads, priority=wanted.priority, words=words, ids=ids, sight=sees)


async def owned_by(session: AsyncSession, identity: Identity, owner: str) -> tuple[str, ColumnElement[bool]]:
    if owner == "me":
        return "owner", Case.owner_id == identity.agent_id
    if owner == "none":
        return "unowned", and_(Case.owner_id.is_(None), Case.owner_team_id.is_(None))
    agent = await session.scalar(select(Agent.id).where(Agent.slug == owner))
    if agent is not None:
        return "owner", Case.owner_id == agent
    team = await session.scalar(select(Team.id).where(Team.slug == owner))
    if team is None:
        raise Invalid("owner", said("no agent or team {owner!r}; or 'me', or 'none'", owner=owner))
    return "team", Case.owner_team_id == team


async def of_customer(session: AsyncSession, customer: str) -> tuple[str, ColumnElement[bool]]:
    try:
        key = UUID(customer)
    except ValueError:
        account = await session.scalar(select(Account.id).where(Account.slug == customer))
        if account is not None:
            return "account", Case.account_id == account
        contact = await session.scalar(select(Contact.id).where(Contact.slug == customer))
        if contact is None:
            raise Invalid("customer", said("no account or contact {customer!r}", customer=customer)) from None
        return "contact", Case.contact_id == contact
    if await session.get(Contact, key) is not None:
        return "contact", Case.contact_id == key
    if await session.get(Account, key) is None:
        raise Invalid("customer", said("no account or contact {customer!r}", customer=customer))
    return "account", Case.account_id == key


async def words_of(
    session: AsyncSession, definitions: Definitions, identity: Identity, q: str
) -> tuple[CaseWords | None, tuple[UUID, ...] | None]:
    """What `q` looks for: words, or cases by their number. A number without a suffix that no case has is taken for words,
    because `AB-12345` may as well be a product in a title."""
    if "\x00" in q or len(q) > LONGEST_QUERY:
        raise Invalid("q", said("at most {longest_query} characters, no NUL", longest_query=LONGEST_QUERY))
    if number := CASE_NUMBER.match(q.strip().upper()):
        if number["suffix"]:
            this = Case.number == number[0]
        else:  # whatever goes on with a hyphen, which in ASCII the full stop follows
            this = and_(Case.number > f"{number[0]}-", Case.number < f"{number[0]}.")
        ids = tuple((await session.scalars(select(Case.id).where(this))).all())
        if ids or number["suffix"]:
            return None, ids
    question = asked(q)
    if question is None:
        raise Invalid("q", said("a case number, or words to look for: letters or digits"))
    hidden = unreadable((await definitions.organisation(session)).activity_details, identity.roles)
    return CaseWords(question, session.get_bind().dialect.name, hidden), None


OWN = tuple(
    name
    for name in names(lambda field: field.stored and (field.change or field.step))
    if name not in CaseLine.model_fields
)
"""Fields of the table that a whole case shows and a line of a list does not."""

SHOWN = (
    with_names(select(Case, Entitlement, HAS_ARTICLES, HAS_FAMILY.label("has_family"), *AROUND, *BESIDE))
    .outerjoin(Entitlement, Entitlement.id == Case.entitlement_id)
    .where(Case.number == looked_for("number"))
)
"""A case with all that its page shows, but for what it may have several of."""
ARTICLES = (
    select(Article.id, Article.number, CaseArticle.linked_on, ArticleVersion.title)
    .join(CaseArticle, CaseArticle.article_id == Article.id)
    .join(ArticleVersion, ArticleVersion.article_id == Article.id)
    .where(CaseArticle.case_id == CASE)
    .order_by(CaseArticle.linked_on, Article.id, ArticleVersion.major.desc(), ArticleVersion.minor.desc())
)


async def visible_view(
    session: AsyncSession, definitions: Definitions, identity: Identity, number: str, workflow: str | None = None
) -> CaseView:
    """As `case_view`, for somebody who may see the case; `NotFound` otherwise."""
    return (await visible_row_and_view(session, definitions, identity, number, workflow))[1]


async def visible_row_and_view(
    session: AsyncSession, definitions: Definitions, identity: Identity, number: str, workflow: str | None = None
) -> tuple[Case, CaseView]:
    """The same, with the case's row: for whoever asks for more of the case."""
    row = await visible_row(session, identity, SHOWN, number)
    return row[0], await _view(session, definitions, identity, row, workflow)


async def case_view(
    session: AsyncSession, definitions: Definitions, identity: Identity, number: str, workflow: str | None = None
) -> CaseView:
    """One case with everything its page shows, for a caller whose right to it was checked.

    `workflow`: address of its page in the Temporal UI, for operators.
    """
    row = (await session.execute(SHOWN, {"number": number})).one_or_none()
    if row is None:
        raise NotFound("case", number)
    return await _view(session, definitions, identity, row, workflow)


async def _view(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    row: Row[*tuple[Any, ...]],
    workflow: str | None,
) -> CaseView:
    case, entitlement, has_articles, has_family, *beside = row[: 4 + len(AROUND)]
    around = Around._make(beside)
    standing = snapshot(case, around)
    process = ProcessState.model_validate(around.process) if around.process else None
    here = f"/api/v1/cases/{case.number}"
    others = await named_by(session, identity, case)
    family = await family_of(session, identity, case) if has_family else NO_FAMILY
    return CaseView(
        **dict(line_of(case, row)),
        **{name: getattr(case, name) for name in OWN},
        entitlement=_entitlement(entitlement),
        entitlement_note=case.entitlement_note,
        sla_source=case.sla_source,
        first_response_sent=case.first_response_sent,
        resolved_on=case.resolved_on,
        merged_into=others.merged_into,
        merged=family.merged,
        parent=others.parent,
        children=family.children,
        related=others.related,
        process_status=standing.process_status,
        open_activities=standing.open_activities,
        articles=tuple(await _articles(session, case)) if has_articles else (),
        # Only a case that was closed once has any.
        resolutions=tuple(await _resolutions(session, case)) if case.life or case.resolved_on else (),
        allowed=await allowed_now(session, definitions, case, standing, process, row),
        links=Links(
            self=here,
            timeline=f"{here}/timeline",
            sla=f"{here}/sla",
            process=f"{here}/process",
            workflow=workflow,
        ),
    )


def _entitlement(row: Entitlement | None) -> EntitlementView | None:
    if row is None:
        return None
    return EntitlementView(
        id=row.id, slug=row.slug, name=row.name, remaining_terms=row.remaining_terms, total_terms=row.total_terms
    )


async def _articles(session: AsyncSession, case: Case) -> Sequence[ArticleLink]:
    rows = await session.execute(ARTICLES, {"case": case.id})
    found: dict[UUID, ArticleLink] = {}
    for row in rows:
        found.setdefault(row.id, ArticleLink(id=row.id, number=row.number, title=row.title, linked_on=row.linked_on))
    return list(found.values())


async def _resolutions(session: AsyncSession, case: Case) -> Sequence[ResolutionView]:
    rows = await session.execute(
        select(CaseResolution, Agent.slug)
        .join(Agent, Agent.id == CaseResolution.agent_id)
        .where(CaseResolution.case_id == case.id)
        .order_by(CaseResolution.life)
    )
    return [
        ResolutionView(
            resolution_type=row.resolution_type,
            resolution=row.resolution,
            total_minutes=row.total_minutes,
            billable_minutes=row.billable_minutes,
            resolved_on=row.resolved_on,
            agent=agent,
        )
        for row, agent in rows
    ]
