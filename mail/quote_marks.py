"""Lines that programs set above a quoted mail in forms of their own, without words like "wrote"."""

import re

from mail import quote_words as words
from mail.header_blocks import TIME, Header

MARKER = re.compile(r"##-.{0,200}-##")
"""Our own: above it is to be written."""
_DASHES = r"[-_=—–‐‑‒―]{2,80}"
_BLANK = r"(?:\s|&nbsp;){0,20}"
"""QQ writes those of HTML into its text."""
RULED = rf"[\s>]{{0,40}}{_DASHES}{_BLANK}(?:%s){_BLANK}{_DASHES}\s*"
ORIGINAL = re.compile(RULED % words.ORIGINAL, re.IGNORECASE)
CAPTION = re.compile(rf"[\s>]{{0,40}}{_DASHES}{_BLANK}[^\W\d_][^:\d]{{2,60}}?{_BLANK}{_DASHES}\s*")
"""Words between dashes."""
FORWARDED = re.compile(RULED % words.FORWARDED + rf"|[\s>]{{0,40}}(?:{words.FORWARD_BEGINS})\s?[:：]\s*", re.IGNORECASE)
RULES = "-_=—–‐‑‒―>"
"""With which a line of "Original Message" begins."""
_NUMBERS = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\.?,?\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?"
GROUPWISE = re.compile(rf">>>\s?.{{2,150}}?\s(?:{_NUMBERS})\s?>>>\s*")
""" ">>> Greta Gold 16.11.2026 10:30 >>>" """
NOTES = re.compile(rf"[\"'\w][^\n]{{1,120}}?\s?---\s?(?:{_NUMBERS})\s?---(?!-).{{0,300}}")
""" "Greta Gold ---16.11.2026 10:30:15---Try this." """
NOTES_LINES = 14
NUMBERS_ALONE = re.compile(rf"\s*(?:{_NUMBERS})(?:\s[A-Z]{{2,5}})?\s*")
TO_ALONE, SUBJECT_ALONE = (
    re.compile(rf"\s*(?:{names})\s?[:：]?\s*", re.IGNORECASE) for names in (words.TO, words.SUBJECT)
)


def marked_by_program(lines: list[str], roles: list[Header | None], index: int) -> bool:
    """Whether GroupWise or Notes begins the quoted mail here; Notes writes its headers below, and people write dates between
    dashes, too."""
    line = lines[index]
    if line.startswith(">>>"):
        return GROUPWISE.fullmatch(line) is not None
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
