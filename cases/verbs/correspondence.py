"""What agents write on a case: replies, notes and articles (domain 1.1, 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update

from cases.answers import BY_HAND, LETTERS, answered, customer_addresses, one_answer_less, reaches_customer
from cases.unit import CaseUnit, refused
from cases.verbs.reply_and import and_then, take_back_the_rest
from letters.composing import NoMailbox
from models.messages.api_cases import FirstResponseBody, LinkArticleBody, NoteBody, ReplyBody
from models.messages.cases import CaseCommand, CaseStatus, ProblemType
from models.messages.mailflow import OutboxState
from models.messages.organisation import EMAIL
from models.records.base import new_id
from models.records.cases import CaseArticle
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Agent, Article, ArticleVersion
from storage.repositories.outbox import take_back
from storage.repositories.suppressions import suppressed_among


async def reply(unit: CaseUnit, command: CaseCommand, body: ReplyBody) -> str:
    message = await _send(
        unit,
        command,
        kind="reply",
        text=body.text,
        html=body.html,
        to=body.to,
        cc=body.cc,
        attachments=await _uploads(unit, command, body),
        send_after=body.send_after_seconds,
    )
    if body.resolve is None and body.wait is None:
        unit.tell(f"command/{command.id}", "reply", actor_id=command.actor_id, subject_id=message.id)
    else:
        await and_then(unit, command, body, message.id)
    return str(message.id)


async def undo_reply(unit: CaseUnit, command: CaseCommand) -> str:
    """Take a reply, or a mailed article, back before it leaves: one guarded statement, against the outbox's claim.

    What it had brought about goes back too: the first response, that the case was resolved or waits, and its uploads, which
    can be sent again.
    """
    letter = await unit.session.scalar(
        select(Outbox.id).where(
            Outbox.message_id == command.target_id, Outbox.case_id == unit.case.id, Outbox.kind.in_(LETTERS)
        )
    )
    if letter is None:
        raise refused(ProblemType.NOT_FOUND, "The case has no such reply.")
    if not await take_back(unit.session, letter):
        state = await unit.session.scalar(select(Outbox.state).where(Outbox.id == letter))
        if state == OutboxState.UNDONE:
            raise refused(ProblemType.ALREADY_UNDONE, "The reply was taken back before.")
        raise refused(ProblemType.ALREADY_SENT, f"The reply cannot be taken back any more: it is {state}.")
    await unit.session.execute(
        update(Attachment).where(Attachment.message_id == command.target_id).values(message_id=None)
    )
    back = await take_back_the_rest(unit, command)
    unit.tell(f"command/{command.id}", "reply-undone", actor_id=command.actor_id, subject_id=command.target_id, **back)
    await one_answer_less(unit)
    return str(command.target_id)


async def _uploads(unit: CaseUnit, command: CaseCommand, body: ReplyBody) -> list[Attachment]:
    """The agent's own uploads, not sent yet."""
    if not body.attachments:
        return []
    rows = await unit.session.scalars(
        select(Attachment).where(
            Attachment.id.in_(body.attachments),
            Attachment.uploaded_by == command.actor_id,
            Attachment.message_id.is_(None),
        )
    )
    found = {row.id: row for row in rows}
    missing = [str(id) for id in body.attachments if id not in found]
    if missing:
        raise refused(
            ProblemType.NOT_FOUND,
            f"attachments: not an unsent upload of yours: {', '.join(missing)}",
            field="attachments",
        )
    return [found[id] for id in body.attachments]


