"""Words that somebody has typed to look for something, as a question to the index of words."""

from __future__ import annotations

from desk.errors import Invalid
from models.messages.said import said
from storage.fulltext.asking import LONGEST_QUERY, NO_WORDS, Asked, asked


def question_of(typed: str) -> Asked:
    """`Invalid` names `q`: too long to be looked for as a whole, or without any word."""
    if len(typed) > LONGEST_QUERY:
        raise Invalid("q", said("at most {count} characters", count=LONGEST_QUERY))
    question = asked(typed)
    if question is None:
        raise Invalid("q", NO_WORDS)
    return question
