"""Of what alone a figure is asked: each filter is looked up, and a word that nothing has is refused with those that would do.

Words of the organisation change, and facts keep those of their day: what facts have is a word, too, so that each group of a
figure can be asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from desk.errors import Forbidden, Invalid
from desk.identity import Identity
from desk.queries.named import agent_named, queue_named, word_of
from desk.queries.visibility import OVERSEERS
from models.messages.figures import PERIODS, FigureBy
from models.messages.organisation import OrganisationSettings
from models.messages.processes import ProcessDefinition
from models.messages.said import said
from models.messages.surveys import SurveyKind
from models.records.base import keyed
from models.records.figures import FigureFact as Fact
from models.records.reference import Account, Agent, Product
from storage.definitions import DefinitionKind, Definitions
from storage.figures.asking import COLUMNS
from storage.figures.facts import OUTCOMES, FactKind
from storage.figures.registry import Figure


@dataclass(frozen=True, kw_only=True)
class FigureFilter:
    """`agent` and `queue` are slugs; `customer` is the slug or id of an account; the others are words."""

    queue: str | None = None
    agent: str | None = None
    channel: str | None = None
    customer: str | None = None
    priority: str | None = None
    product: str | None = None
    stage: str | None = None
    kind: str | None = None
    outcome: str | None = None
    """What became of it, as facts say."""
    without: FigureBy | None = None
    """Only those that have none of this."""

    @property
    def narrows(self) -> bool:
        return self != FigureFilter()


async def filters_of(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    organisation: OrganisationSettings,
    figure: Figure,
    given: FigureFilter,
) -> list[ColumnElement[bool]]:
    """`Invalid` names what is not there; `Forbidden` refuses another agent's figures to an agent."""
    where: list[ColumnElement[bool]] = []
    if given.queue is not None:
        where.append(Fact.queue == (await queue_named(session, identity, given.queue)).slug)
    if given.agent is not None:
        if given.agent != identity.slug and not identity.roles & OVERSEERS:
            raise Forbidden(said("Figures of other agents are for managers."), needed=sorted(OVERSEERS))
        await agent_named(session, given.agent, "agent")
        where.append(Fact.agent_id == select(Agent.id).where(Agent.slug == given.agent).scalar_subquery())
    if given.customer is not None:
        account = await session.scalar(select(Account.id).where(keyed(Account, given.customer)))
        if account is None:
            raise Invalid("customer", said("there is no account {customer!r}", customer=given.customer))
        where.append(Fact.account_id == account)
    if given.product is not None and not await session.scalar(select(Product.id).where(Product.slug == given.product)):
        raise Invalid("product", said("there is no product {product!r}", product=given.product))
    if given.channel is not None:
        channels = (*organisation.origins, *organisation.activity_types)
        await _known(session, None, Fact.channel, given.channel, channels, "channel")
    if given.priority is not None:
        await _known(session, None, Fact.priority, given.priority, organisation.priorities, "priority")
    if given.stage is not None:
        await _known(session, None, Fact.stage, given.stage, await _stages(session, definitions), "stage")
    if given.kind is not None:
        kinds = await _kinds(session, definitions, organisation, figure.kind)
        await _known(session, figure.kind, Fact.detail, given.kind, kinds, "kind")
    words = {FigureBy.CHANNEL: given.channel, FigureBy.PRIORITY: given.priority, FigureBy.PRODUCT: given.product}
    words |= {FigureBy.STAGE: given.stage, FigureBy.KIND: given.kind}
    where += [COLUMNS[by] == word for by, word in words.items() if word is not None]
    if given.outcome is not None:
        outcomes = OUTCOMES.get(figure.kind, ())
        if not outcomes:
            raise Invalid("outcome", said("{figure} has no outcomes", figure=figure.name))
        word_of(given.outcome, outcomes, "outcome")
        where.append(Fact.outcome == given.outcome)
    if given.without in PERIODS:
        raise Invalid("without", said("nothing is without a day"))
    if given.without is not None:
        where.append(COLUMNS[given.without].is_(None))
    return where


async def _known(
    session: AsyncSession,
    kind: FactKind | None,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    word: str,
    words: Collection[str],
    field: str,
) -> None:
    """`Invalid` unless it is one of the words of now, or a fact has it. `kind`: of which facts; None: of any."""
    if word in words:
        return
    wanted = select(Fact.id).where(column == word).limit(1)
    if kind is not None:
        wanted = wanted.where(Fact.kind == kind.value)
    if await session.scalar(wanted) is not None:
        return
    if not words:
        raise Invalid(field, said("there is no {word!r}", word=word))
    word_of(word, words, field)


async def _kinds(
    session: AsyncSession, definitions: Definitions, organisation: OrganisationSettings, kind: FactKind
) -> Collection[str]:
    """What the facts of this kind are told apart by, as the organisation has it now."""
    match kind:
        case FactKind.PROMISED:
            return (await definitions.active(session, DefinitionKind.KPI))[DefinitionKind.KPI]
        case FactKind.RESOLVED:
            return [reason.slug for reason in organisation.status_reasons if reason.status == "resolved"]
        case FactKind.HANDLED:
            return organisation.activity_types
        case FactKind.SURVEYED:
            return tuple(SurveyKind)
        case _:
            return ()


async def _stages(session: AsyncSession, definitions: Definitions) -> Collection[str]:
    active = (await definitions.active(session, DefinitionKind.PROCESS))[DefinitionKind.PROCESS]
    bodies = [each.body for each in active.values()]
    return {stage.slug for body in bodies if isinstance(body, ProcessDefinition) for stage in body.stages}
