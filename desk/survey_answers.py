"""The customer's side of a survey: what their link asks, and their one answer to it (domain 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.links import Closed, LinkClosed
from engine.dispatch import CaseDispatcher, ToTell
from engine.failpoints import failpoint
from letters.links import LinkKind, LinkSigner, read_token
from letters.survey_words import question_of
from models.messages.mailflow import DeliveryKind
from models.messages.said import said
from models.messages.storable import text_fault
from models.messages.surveys import LONGEST_COMMENT, RequestState, SurveyDefinition, SurveyKind
from models.records.base import new_id
from models.records.surveys import SurveyAnswer, SurveyRequest
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.repositories.outbox import add_delivery


@dataclass(frozen=True, slots=True)
class AskedSurvey:
    """What a page shows. `answer`: the score that was given, once one was."""

    kind: SurveyKind
    question: str
    language: str
    answer: int | None


class SurveyAnswers:
    """One for the process."""

    def __init__(
        self, database: Database, definitions: Definitions, links: LinkSigner, dispatcher: CaseDispatcher
    ) -> None:
        self.database, self.definitions, self.links, self.dispatcher = database, definitions, links, dispatcher

    async def asked(self, token: str, now: datetime) -> AskedSurvey:
        """Reading changes nothing, however often programs that look at mail do it. `LinkClosed`."""
        async with self.database.read() as session:
            request = await self._request(session, token, now)
            answer = await session.scalar(select(SurveyAnswer.score).where(SurveyAnswer.request_id == request.id))
            survey = await self.definitions.pinned(
                session, DefinitionKind.SURVEY, request.survey, request.version, SurveyDefinition
            )
            kind = SurveyKind(request.kind)
            return AskedSurvey(kind, question_of(survey, request.language), request.language, answer)

    async def answer(self, token: str, score: object, comment: str, now: datetime) -> None:
        """Keep the answer, once, and have the case hear of it. The same answer again is no other one.

        `Invalid` names `score` or `comment`; `LinkClosed`.
        """
        try:
            news = await self._write(token, score, comment, now)
        except IntegrityError:
            # The same form twice at one moment: the other's row is there now.
            news = await self._write(token, score, comment, now)
        failpoint("survey.answer.committed")
        if news is not None:
            await self.dispatcher.tell(news)

    async def _write(self, token: str, score: object, comment: str, now: datetime) -> ToTell | None:
        async with self.database.write() as session:
            request = await self._request(session, token, now)
            given = _score(SurveyKind(request.kind), score)
            words = _comment(comment)
            known = await session.scalar(select(SurveyAnswer).where(SurveyAnswer.request_id == request.id))
            if known is not None:
                if (known.score, known.comment) != (given, words):
                    raise LinkClosed(Closed.ANSWERED)
                return None
            answer = SurveyAnswer(
                id=new_id(),
                request_id=request.id,
                survey=request.survey,
                case_id=request.case_id,
                resolution_id=request.resolution_id,
                kind=request.kind,
                score=given,
                comment=words,
                answered_on=now,
            )
            session.add(answer)
            await session.flush()
            await session.execute(
                update(SurveyRequest)
                .where(SurveyRequest.id == request.id)
                .values(state=RequestState.ANSWERED.value)
                .execution_options(synchronize_session=False)
            )
            made = await add_delivery(session, request.case_id, DeliveryKind.SURVEY_ANSWER, answer.id)
            failpoint("survey.answer.written")
            if made is None:
                return None
            return ToTell(request.case_id, made.number, made.origin, made.id, DeliveryKind.SURVEY_ANSWER)

    async def _request(self, session: AsyncSession, token: str, now: datetime) -> SurveyRequest:
        read = read_token(token)
        request = await session.get(SurveyRequest, read.id) if read is not None else None
        if read is None or request is None or not self.links.holds(LinkKind.SURVEY, read, request.case_id):
            raise LinkClosed(Closed.UNKNOWN)
        if request.state == RequestState.WITHDRAWN:
            raise LinkClosed(Closed.WITHDRAWN)
        if request.expires_on <= now:
            raise LinkClosed(Closed.EXPIRED)
        return request


def _score(kind: SurveyKind, given: object) -> int:
    scores = kind.scores
    text = str(given).strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) in scores):
        raise Invalid("score", said("one of {first} to {last}", first=scores[0], last=scores[-1]))
    return int(text)


def _comment(given: str) -> str | None:
    words = given.replace("\r\n", "\n").strip()
    rule = text_fault(words, LONGEST_COMMENT)
    if rule is not None:
        raise Invalid("comment", rule)
    return words or None
