"""What an answer to a survey does to its case, decided in the case's own run (domain 10)."""

from __future__ import annotations

from cases.concerns import concern
from cases.notices import readers_of, send_notice
from cases.unit import CaseUnit, Refused
from cases.verbs.lifecycle import reopen
from letters.notice_words import OF_SOLVED, OF_SURVEY_ANSWERS
from letters.noticing import Notice
from models.messages.cases import CaseStatus
from models.messages.notices import Concern
from models.messages.said import said, word
from models.messages.surveys import SurveyDefinition
from models.records.cases import CaseResolution
from models.records.commands import Delivery
from models.records.surveys import SurveyAnswer, SurveyRequest
from policies.surveys import met
from storage.definitions import DefinitionKind

REOPENED_REASON = "in-progress"
_OF_A_LIFE = ("life", "status", "status_reason", "resolved_on", "reactivated_on")


async def survey_answered(unit: CaseUnit, delivery: Delivery) -> None:
    """It stands on the timeline; the rules of the survey that was asked, in the version of then, say what follows."""
    answer = await unit.session.get_one(SurveyAnswer, delivery.subject_id)
    request = await unit.session.get_one(SurveyRequest, answer.request_id)
    definition = await unit.tools.definitions.pinned(
        unit.session, DefinitionKind.SURVEY, request.survey, request.version, SurveyDefinition
    )
    rules = met(definition, answer.score)
    reopened = why_not = None
    if any(rule.reopen for _, rule in rules):
        why_not = await _reopened(unit, answer)
        reopened = why_not is None
    delivery.outcome = "reopened" if reopened else "told"
    unit.tell(
        f"survey-answer/{answer.id}",
        "survey-answered",
        subject_id=answer.id,
        text=answer.comment,
        survey=answer.survey,
        survey_kind=answer.kind,
        score=answer.score,
        reopened=reopened,
        why_not=why_not,
        rules=[place for place, _ in rules] or None,
    )
    for place, rule in rules:
        if rule.notify is None:
            continue
        key = f"notice/survey-answer/{answer.id}/{place}"
        notice = Notice(key, rule.template, OF_SURVEY_ANSWERS, {"survey": _facts(answer)})
        # A closed case stands in no queue and may have no owner: then a manager hears of it, so that somebody does.
        to = rule.notify if await readers_of(unit, rule.notify) else "manager"
        told, unsent = await send_notice(unit, notice, to)
        kind = "notified" if unsent is None else "not-notified"
        unit.tell(key, kind, text=unsent, event="survey-answer", to=to, recipients=told)


def _facts(answer: SurveyAnswer) -> dict[str, str]:
    return {"kind": answer.kind, "score": str(answer.score), "comment": answer.comment or ""}


async def _reopened(unit: CaseUnit, answer: SurveyAnswer) -> str | None:
    """Why not; None if it is open again. Only the life that was asked about is taken up again."""
    case = unit.case
    resolution = await unit.session.get_one(CaseResolution, answer.resolution_id)
    if case.status != CaseStatus.RESOLVED or resolution.case_id != case.id or resolution.life != case.life:
        return said("the case is {status}, or was open since then", status=word(case.status))
    before = {name: getattr(case, name) for name in _OF_A_LIFE}
    try:
        await reopen(unit, REOPENED_REASON)
    except Refused as error:
        # Its contract has nothing left for it: the answer is heard all the same.
        for name, value in before.items():
            setattr(case, name, value)
        return error.refusal.detail
    return None


async def said_solved(unit: CaseUnit, delivery: Delivery) -> None:
    """The customer says on their page that the matter is done: those who work on the case hear of it, and close it."""
    delivery.outcome = "told"
    case = unit.case
    case.customer_replied_last = True
    unit.tell(f"solved/{delivery.subject_id}", "customer-solved", subject_id=delivery.subject_id)
    await concern(unit, Concern.SOLVED, f"solved/{delivery.subject_id}")
    if case.status == CaseStatus.ACTIVE:
        notice = Notice(f"notice/solved/{delivery.subject_id}", None, OF_SOLVED)
        # It may have no owner and stand in a queue where nobody works: then a manager hears of it, so that somebody does.
        to = "owner" if await readers_of(unit, "owner") else "manager"
        told, unsent = await send_notice(unit, notice, to)
        kind = "notified" if unsent is None else "not-notified"
        unit.tell(notice.key, kind, text=unsent, event="solved", to=to, recipients=told)
