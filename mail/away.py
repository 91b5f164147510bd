"""Answers of people who are away, known by their words: many servers send them without any header that says so.

By the subject, as Exchange, Gmail, Notes and vacation programs begin it in the usual languages. Or, under any subject, by
the first lines: they must say that somebody is absent *and* what an automatic answer says, with a third sign of one, or with
nothing else. A person who writes "I am out of the office until Monday, please send the parts to Kim" is no machine. Whether
such a mail answers one of ours is for intake to find out.
"""

import re
import unicodedata

from mail.away_words import ABSENT, GREETINGS, ITS_OWN_WORD, OF_A_PERSON, SUBJECTS, THANKS, UNATTENDED, URGENT
from mail.quotes import strip_quote

FIRST_LINES = 12
"""Lines with words on them that are looked at."""
LOOKED_AT = 4_000
"""Characters."""
LONGEST_SUBJECT = 300

OPENING = " \t[【(（「『<*\"'"
ENDS = re.compile(
    r"\s*+(?:[]】)）」』>*:：;\-–—|(（\[【/\"]|[,.!]?+\s*+(?:$|re\b)|aw\b|fwd?\b|sv\b|antw\b|odp\b|回[复覆])"
)
"""What may follow the words that begin the subject; another word would make them part of a sentence."""
QUESTION = re.compile(r"[?؟](?=\s|$)|？")
TAG = re.compile(r"(?<!\s)\s*+\[(?:external|extern|ext)[^\]]{0,20}\]", re.IGNORECASE)
NOTES = re.compile(r"\s*auto\s?:\s*(?P<said>.{1,300})", re.IGNORECASE | re.DOTALL)


def says_away(subject: str, text: str) -> bool:
    """Whether the mail says in words that it was written because its sender is away."""
    named = TAG.sub("", subject[:LONGEST_SUBJECT]).replace("’", "'")
    notes = NOTES.match(named)
    if notes and any(phrase in folded(notes["said"]) for phrase in _ABSENT):
        return True
    begins = folded(named).lstrip(OPENING)
    if any(begins.startswith(phrase) and ENDS.match(begins, len(phrase)) for phrase in _SUBJECTS):
        return True
    # What answers us often quotes us below, and our own letter may say that it is an automatic reply.
    return _absent_by_program(text[:LOOKED_AT]) and _absent_by_program(strip_quote(text[:LOOKED_AT])[0])


UNTIL = re.compile(
    r"\b(?:until|till|through|return|back (?:on|in)|bis|zuruck|wieder (?:im|da|ab)|jusqu|retour|hasta|regres|vuelv|fino al|"
    r"rientr|ate (?:o|a|ao|dia|\d)|tot|terug|till|tillbaka|til|tilbage|tilbake|asti|saakka|palaan|do|wrac|wroc|zpet|vrat|"
    r"-ig|pana|revin|до|вернус|повернус|буду|kadar|donece|μεχρι|επιστρ|natrag|nazaj|kuni|lidz|iki)\b|まで|至|到|까지|حتى|עד|จนถึง",
)
SENTENCE_END = re.compile(r"(?<=\w\w)[.!](?:\s+|$)|。")
"""Not behind a date's single digit."""


def _absent_by_program(text: str) -> bool:
    lines = [line for line in text.replace("’", "'").splitlines() if line.strip()]
    words = folded(" ".join([line for line in lines if not line.lstrip().startswith(">")][:FIRST_LINES]))
    if QUESTION.search(words) or _has(words, _OF_A_PERSON):
        return False
    if not _has(words, _ABSENT):
        return False
    unattended, urgent, thanks = _has(words, _UNATTENDED), _has(words, _URGENT), _has(words, _THANKS)
    if unattended and (urgent or thanks or UNTIL.search(words) or _has(words, _ITS_OWN_WORD)):
        return True
    return (urgent and thanks) or ((unattended or urgent) and _nothing_else(words))


def _nothing_else(words: str) -> bool:
    """Whether each of several sentences tells of the absence, and what to do about it: who has anything else to say is there."""
    told = [each for each in SENTENCE_END.split(words)[:-1] if each.strip(" ,!") not in _GREETINGS]
    return len(told) > 1 and all(
        any(_has(each, phrases) for phrases in (_ABSENT, _UNATTENDED, _URGENT)) for each in told
    )


def _has(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)


def folded(text: str) -> str:
    """Without letter case, accents and runs of blanks, so that "Reponse  Automatique" is found too."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


_SUBJECTS = tuple(folded(phrase) for phrase in SUBJECTS)
_ABSENT = tuple(folded(phrase) for phrase in ABSENT)
_UNATTENDED = tuple(folded(phrase) for phrase in UNATTENDED)
_URGENT = tuple(folded(phrase) for phrase in URGENT)
_THANKS = tuple(folded(phrase) for phrase in THANKS)
_ITS_OWN_WORD = tuple(folded(phrase) for phrase in ITS_OWN_WORD)
_OF_A_PERSON = tuple(folded(phrase) for phrase in OF_A_PERSON)
_GREETINGS = frozenset(folded(phrase) for phrase in GREETINGS)
