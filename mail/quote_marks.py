"""Lines that programs set above a quoted mail in forms of their own, without words like "wrote"."""

import re

from mail import quote_words as words
from mail.header_blocks import HEADER_LINES, MOST_BETWEEN, TIME, Header
from mail.reply_marks import is_reply_mark

_DASHES = r"[-_=—–‐‑‒―]{2,80}"
_BLANK = r"(?:\s|&nbsp;){0,20}"
"""QQ writes those of HTML into its text."""
RULED = rf"[\s>]{{0,40}}[*_]{{0,2}}{_DASHES}{_BLANK}(?:%s){_BLANK}{_DASHES}[*_]{{0,2}}\s*"
ORIGINAL = re.compile(RULED % words.ORIGINAL, re.IGNORECASE)
CAPTION = re.compile(rf"[\s>]{{0,40}}{_DASHES}{_BLANK}[^\W\d_][^:\d]{{2,60}}?{_BLANK}{_DASHES}\s*")
"""Words between dashes."""
FORWARDED = re.compile(
    RULED % words.FORWARDED + rf"|[\s>]{{0,40}}(?:{words.FORWARD_BEGINS})\s?[:：]\s*"
    rf"|[\s>]{{0,40}}{_DASHES}\s?(?:{words.FORWARDED_BY})\s.{{2,120}}?\d[:.]\d{{2}}(?:[:.]\d{{2}})?(?:\s?[ap]\.?m\.?)?(?:\s?[A-Z]{{3,4}})?"
    rf"\s?(?:{_DASHES})?\s*",
    re.IGNORECASE,
)
RULES = "-_=—–‐‑‒―>*"
"""With which a line of "Original Message" begins."""
_NUMBERS = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\.?,?\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?"
GROUPWISE = re.compile(rf">>>\s?.{{2,150}}?\s(?:{_NUMBERS})\s?>>>\s*")
""" ">>> Greta Gold 16.11.2026 10:30 >>>" """
NOTES = re.compile(rf"[\"'\w][^\n]{{1,120}}?\s?---\s?(?:{_NUMBERS})\s?---(?!-).{{0,300}}")
""" "Greta Gold ---16.11.2026 10:30:15---Try this." """
DAVID = re.compile(
    r"[\s>]{0,40}[*_\[]{0,3}Original Message processed by david\s?(?:®|\(R\))?[*_\]]{0,3}(?:[<(]https?://[^\s<>()]{1,80}[>)])?[*_]{0,2}\s*"
)
""" "Original Message processed by david®", which its program writes in English to everybody."""
NOTES_LINES = 14
NUMBERS_ALONE = re.compile(rf"\s*(?:{_NUMBERS})(?:\s[A-Z]{{2,5}})?\s*")
TO_ALONE, SUBJECT_ALONE = (
    re.compile(rf"\s*(?:{names})\s?[:：]?\s*", re.IGNORECASE) for names in (words.TO, words.SUBJECT)
)


def marked_by_program(lines: list[str], roles: list[Header | None], index: int) -> bool:
    """Whether GroupWise, Notes or David begins the quoted mail here; Notes writes its headers below, and people write dates
    between dashes, too."""
    line = lines[index]
    if line.startswith(">>>") and GROUPWISE.fullmatch(line) is not None:
        return True
    if " david" in line and DAVID.fullmatch(line) is not None:
        return True
    if "---" in line and NOTES.fullmatch(line) is not None:
        below = [number for number in range(index + 1, min(index + 9, len(roles))) if lines[number].strip()]
        return any(roles[number] for number in below[:4])
    return index + 1 < len(lines) and _notes_head(lines, index)


def _notes_head(lines: list[str], index: int) -> bool:
    """Who and when on two lines, then "To" and "Subject" on lines of their own, above what they name. An address tells it
    from the head of a letter."""
    if not lines[index].strip() or not NUMBERS_ALONE.fullmatch(lines[index + 1]) or not TIME.search(lines[index + 1]):
        return False
    below = lines[index + 2 : index + 2 + NOTES_LINES]
    to = next((number for number, line in enumerate(below) if TO_ALONE.fullmatch(line)), None)
    named = any("@" in line for line in (lines[index], *below))
    return to is not None and named and any(SUBJECT_ALONE.fullmatch(line) for line in below[to + 1 :])


def first_marked(lines: list[str], roles: list[Header | None], index: int) -> int | None:
    """Where a quote that begins here with its headers, or the line of a program, has marked lines (">") below these, so that
    whatever is not marked any more is an answer. None where the program marks no line of the text: then marked ones are the
    quoted mail's own.
    """
    if lines[index].startswith(">") and is_reply_mark(lines, index):
        return index
    marked = lines[index].startswith(">") and GROUPWISE.fullmatch(lines[index]) is None
    blank, rest = False, 0
    for number in range(index + 1, min(index + 2 * HEADER_LINES, len(roles))):
        line = lines[number]
        if line.startswith(">") and (not marked or (roles[number] is None and line.strip("> "))):
            return number
        if not line.strip("> "):
            blank = True
        elif roles[number]:
            blank, rest = False, 0
        elif blank or rest == MOST_BETWEEN:
            return None
        else:
            rest += 1
    return None
