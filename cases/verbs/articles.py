"""Articles on a case: linked, mailed, and put into a reply (domain 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select

from cases.article_use import count, leaving
from cases.unit import CaseUnit, refused
from cases.verbs.mailing import send
from letters.article_text import address, as_html, whole
from letters.case_people import language_of
from models.messages.api_cases import InsertedArticle, LinkArticleBody
from models.messages.cases import CaseCommand, ProblemType
from models.messages.said import said
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.reference import Contact
from models.records.timeline import CaseArticle
from policies.zones import local_day


class Chosen(NamedTuple):
    """A version of an article that goes out in a letter, in these words."""

    root: Article
    content: ArticleVersion
    text: str


async def attach_article(unit: CaseUnit, command: CaseCommand, body: LinkArticleBody) -> str:
    """Link first, then mail if asked; only a published or expired article leaves the house (domain 8)."""
    if body.send is None:
        root, _ = await _article(unit, body.article, body.language, "article")
        await _link(unit, root.id)
        made = root.id
    else:
        chosen = await chosen_article(unit, InsertedArticle(**body.model_dump()))
        message = await send(unit, command, kind="article", text=chosen.text)
        await use_articles(unit, [chosen])
        made = message.id
    unit.tell(
        f"command/{command.id}",
        "article",
        actor_id=command.actor_id,
        subject_id=made,
        article=body.article,
        send=body.send,
    )
    return str(made)


async def detach_article(unit: CaseUnit, command: CaseCommand) -> None:
    gone = await unit.session.execute(
        delete(CaseArticle)
        .where(CaseArticle.case_id == unit.case.id, CaseArticle.article_id == command.target_id)
        .returning(CaseArticle.id)
    )
    if gone.first() is None:
        raise refused(ProblemType.ARTICLE_NOT_LINKED, said("The article is not linked to this case."))
    unit.tell(f"command/{command.id}", "article-unlinked", actor_id=command.actor_id, subject_id=command.target_id)


async def chosen_article(unit: CaseUnit, asked: InsertedArticle, path: str = "") -> Chosen:
    """What of the article leaves the house. Refused, naming the field under `path`, if nothing of it may."""
    field = f"{path}.article" if path else "article"
    root, content = await _article(unit, asked.article, asked.language, field)
    if content.internal:
        raise refused(
            ProblemType.ARTICLE_NOT_PUBLISHED,
            said("{article} is internal and stays in the house.", article=asked.article),
            field=field,
        )
    return Chosen(root, content, _text(unit, root, content, asked.send, f"{path}.send" if path else "send"))


async def use_articles(unit: CaseUnit, chosen: Sequence[Chosen]) -> None:
    """Letters with these have been written: each is linked to the case, and counted as read and as sent."""
    day = local_day(unit.now, unit.organisation.time_zone)
    # In one order, so that no two writes wait for each other.
    for each in sorted({each.root.id: each for each in chosen}.values(), key=lambda each: each.root.id):
        await _link(unit, each.root.id)
        await count(unit.session, each.root.id, each.content.language, day, views=1, shares=1)


def with_articles(html: str | None, chosen: Sequence[Chosen]) -> str | None:
    """The HTML of a reply, if it has any, with the same articles as its text."""
    if html is None or not chosen:
        return html
    return "\n".join((html, *(str(as_html(each.text)) for each in chosen if each.text)))


async def _article(unit: CaseUnit, number: str, language: str | None, field: str) -> tuple[Article, ArticleVersion]:
    """In the language that is asked for, or else the customer's, or else its own."""
    root = await unit.session.scalar(select(Article).where(Article.number == number))
    if root is None:
        raise refused(ProblemType.NOT_FOUND, said("there is no article {number!r}.", number=number), field=field)
    theirs = None
    if language is None and unit.case.contact_id is not None:
        theirs = await language_of(unit.session, await unit.session.get(Contact, unit.case.contact_id))
    content = await leaving(unit.session, root, (language, theirs, unit.organisation.language))
    if content is None:
        raise refused(
            ProblemType.ARTICLE_NOT_PUBLISHED, said("{number} was never published.", number=number), field=field
        )
    if language is not None and content.language != language:
        raise refused(
            ProblemType.ARTICLE_NOT_PUBLISHED,
            said("{number} is not published in {language!r}.", number=number, language=language),
            field=field,
        )
    return root, content


async def _link(unit: CaseUnit, article_id: UUID) -> None:
    linked = await unit.session.scalar(
        select(CaseArticle.id).where(CaseArticle.case_id == unit.case.id, CaseArticle.article_id == article_id)
    )
    if linked is None:
        unit.add(CaseArticle(id=new_id(), case_id=unit.case.id, article_id=article_id, linked_on=unit.now))


def _text(
    unit: CaseUnit, root: Article, content: ArticleVersion, how: Literal["content", "link", "typed"], field: str
) -> str:
    if how == "typed":
        return ""
    if how == "content":
        return whole(content)
    pattern = unit.organisation.article_url
    if pattern is None:
        raise refused(
            ProblemType.INVALID,
            said("'link' needs the organisation's 'article_url'."),
            field=field,
            allowed=("content",),
        )
    return address(root, content, pattern)
