"""Articles beside cases (domain 8): those that may answer a case, and the cases that an article is linked to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.visibility import sight_of
from desk.reference.articles import root_of
from letters.case_people import language_of
from models.messages.api_articles import LinkedCase, LinkedCases, SuggestedArticle
from models.messages.api_search import SearchKind
from models.records.articles import Article, ArticleVersion
from models.records.cases import Case
from models.records.reference import Contact
from models.records.timeline import CaseArticle
from storage.definitions import Definitions
from storage.fulltext.asking import AnyOf, telling
from storage.fulltext.entries import ENTRY
from storage.fulltext.likeness import alike
from storage.fulltext.relevance import weights, words_of_entries
from storage.fulltext.snippets import snippet
from storage.sqlite import aside

MOST_SUGGESTED = 20
LOOKED_AT = 60
MOST_WORDS = 12
"""Words of a case that tell most of it, by which articles are looked for."""
FEWEST_WORDS = 2
"""Words that an article shares with a case, unless the case has no more that tell anything."""
SAME = {"subject": 2.0, "product": 2.0, "language": 1.0}
"""What an article's being about the case's own subject or product counts for, and that its reader knows its language."""


async def suggested(
    session: AsyncSession, case: Case, limit: int = MOST_SUGGESTED, *, by_subject: bool = False
) -> list[SuggestedArticle]:
    """Published articles that share words with the case's title and description, the best first, without those that it has
    already. `by_subject`: only those about the case's own subject."""
    words = telling(f"{case.title} {case.description or ''}", MOST_WORDS)
    linked = select(CaseArticle.article_id).where(CaseArticle.case_id == case.id)
    fitting = select(ArticleVersion.id).where(
        ArticleVersion.status == "published", ArticleVersion.article_id.not_in(linked)
    )
    if by_subject and case.subject is not None:
        fitting = fitting.where(ArticleVersion.subject == case.subject)
    least = min(FEWEST_WORDS, len(words))
    if not least:
        return []
    with aside():
        found = await alike(
            session, words, (ENTRY.c.object_id.in_(fitting),), LOOKED_AT, kinds=(SearchKind.ARTICLE,), least=least
        )
        weight = weights(words, await words_of_entries(session, [each.entry.id for each in found]))
    shared = {each.entry.object_id: (weight.get(each.entry.id, 0.0), each.shared) for each in found}
    language = await _language(session, case)
    wanted = select(Article, ArticleVersion).join(Article, Article.id == ArticleVersion.article_id)
    best: dict[UUID, tuple[float, SuggestedArticle]] = {}
    question = AnyOf(tuple(words.values()))
    for root, content in await session.execute(wanted.where(ArticleVersion.id.in_(shared))):
        same = _same(case, content, language)
        value = shared[content.id][0] + sum(SAME[each] for each in same)
        if root.id not in best or best[root.id][0] < value:
            passage = "".join(piece.text for piece in snippet(content.content, question)).strip()
            best[root.id] = (
                value,
                SuggestedArticle(
                    id=root.id,
                    number=root.number,
                    title=content.title,
                    language=content.language,
                    internal=content.internal,
                    snippet=passage,
                    words=shared[content.id][1],
                    same=same,
                ),
            )
    ranked = sorted(best.values(), key=lambda each: (-each[0], each[1].number))
    return [each for _, each in ranked[:limit]]


def _same(case: Case, content: ArticleVersion, language: str) -> tuple[str, ...]:
    about = {
        "subject": case.subject is not None and case.subject == content.subject,
        "product": case.product is not None and case.product in content.products,
        "language": content.language == language,
    }
    return tuple(what for what, so in about.items() if so)


async def _language(session: AsyncSession, case: Case) -> str:
    """The customer's, or else the organisation's."""
    contact = await session.get(Contact, case.contact_id) if case.contact_id else None
    theirs = await language_of(session, contact)
    return theirs or (await Definitions().organisation(session)).language


async def linked_cases(
    session: AsyncSession, identity: Identity, key: str, after: UUID | None, limit: int
) -> LinkedCases:
    """The cases that an article is linked to, by the caller's sight; the latest links first."""
    root = await root_of(session, key)
    sight = await sight_of(session, identity)
    wanted = (
        select(CaseArticle.id, Case.number, Case.title, Case.status, CaseArticle.linked_on)
        .join(Case, Case.id == CaseArticle.case_id)
        .where(CaseArticle.article_id == root.id, sight.cases())
        .order_by(CaseArticle.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        wanted = wanted.where(CaseArticle.id < after)
    rows = list(await session.execute(wanted))
    items = tuple(
        LinkedCase(number=row.number, title=row.title, status=row.status, linked_on=row.linked_on)
        for row in rows[:limit]
    )
    return LinkedCases(items=items, next=str(rows[limit - 1].id) if len(rows) > limit else None)