async def _send(
    unit: CaseUnit,
    command: CaseCommand,
    *,
    kind: str,
    text: str,
    html: str | None = None,
    to: tuple[str, ...] | None = None,
    cc: tuple[str, ...] = (),
    attachments: list[Attachment] | None = None,
    send_after: int | None = None,
) -> EmailMessage:
    """Write from the case. If it reaches the customer, the first response is now: the instant that the agent pressed
    send (domain 1.1)."""
    if unit.case.status != CaseStatus.ACTIVE:
        raise refused(ProblemType.CASE_NOT_ACTIVE, "Mail leaves from an active case only.", allowed=("reactivate",))
    customer = await customer_addresses(unit.session, unit.case)
    recipients = to or customer[:1]
    if not recipients:
        raise refused(
            ProblemType.NO_RECIPIENT, "to: the case has no contact; name the recipients.", field="to", missing=("to",)
        )
    if await suppressed_among(unit.session, (*recipients, *cc)):
        # The desk names the address before it sends the command; here it came onto the list meanwhile, and a refusal
        # travels through Temporal, which carries no addresses.
        raise refused(ProblemType.RECIPIENT_SUPPRESSED, "A recipient has just come onto the suppression list.")
    seconds = unit.organisation.undo_send_seconds if send_after is None else send_after
    agent = await unit.session.get_one(Agent, command.actor_id)
    try:
        message = await unit.tools.letters.letter(
            unit.session,
            unit.case,
            kind=kind,
            key=f"{kind}/{command.id}",
            text=text,
            html=html,
            to=recipients,
            cc=cc,
            agent=agent,
            attachments=tuple(attachments or ()),
            now=unit.now,
            not_before=datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None,
        )
    except NoMailbox as error:
        raise refused(ProblemType.NO_MAILBOX, f"{error}.") from None
    if await reaches_customer(unit.session, unit.case, kind, (*recipients, *cc)):
        answered(unit, EMAIL)
        unit.case.customer_replied_last = False
    return message


async def first_response(unit: CaseUnit, command: CaseCommand, body: FirstResponseBody) -> None:
    """By hand: the customer was answered in a way that the case does not show (domain 1.1)."""
    unit.case.first_response_sent, unit.case.answered_on = True, unit.now
    unit.tell(f"command/{command.id}", BY_HAND, actor_id=command.actor_id, text=body.reason)


async def note(unit: CaseUnit, command: CaseCommand, body: NoteBody) -> str:
    return str(unit.tell(f"command/{command.id}", "note", actor_id=command.actor_id, text=body.text))


async def attach_article(unit: CaseUnit, command: CaseCommand, body: LinkArticleBody) -> str:
    """Link first, then mail if asked; only a published or expired article leaves the house (domain 8)."""
    article = await unit.session.scalar(select(Article).where(Article.number == body.article))
    if article is None:
        raise refused(ProblemType.NOT_FOUND, f"article: there is no article {body.article!r}.", field="article")
    version = await unit.session.scalar(
        select(ArticleVersion)
        .where(ArticleVersion.article_id == article.id, ArticleVersion.status.in_(("published", "expired")))
        .order_by(ArticleVersion.status.desc(), ArticleVersion.major.desc(), ArticleVersion.minor.desc())
        .limit(1)
    )
    if version is None:
        raise refused(
            ProblemType.ARTICLE_NOT_PUBLISHED, f"article: {body.article} was never published.", field="article"
        )
    linked = await unit.session.scalar(
        select(CaseArticle.id).where(CaseArticle.case_id == unit.case.id, CaseArticle.article_id == article.id)
    )
    if linked is None:
        unit.add(CaseArticle(id=new_id(), case_id=unit.case.id, article_id=article.id, linked_on=unit.now))
    message: EmailMessage | None = None
    if body.send is not None:
        if version.internal:
            raise refused(
                ProblemType.ARTICLE_NOT_PUBLISHED,
                f"article: {body.article} is internal and stays in the house.",
                field="article",
            )
        message = await _send(unit, command, kind="article", text=_article_text(unit, article, version, body))
        await unit.session.execute(update(Article).where(Article.id == article.id).values(views=Article.views + 1))
    unit.tell(
        f"command/{command.id}",
        "article",
        actor_id=command.actor_id,
        subject_id=message.id if message else article.id,
        article=body.article,
        send=body.send,
    )
    return str(message.id) if message else str(article.id)


def _article_text(unit: CaseUnit, article: Article, version: ArticleVersion, body: LinkArticleBody) -> str:
    if body.send == "content":
        return f"{version.title}\n\n{version.content}"
    pattern = unit.organisation.article_url
    if pattern is None:
        raise refused(
            ProblemType.INVALID,
            "send: 'link' needs the organisation's 'article_url'.",
            field="send",
            allowed=("content",),
        )
    return f"{version.title}\n\n{pattern.replace('{number}', article.number)}"


async def detach_article(unit: CaseUnit, command: CaseCommand) -> None:
    gone = await unit.session.execute(
        delete(CaseArticle)
        .where(CaseArticle.case_id == unit.case.id, CaseArticle.article_id == command.target_id)
        .returning(CaseArticle.id)
    )
    if gone.first() is None:
        raise refused(ProblemType.ARTICLE_NOT_LINKED, "The article is not linked to this case.")
    unit.tell(f"command/{command.id}", "article-unlinked", actor_id=command.actor_id, subject_id=command.target_id)
