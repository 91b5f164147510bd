"""A letter as it would look, in each of its languages, with examples in the place of what it names."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering.definitions import Definitions, name_of
from console.administering.kinds import MANAGERS
from console.visitor import Visitor
from desk.reference.example_letters import shown_with_examples
from models.messages.templates import MailTemplate


class LettersShown(Definitions):
    def routes(self) -> list[BaseRoute]:
        return [
            *super().routes(),
            self.staff.page(f"{self.sort.address}/{{key}}/preview", self.preview, roles=MANAGERS),
        ]

    async def preview(self, request: Request, me: Visitor) -> Response:
        shown = await self._shown(request)
        if not isinstance(shown.version.body, MailTemplate):
            raise TypeError(f"{shown.version.slug} is no letter")
        facts: dict[str, Any] = {"sort": self.sort, "version": shown.version, "title": name_of(shown.version)}
        texts = shown_with_examples(shown.version.body, me.organisation.name)
        facts |= {"at": f"{self.sort.address}/{shown.version.slug}", "texts": texts}
        return self.staff.view(me, "administering/letter.html", **facts)
