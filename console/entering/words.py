"""What the pages say of people, of choices and of faults, where the desk says it in a word of its own."""

from __future__ import annotations

from console.languages import N_
from desk.errors import Invalid
from desk.preferences import AfterSend
from models.messages.notices import NoticeWay, WorkEvent
from models.messages.reference import Role

ROLES = {
    Role.AGENT: N_("Agent"),
    Role.MANAGER: N_("Manager"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.KNOWLEDGE_MANAGER: N_("Knowledge manager"),
}
EVENTS = {
    WorkEvent.NEW_CASE: N_("A case is new in one of my queues"),
    WorkEvent.ASSIGNED: N_("A case is assigned to me"),
    WorkEvent.REPLY: N_("The customer of a case of mine wrote"),
    WorkEvent.ANSWER_TO_CLOSED: N_("A customer wrote on a closed case of mine"),
    WorkEvent.MENTION: N_("Somebody mentions me in a note"),
    WorkEvent.DEADLINE: N_("A deadline of a case of mine is near"),
    WorkEvent.REVIEW: N_("An article is to be reviewed"),
}
WAYS = {
    NoticeWay.OFF: N_("no letter"),
    NoticeWay.AT_ONCE: N_("a letter at once"),
    NoticeWay.HOURLY: N_("in one letter an hour"),
    NoticeWay.DAILY: N_("in one letter a day"),
}
AFTER_SEND = {
    AfterSend.STAY: N_("stay at the case"),
    AfterSend.NEXT: N_("go to the next case"),
    AfterSend.LIST: N_("go back to the list"),
}
LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Each in its own words, so that they are not translated."""

DIFFERENT = N_("The two passwords are not the same.")
_PASSWORD = {
    "password-length": N_("A password has 12 to 200 characters."),
    "password-repeats": N_("Please do not repeat the same few characters."),
    "password-common": N_("Strangers would try this password first. Please choose another one."),
    "wrong-password": N_("This is not your present password."),
    "wrong-code": N_("This is not the code of now, or it was used already."),
}


def password_fault(error: Invalid) -> str:
    """In words of the page; those of the desk where it has none."""
    return _PASSWORD.get(error.type, error.detail)
