"""Receipts that programs write in words: that a mail was read, or that it came in and has a number now.

Most say so in a header, or are a report of their own (RFC 8098). What is left is known by its form. Somebody who tells of
such a receipt, or asks about it, is a person: one word of theirs is enough. Whether it answers a mail of ours is for intake
to find out.
"""

import re

from mail.away import folded
from mail.header_blocks import role_of
from mail.quotes import strip_quote
from mail.receipt_words import BESIDE, FIRST_PERSON, OF_A_DESK, RECEIVED

LOOKED_AT = 4_000
"""Characters."""
MOST_LINES = 14
"""With words on them; a person who writes about a receipt has more to say."""

READ_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,20}\]\s*)?(?:(?:not |un)?read|(?:nicht )?gelesen|(?:non )?lue?|(?:no )?leíd[oa]|(?:non )?letto|"
    r"(?:não )?lid[oa]|(?:niet )?gelezen|(?:ej |o)?läst|(?:ikke )?læst|(?:ikke )?lest|(?:ei )?luettu|(?:nie)?przeczytane?|"
    r"(?:ne)?přečteno|(?:ne)?prečítané|(?:el)?olvasva|(?:ne)?citit|(?:не )?прочитано|(?:не )?прочтено|okundu|"
    r"διαβάστηκε|開封済み|未開封|已读|已讀|未读|읽음|return receipt(?: \(displayed\))?|disposition notification|"
    r"lesebestätigung|empfangsbestätigung|accusé de (?:réception|lecture)|confirmation de lecture|conferma di lettura|"
    r"confirmación de lectura|leesbevestiging|läskvitto|læsekvittering)\s?(?:[:：\-–]|$)",
    re.IGNORECASE,
)
READ_WORDS = re.compile(
    r"\bwas (?:read|displayed|deleted without being read) on\b|return receipt|no guarantee that the recipient has read|"
    r"\bwurde\b.{0,80}\b(?:gelesen|gelöscht|angezeigt)|a été (?:lu|affiché|supprimé)|(?:se ha|fue) (?:leído|mostrado)|"
    r"è stato (?:letto|visualizzato)|foi (?:lida|exibida)|is gelezen|(?:lästes|läst den)|"
    r"blev læst|ble lest|został\w? (?:przeczytan|wyświetl)|"
    r"byla? přečten|было прочитано|прочтено|прочитано|okundu|開封されました|已(?:阅读|閱讀)",
    re.IGNORECASE | re.DOTALL,
)

QUOTED = re.compile(r"[\"“”„«»「」『』?؟]")
WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SENTENCES = re.compile(r"(?<=\w\w)[.!](?:\s+|$)|。|\n|(?<=\))[.!]\s")
SALUTATION = re.compile(
    r"(?:dear|hi|hello|hallo|guten tag|sehr geehrte[rn]?|bonjour|cher|chere|hola|estimad[oa]|gentile|buongiorno|ola|prezad[oa]|"
    r"beste|geachte|hej|hei|dzien dobry|szanown\w+|dobry den|vazen\w+|tisztelt|buna ziua|здравствуйте|уважаем\w+|добрый день|"
    r"добрий день|merhaba|sayin)\b[^.!?]{0,60}[,!:]?"
)


def says_received(subject: str, text: str) -> bool:
    """Whether the mail says in words that a program confirms that another one was read, or came in."""
    said = text[:LOOKED_AT]
    lines = [line for line in said.splitlines() if line.strip()]
    return (_read(subject, said, lines) if READ_SUBJECT.match(subject) else False) or _of_desk(said)


def _read(subject: str, said: str, lines: list[str]) -> bool:
    """Outlook's form repeats the headers of what was read; others say what the receipt is worth."""
    if len(lines) > MOST_LINES or QUOTED.search(said.replace('"', "")):
        return False
    told = {role[0] for line in lines if (role := role_of(line)) is not None and role[1].strip()}
    return READ_WORDS.search(said) is not None and (len(told) >= 2 or "receipt" in said.lower())


def _of_desk(text: str) -> bool:
    """Whether each sentence is of a desk's program: who has anything else to say is a person."""
    words = folded(text)
    if not (_has(words, _RECEIVED) and _has(words, _OF_A_DESK)):
        return False
    # A desk that wants its answer above a line has all it says below it.
    visible = text if "above this line" in words or "above the line" in words else strip_quote(text)[0]
    lines = [line for line in visible.splitlines() if line.strip() and not line.lstrip().startswith(">")]
    own = "\n".join(folded(line) for line in lines)
    if not lines or len(lines) > MOST_LINES or QUOTED.search(own):
        return False
    if not FIRST_PERSON.isdisjoint(WORDS.findall(own.replace("’", "'"))):
        return False
    told = [
        each for each in SENTENCES.split(own) if each and WORDS.search(each) and not SALUTATION.fullmatch(each.strip())
    ]
    return all(any(_has(each, phrases) for phrases in (_RECEIVED, _OF_A_DESK, _BESIDE)) for each in told) and (
        _has(own, _RECEIVED) and _has(own, _OF_A_DESK)
    )


def _has(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)


_RECEIVED = tuple(folded(phrase) for phrase in RECEIVED)
_OF_A_DESK = tuple(folded(phrase) for phrase in OF_A_DESK)
_BESIDE = tuple(folded(phrase) for phrase in BESIDE)
