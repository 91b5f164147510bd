"""Words that an agent puts into a letter while writing it: templates of the organisation, and articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.article_use import leaving
from desk.errors import Conflict, Invalid, NotFound
from desk.identity import Identity
from desk.reference.templates import roots_of
from letters.article_text import address, whole
from letters.case_people import language_of
from letters.templates import CannotRender, Templates, case_facts, in_language
from models.messages.said import said
from models.messages.templates import MailTemplate
from models.records.articles import Article
from models.records.cases import Case
from models.records.reference import Contact, Queue
from storage.definitions import DefinitionKind, Definitions
from storage.kept import named

KNOWN = frozenset({"case", "contact", "owner", "queue", "organisation"})
"""What a template may speak of so that a person can send it: not of a promise, a digest, or whatever else sends letters."""
MAY_BE_EMPTY = frozenset({("case", "link"), ("case", "customer_link")})


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    slug: str
    name: str


async def reply_templates(session: AsyncSession, definitions: Definitions) -> list[ReplyTemplate]:
    """The active templates that an answer can be made of, by name."""
    active = (await definitions.active(session, DefinitionKind.TEMPLATE))[DefinitionKind.TEMPLATE]
    found = [each.body for each in active.values() if isinstance(each.body, MailTemplate) and _is_for_people(each.body)]
    return [ReplyTemplate(each.slug, each.name) for each in sorted(found, key=lambda each: each.name.casefold())]


async def template_words(
    session: AsyncSession, definitions: Definitions, identity: Identity, case: Case, slug: str
) -> str:
    """The template's text for this case, in the customer's language. What is not known of the case stays a place to fill
    in, such as `[[contact name]]`. `NotFound` if there is no such template, `Conflict` if it cannot be rendered."""
    template = await definitions.one(session, DefinitionKind.TEMPLATE, slug, MailTemplate)
    if template is None or not _is_for_people(template):
        raise NotFound("template", slug)
    organisation = await definitions.organisation(session)
    contact = await named(session, Contact, case.contact_id)
    queue = await session.scalar(select(Queue.name).where(Queue.slug == case.queue))
    _, text = in_language(template, await language_of(session, contact), organisation.language)
    facts = case_facts(case, case.title, contact, identity.name, queue, organisation)
    for root, values in facts.items():
        for name, value in values.items():
            if not value and (root, name) not in MAY_BE_EMPTY:
                values[name] = f"[[{root} {name}]]"
    try:
        return Templates().render(text, facts).text
    except CannotRender as error:
        raise Conflict("template-not-rendered", str(error)) from None


async def article_words(
    session: AsyncSession, definitions: Definitions, case: Case, number: str, send: Literal["content", "link"]
) -> str:
    """What of the article a letter to this case's customer may say. `NotFound`; `Conflict` if nothing of it leaves the house;
    `Invalid` for a link without the organisation's `article_url`."""
    root = await session.scalar(select(Article).where(Article.number == number))
    if root is None:
        raise NotFound("article", number)
    organisation = await definitions.organisation(session)
    theirs = await language_of(session, await named(session, Contact, case.contact_id))
    content = await leaving(session, root, (theirs, organisation.language))
    if content is None or content.internal:
        raise Conflict(
            "article-not-published",
            said("{number} is not published for customers, and stays in the house", number=number),
        )
    if send == "content":
        return whole(content)
    if organisation.article_url is None:
        raise Invalid("send", said("a link needs the organisation's 'article_url'"))
    return address(root, content, organisation.article_url)


def _is_for_people(template: MailTemplate) -> bool:
    return all(roots_of(text.subject) | roots_of(text.body) <= KNOWN for text in template.texts.values())
