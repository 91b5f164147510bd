"""Surveys as they were asked and answered, and the links by which customers reach a case of theirs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String


class SurveyRequest(Keyed, Record):
    """Somebody is asked about one resolution, once. Written with the resolution, by the case's run; its end by the page."""

    __tablename__ = "survey_request"
    __table_args__ = (Index("ix_survey_request_contact", "contact_id", "ask_on"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"), index=True)
    resolution_id: Mapped[UUID] = mapped_column(ForeignKey("case_resolution.id"), unique=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    survey: Mapped[str] = mapped_column(String(63))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(35))
    state: Mapped[str] = mapped_column(String(10))
    """asked, withdrawn or answered (`models.messages.surveys.RequestState`)."""
    ask_on: Mapped[datetime]
    """Wall time: when its letter may leave."""
    expires_on: Mapped[datetime]
    """Wall time."""


class SurveyAnswer(Keyed, Record):
    """One answer to one request."""

    __tablename__ = "survey_answer"
    __table_args__ = (Index("ix_survey_answer_answered", "answered_on"),)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("survey_request.id"), unique=True)
    survey: Mapped[str] = mapped_column(String(63))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"), index=True)
    resolution_id: Mapped[UUID] = mapped_column(ForeignKey("case_resolution.id"))
    kind: Mapped[str] = mapped_column(String(10))
    """csat (score 1 to 5), nps (0 to 10) or ces (1 to 7)."""
    score: Mapped[int]
    comment: Mapped[str | None]
    answered_on: Mapped[datetime]


class CustomerLink(Keyed, Record):
    """A customer's way to one case, until it expires or is revoked. Its signature is kept nowhere: it is made as a letter
    leaves (`letters.links`)."""

    __tablename__ = "customer_link"
    __table_args__ = (Index("ix_customer_link_case", "case_id", "contact_id"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("service_case.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    made_on: Mapped[datetime]
    """Wall time, as the other instants of it."""
    expires_on: Mapped[datetime]
    revoked_on: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
