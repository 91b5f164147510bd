"""Signatures, and the advertisements of devices and programs, at the end of a text or above a quote."""

import re

from mail import quote_words as words

SIGNATURE_LINES = 12
"""Lines below "-- ". A longer text is no signature."""
SIGNATURE = re.compile(r"--\s?")
"""Without its blank, which gateways cut off, only below a blank line: a line is drawn so, too."""
POSTSCRIPT = re.compile(
    r"\s{0,9}(?:(?:p\.?\s?){1,2}[sd]|n\.?b|з\.?\s?ы|追伸|附)\.?\s?(?:[:：–-]|(?<=\.)\s?\w)", re.IGNORECASE
)
"""Own words, though they stand below a signature."""
DEVICE = re.compile(
    rf"\s{{0,9}}(?:(?:(?:{words.SENT_FROM})\b|{words.SENT_FROM_UNSPACED}).{{0,60}}?(?:{words.DEVICES})\b(?:\]?[(<]https?://[^\s()<>]{{1,80}}[)>])?[^.!?]{{0,40}}[.!]?(?:\s?<?https?://\S{{1,80}}>?)?"
    rf"|.{{0,40}}(?:{words.DEVICES}).{{0,25}}(?:{words.SENT_FROM_BEHIND})[.。]?"
    rf"|(?:{words.GET_OUTLOOK}).{{0,40}}(?:https?://\S{{1,80}}.{{0,3}})?)\s{{0,9}}",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")


def _device(line: str) -> bool:
    """A program's advertisement, and not a sentence that begins like one."""
    if DEVICE.fullmatch(line) is None:
        return False
    return words.OF_A_SENTENCE.isdisjoint(
        {word.casefold() for word in LETTERS.findall(line)} - words.LINKING - words.POSSESSIVE
    )


def signature_start(lines: list[str], end: int) -> int:
    """The index where a signature or a device's advertisement begins before `end`; else `end`."""
    start = end
    while start and (not lines[start - 1].strip() or _device(lines[start - 1])):
        start -= 1
    for index in range(start - 1, max(start - 1 - SIGNATURE_LINES, -1), -1):
        if SIGNATURE.fullmatch(lines[index]):
            bare = not lines[index].endswith(" ") and bool(lines[max(0, index - 1)].strip())
            # Marked lines below it are a quote, which own words may follow.
            said = any(POSTSCRIPT.match(line) or line.startswith(">") for line in lines[index:start])
            return start if bare or said else index
    return start
