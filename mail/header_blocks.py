"""The headers of a quoted mail, written out above it, as Outlook and others do."""

import re

from mail import quote_words as words
from mail.subjects import subject_stem

MOST_BETWEEN = 2
"""Lines between two headers of a block: blank, or the rest of a long list of recipients."""
HEADER_LINES = 16
RULE = re.compile(r"\s*(?:[-_=*~—–─]\s?){5,200}\s*")
TIME = re.compile(
    r"(?<![\d.])\d{1,2}\s?[:.h]\s?\d{2}(?:[:.]\d{2})?(?!\d)(?:\s?(?:[ap]\.?\s?m\b\.?|uhr|h)\b)?"
    r"|\b(?:GMT|UTC|CES?T|[ECMP][SD]T|MSK)\b(?:\s?[+-]\d{1,2}:?\d{0,2})?|[+-]\d{4}\b",
    re.IGNORECASE,
)
WEEKDAY_FIRST = re.compile(
    r"\s*[^\W\d]{2,14}(?:-feira)?\.?,?\s+(?:(?:den|dem|the|el|le)\s)?"
    r"(?:\d{1,2}\.?\s+(?:de\s)?[^\W\d]{3,12}|[^\W\d]{3,12}\.?\s+\d{1,2}|\d{1,4}[./-]|\d{1,2}:)"
    r"|.{0,20}[（(][^\W\d]{1,3}[)）]|.{0,20}(?:星期|周|週|曜日|요일)"
)
DOTTED_DATE = re.compile(r"(?<!\d)\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4}(?!\d)")
ROLES = tuple(
    (role, re.compile(rf"[\s>*_|]{{0,40}}(?:{names})\s?[*_]{{0,2}}\s?[:：](?!//)(.*)", re.IGNORECASE))
    for role, names in (
        ("from", words.FROM), ("sent", words.SENT), ("to", words.TO), ("subject", words.SUBJECT), ("cc", words.CC),
    )
)  # fmt: skip

Header = tuple[str, str]
"""What a header names ("from", "sent", "to", "subject" or "cc"), and its value."""


def has_time(text: str) -> bool:
    """Whether it has a time, and not just a date with dots."""
    return TIME.search(DOTTED_DATE.sub(" ", text)) is not None


def role_of(line: str) -> Header | None:
    """What a header names, and its value. Where a word has several meanings, the first in the usual order."""
    if ":" not in line and "：" not in line:
        return None
    return next(((role, found[1]) for role, pattern in ROLES if (found := pattern.fullmatch(line))), None)


def is_header_block(lines: list[str], headers: list[Header | None], *, ruled: bool, answered: str = "") -> bool:
    """Outlook's, or another's: who, to whom, when, about what, one below the other, with an address or a time, because people
    write letters' heads, too. Three of the four need more, because a form on a page writes such lines: whom it was written
    to, or a line drawn above. All four with names and numbers alone, as Foxmail writes them, are one if they are about the
    matter that the mail answers.

    `headers`: what each of the lines names; the first is one. `answered`: the stem of the subject of an answer.
    """
    first = headers[0]
    if first is None or (first[0] not in ("from", "sent") and (first[0] != "to" or headers[1:2] in ([], [None]))):
        return False
    told: dict[str, str] = {}
    between = 0
    for line, found in zip(lines, headers, strict=True):
        if found is None:
            between += 1
            # Blank, or the rest of a long list of recipients: own words end a block.
            rest = not line.strip() or line[0].isspace() or "@" in line or " ".join(told.values()).endswith((";", ","))
            if between > MOST_BETWEEN or not rest:
                break
            continue
        role, value = found
        if role in told and role == "from" and "to" not in told:
            role = "to"  # "De:" and "Da:" are both in some languages
        if role in told and role != "cc":
            break
        told[role], between = value.strip(), 0
        if told.keys() >= {"from", "sent", "to", "subject"}:
            break
    sent = told.get("sent", "")
    # A day alone stands in forms and on letters.
    moment = not sent or sent[0].isalpha() or has_time(sent)
    named = told.keys() & {"sent", "to", "subject"}
    same_matter = bool(answered) and len(named) == 3 and has_time(sent) and subject_stem(told["subject"]) == answered
    addressed = "@" in " ".join(told.values()) and (moment or ruled)
    evidence = addressed or same_matter or by_program(sent, ruled=ruled)
    return "from" in told and (len(named) == 3 or (len(named) == 2 and ("to" in named or ruled))) and evidence


def told_by(headers: list[Header | None]) -> dict[str, str]:
    """What the headers of a block tell, the first of each."""
    return {role: value.strip() for role, value in reversed([each for each in headers if each is not None])}


def by_program(sent: str, *, ruled: bool) -> bool:
    """Whether a time was written by a program: behind the day of the week, or under a line that it drew. Heads of letters
    and orders have a date and a time, too."""
    return has_time(sent) and (ruled or WEEKDAY_FIRST.match(sent) is not None)


def with_its_rule(lines: list[str], index: int) -> int:
    """A line that is drawn above a header block belongs to the quote, also over blank lines."""
    above = index
    while above and not lines[above - 1].strip() and index - above < MOST_BETWEEN:
        above -= 1
    return above - 1 if above and RULE.fullmatch(lines[above - 1]) else index
