"""The page of a survey: one question, one answer. Only a sent form changes anything, whatever looks at the link before."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.languages import N_, languages
from console.rendering import HEADERS, page
from console.site import Site
from desk.errors import Invalid
from models.messages.surveys import SurveyKind

ENDS = {
    SurveyKind.CSAT: (N_("very dissatisfied"), N_("very satisfied")),
    SurveyKind.NPS: (N_("not at all likely"), N_("extremely likely")),
    SurveyKind.CES: (N_("very hard"), N_("very easy")),
}
"""What the lowest and the highest score mean."""
WRONG = {
    "score": N_("Please choose one of the numbers."),
    "comment": N_("Your comment is too long, or holds characters that cannot be kept."),
    "form": N_("This page was open for a long time. Please send it once more."),
}


class SurveyPages:
    def __init__(self, site: Site) -> None:
        self.site = site

    async def show(self, request: Request) -> Response:
        """`?score=` chooses a number beforehand, as a link of a letter may; it is not an answer yet."""
        return await self._shown(request, score=request.query_params.get("score", ""))

    async def answer(self, request: Request) -> Response:
        token, now = request.path_params["token"], self.site.now()
        async with request.form(max_files=0, max_fields=10) as form:
            scores, comment = form.getlist("score"), str(form.get("comment", ""))
            score = str(scores[0]) if len(scores) == 1 else ""
            mark = self.site.forms.read(request, token, form.get("form"), now)
        if not mark.fresh:
            return await self._shown(request, score=score, comment=comment, wrong="form")
        try:
            await self.site.surveys.answer(token, score, comment, now)
        except Invalid as error:
            return await self._shown(request, score=score, comment=comment, wrong=error.field, key=mark.key)
        language = request.query_params.get("lang")
        after = f"/survey/{token}" + (f"?lang={language}" if language in languages() else "")
        return RedirectResponse(after, 303, headers=HEADERS)

    async def _shown(
        self, request: Request, *, score: str = "", comment: str = "", wrong: str | None = None, key: str | None = None
    ) -> Response:
        token, now = request.path_params["token"], self.site.now()
        asked = await self.site.surveys.asked(token, now)
        organisation = await self.site.organisation()
        low, high = ENDS[asked.kind]
        facts: dict[str, Any] = {
            "asked": asked,
            "scores": list(asked.kind.scores),
            "low": low,
            "high": high,
            "score": score,
            "comment": comment,
            "wrong": wrong,
            "message": WRONG[wrong] if wrong else None,
            "action": f"/survey/{token}",
            "form": self.site.forms.mark(token, now, key),
        }
        language = self.site.language(request, organisation, asked.language)
        return page("survey.html", organisation, language, status=422 if wrong else 200, **facts)
