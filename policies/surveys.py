"""Who is asked how we did, and what their answer brings about (domain 10). Pure: chance comes from the id of the resolution."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.messages.surveys import AnswerRule, SurveyDefinition
from policies.conditions import evaluate


def survey_for(active: Iterable[SurveyDefinition], facts: Mapping[str, Any]) -> SurveyDefinition | None:
    """The first by slug whose condition holds of the case."""
    ordered = sorted(active, key=lambda survey: survey.slug)
    return next((survey for survey in ordered if evaluate(survey.when, facts).holds), None)


def is_sampled(survey: SurveyDefinition, resolution_id: UUID) -> bool:
    """The same for the same resolution, however often it is asked; of many resolutions the share that the survey wants."""
    drawn = int.from_bytes(hashlib.sha256(survey.slug.encode() + resolution_id.bytes).digest()[:8])
    return drawn % 100 < survey.sample_percent


def asked_too_lately(survey: SurveyDefinition, ask_on: datetime, last_asked: datetime | None) -> bool:
    """`last_asked`: when the same customer was, or is to be, asked last, by whatever survey."""
    return last_asked is not None and ask_on - last_asked < timedelta(days=survey.quiet_days)


def met(survey: SurveyDefinition, score: int) -> tuple[tuple[int, AnswerRule], ...]:
    """The rules that a score meets, each with its place."""
    return tuple((place, rule) for place, rule in enumerate(survey.rules) if score <= rule.at_most)
