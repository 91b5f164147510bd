"""The headers of a quoted mail that have lost their line breaks, as programs leave them that put HTML into one line:
"From: Ann Sent: Monday, 2 March 2026 9:00 To: Desk Subject: Printer"."""

import re
from itertools import islice

from mail import quote_words as words
from mail.attributions import date_in
from mail.header_blocks import WEEKDAY_FIRST, Header, has_time, role_of
from mail.quote_marks import ORIGINAL
from mail.subjects import subject_stem

MOST_LINES = 3
"""Which a mail program may have broken anew."""
FEWEST_COLONS = 2
MOST_HEADERS = 7
DIGIT = re.compile(r"\d")
_NAMES = "|".join((words.FROM, words.SENT, words.TO, words.SUBJECT, words.CC))
NAME = re.compile(rf"(?<![^\s>*_|;,])[*_]{{0,2}}(?:{_NAMES})\s?[*_]{{0,2}}\s?[:：](?!//)", re.IGNORECASE)
AROUND = " *_|;,"


def run_together(lines: list[str], index: int, answered: str = "") -> list[Header]:
    """The headers that begin here, several on a line; none if they may be somebody's own words: who, when with a full date and a
    time, and to whom or about what, with an address; or all four, with the day of the week or about the matter that the mail
    answers (`answered`: the stem of its subject)."""
    first = _behind_its_caption(lines[index])
    if first.count(":") + first.count("：") < FEWEST_COLONS or len(list(islice(NAME.finditer(first), 2))) < 2:
        return []
    joined = [first]
    for line in lines[index + 1 : index + MOST_LINES]:
        if not line.strip():
            break
        joined.append(line.strip("> "))
    whole_head = " ".join(joined)
    headers = _headers(whole_head) if DIGIT.search(whole_head) else []
    if not headers or headers[0][0] != "from":
        return []
    told: dict[str, str] = {}
    for role, value in headers:
        told.setdefault("to" if role == "from" and told else role, value)
    sent = told.get("sent", "")
    if date_in(sent) is None or not has_time(sent) or not told.keys() & {"to", "subject"}:
        return []
    whole = told.keys() >= {"to", "subject"}
    same_matter = bool(answered) and subject_stem(told.get("subject", "")).startswith(answered)
    sure = "@" in f"{told['from']} {told.get('to', '')}" or first != lines[index]
    return headers if sure or (whole and (same_matter or WEEKDAY_FIRST.match(sent))) else []


def _behind_its_caption(line: str) -> str:
    """Without "-----Original Message-----" before them."""
    caption = ORIGINAL.match(line) if line.lstrip("> ")[:1] in ("-", "_", "=", "—", "–") else None
    return line[caption.end() :] if caption else line


def _headers(text: str) -> list[Header]:
    starts = [found.start() for found in islice(NAME.finditer(text), MOST_HEADERS)]
    if not starts or text[: starts[0]].strip(f"> {AROUND}"):
        return []
    ends = [*starts[1:], len(text)]
    found = (role_of(text[start:end].strip(AROUND)) for start, end in zip(starts, ends, strict=True))
    return [(role, value.strip(AROUND)) for role, value in (each for each in found if each is not None)]
