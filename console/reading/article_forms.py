"""An article as a form: written anew, written on as a draft, or corrected in place where it is published."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.edits import edited
from console.reading.article_verbs import address_of, answer_of
from console.reading.forms import Form, checked, lines
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, Forbidden, Invalid, Stale
from desk.queries.article_pages import ArticlePage, article_page, subjects_and_products
from desk.reference import article_writing
from desk.reference.article_life import APPROVERS
from desk.reference.articles import body_of
from desk.reference.records import Edit, etag
from models.messages.articles import ArticleBody
from models.messages.said import said

NAMES = tuple(ArticleBody.model_fields)


class ArticleForms:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def new(self, request: Request, me: Visitor) -> Response:
        given = {name: request.query_params.get(name, "")[:300] for name in NAMES}
        return await self._page(me, Form({**given, "language": given["language"] or me.organisation.language}), None)

    async def create(self, request: Request, me: Visitor, posted: Posted) -> Response:
        form, raw = _filled(posted)
        if not checked(ArticleBody, raw, form):
            return await self._page(me, form, None)
        body = ArticleBody.model_validate(raw)

        async def work(edit: Edit) -> Any:
            return answer_of(await article_writing.create(edit, body, me.identity.agent_id))

        try:
            done = await edited(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            form.refused(error, NAMES)
            return await self._page(me, form, None, status=error.status)
        return self.staff.after(me, address_of(done))

    async def edit(self, request: Request, me: Visitor) -> Response:
        article = await self._article(request)
        return await self._page(me, _of(article), article, in_place=_in_place(article))

    async def change(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """A draft is written on; a published version is corrected in place by who may publish, or gets a new version."""
        article = await self._article(request)
        form, raw = _filled(posted)
        body = body_of(article.shown.root, article.shown.content)
        raw |= {"slug": body.slug, "language": body.language}
        in_place = posted.text("in_place") == "yes"
        if in_place and not me.has(*APPROVERS):
            raise Forbidden(said("Only who may publish corrects what is published."), needed=APPROVERS)
        if not checked(ArticleBody, raw, form):
            return await self._page(me, form, article, in_place=in_place)
        version = posted.text("version")
        tag = etag(int(version)) if version.isdigit() else None
        key, language = article.shown.root.number, body.language

        async def work(edit: Edit) -> Any:
            if in_place:
                return answer_of(await article_writing.update(edit, key, raw, tag, language))
            return answer_of(await article_writing.change(edit, key, raw, tag, me.identity.agent_id, language))

        try:
            done = await edited(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            form.refused(error, NAMES)
            return await self._page(me, form, article, in_place=in_place, status=error.status)
        except Stale:
            form.key = None
            theirs = _of(article).values
            return await self._page(me, form, article, in_place=in_place, status=Stale.status, theirs=theirs)
        return self.staff.after(me, address_of(done))

    async def _article(self, request: Request) -> ArticlePage:
        query = request.query_params
        async with self.staff.database.read() as session:
            return await article_page(
                session, request.path_params["key"], query.get("language") or None, query.get("version") or None
            )

    async def _page(
        self,
        me: Visitor,
        form: Form,
        article: ArticlePage | None,
        *,
        in_place: bool = False,
        status: int = 200,
        theirs: dict[str, str] | None = None,
    ) -> Response:
        if form.wrong and status == 200:
            status = Invalid.status
        async with self.staff.database.read() as session:
            subjects, products = await subjects_and_products(session)
        facts: dict[str, Any] = {"form": form, "article": article, "in_place": in_place, "theirs": theirs}
        chosen = lines(form.values["products"])
        return self.staff.view(
            me,
            "reading/article_form.html",
            status=status,
            subjects=subjects,
            products=products,
            chosen=chosen,
            **facts,
        )


def _in_place(article: ArticlePage) -> bool:
    return "update" in article.allowed


def _filled(posted: Posted) -> tuple[Form, dict[str, Any]]:
    typed = {name: posted.text(name) for name in NAMES}
    typed["products"] = "\n".join(posted.texts("products"))
    raw: dict[str, Any] = {name: value.strip() for name, value in typed.items()}
    raw |= {
        "subject": raw["subject"] or None,
        "products": lines(typed["products"]),
        "internal": typed["internal"] == "yes",
    }
    return Form(typed, key=posted.key), raw


def _of(article: ArticlePage) -> Form:
    body = body_of(article.shown.root, article.shown.content)
    values = {name: str(getattr(body, name) or "") for name in NAMES}
    return Form(values | {"products": "\n".join(body.products), "internal": "yes" if body.internal else ""})
