"""What is done with a version of an article: each verb is a form on its page, and ends there again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.edits import edited
from console.reading.articles import OF_APPROVERS, Articles
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, Forbidden, Invalid, NotFound
from desk.reference import article_life, article_writing
from desk.reference.article_life import APPROVERS
from desk.reference.articles import Shown
from desk.reference.bodies import validated
from desk.reference.records import Edit
from engine.articles import ArticleTeller
from models.messages.articles import ExpireBody, NewVersionBody, PublishBody, RejectBody, SubmitBody, TranslationBody
from models.messages.said import said

Doing = Callable[[Edit, str, str | None], Awaitable[Shown]]
FIELDS = ("reviewer", "reason", "at", "expires_on", "after_expiry", "translations", "when", "level", "to", "title")


class ArticleVerbs:
    def __init__(self, staff: Staff, articles: Articles) -> None:
        self.staff, self.articles = staff, articles

    async def do(self, request: Request, me: Visitor, posted: Posted) -> Response:
        verb, key = request.path_params["verb"], request.path_params["key"]
        typed = {name: posted.text(name).strip() for name in FIELDS}
        language = posted.text("language") or None
        try:
            doing = self._doing(verb, typed, me)

            async def work(edit: Edit) -> Any:
                made = await doing(edit, key, language)
                return answer_of(made)

            done = await edited(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            return await self.articles.page(request, me, refused=error, verb=verb, typed=typed)
        if not done["kept"]:
            await ArticleTeller(self.staff.house.client).tell(done["id"], done["number"])
        return self.staff.after(me, address_of(done))

    def _doing(self, verb: str, typed: dict[str, str], me: Visitor) -> Doing:
        """What the form asks for. `Forbidden` for who may not, `Invalid` for what is wrong in it."""
        if verb in OF_APPROVERS and not me.has(*APPROVERS):
            raise Forbidden(said("This is for knowledge managers and managers."), needed=APPROVERS)
        author = me.identity.agent_id
        match verb:
            case "submit":
                submit = validated(SubmitBody, {"reviewer": typed["reviewer"] or None})
                return lambda edit, key, language: article_life.submit(edit, key, submit, language)
            case "reject":
                reject = validated(RejectBody, {"reason": typed["reason"]})
                return lambda edit, key, language: article_life.reject(edit, key, reject, language)
            case "publish":
                publish = validated(PublishBody, _publish(typed, me))
                return lambda edit, key, language: article_life.publish(edit, key, publish, language)
            case "expire":
                expire = validated(ExpireBody, _expire(typed, me))
                return lambda edit, key, language: article_life.expire(edit, key, expire, language)
            case "versions":
                level = validated(NewVersionBody, {"level": typed["level"] or "minor"}).level
                return lambda edit, key, language: article_writing.new_version(edit, key, level, author, language)
            case "translate":
                words = {"language": typed["to"], "title": typed["title"] or None}
                translation = validated(TranslationBody, {name: word for name, word in words.items() if word})
                return lambda edit, key, language: article_writing.translate(edit, key, translation, author)
            case "approve" | "redraft" | "discard" | "unschedule" | "archive":
                plain: Doing = getattr(article_life, verb)
                return plain
            case _:
                raise NotFound("verb", verb)


def answer_of(made: Shown) -> dict[str, Any]:
    return {
        "id": str(made.root.id),
        "number": made.root.number,
        "kept": made.root.kept,
        "language": made.content.language,
        "first": made.root.language,
        "version": f"{made.content.major}.{made.content.minor}",
    }


def address_of(done: dict[str, Any]) -> str:
    """Of the version that was written."""
    told = {"version": done["version"]}
    if done["language"] != done["first"]:
        told = {"language": done["language"], **told}
    return f"/articles/{done['number']}?{urlencode(told)}"


def _publish(typed: dict[str, str], me: Visitor) -> dict[str, Any]:
    asked: dict[str, Any] = {name: _instant(name, typed[name], me) for name in ("at", "expires_on") if typed[name]}
    if typed["after_expiry"]:
        asked["after_expiry"] = typed["after_expiry"]
    return {**asked, "translations": typed["translations"] == "yes"}


def _expire(typed: dict[str, str], me: Visitor) -> dict[str, Any]:
    asked: dict[str, Any] = {"after_expiry": typed["after_expiry"]} if typed["after_expiry"] else {}
    match typed["when"]:
        case "never":
            return {**asked, "never": True}
        case "at":
            return {**asked, "at": _instant("at", typed["at"], me)}
        case _:
            return asked


def _instant(name: str, typed: str, me: Visitor) -> datetime:
    """As a field of date and time has it, in the zone of who typed it."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=me.zone)
    except ValueError:
        raise Invalid(name, said("is a day and a time, such as 2031-03-28T08:00")) from None
