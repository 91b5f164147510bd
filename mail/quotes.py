"""What a reply says by itself, apart from the mail that it quotes. Nothing is deleted: the tail is shown folded.

One pass over the lines, of each only the first 400 characters: the libraries for this lose text, or hang for minutes on
a hostile mail.
"""

import re

LOOKED_AT = 400
"""Characters of a line; an attribution is shorter."""
ATTRIBUTION_LINES = 3
HEADER_LINES = 6
"""In which at least three of an Outlook header block must stand."""
SIGNATURE_LINES = 12
"""Below "-- ": more is no signature."""

MARKER = re.compile(r"##-.{0,200}-##")
ORIGINAL = re.compile(
    r"\s*[-_]{2,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original|forwarded message|"
    r"weitergeleitete nachricht|original-nachricht)\s*[-_]{2,}\s*",
    re.IGNORECASE,
)
HEADER = re.compile(
    r"[\s>*]*(from|von|de|sent|gesendet|envoyé|date|datum|to|an|à|cc|subject|betreff|objet)\s?\*?:\*?\s?.*",
    re.IGNORECASE,
)
OPENING = re.compile(r"[\s>]*(on|am|le|el|il|op|den)\s", re.IGNORECASE)
CLOSING = re.compile(r"\b(wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev)\b.{0,200}:\s*$", re.IGNORECASE)
DATED = re.compile(
    r"\d{1,4}[./-]\d{1,2}|\d{1,2}[:.]\d{2}|\b(19|20)\d{2}\b|\b[a-zäé]{3,9}day\b|\b\w{2,9}tag\b", re.IGNORECASE
)
SIGNATURE = re.compile(r"--\s?")
DEVICE = re.compile(
    r"\s*(sent from (my|mail for|outlook)\b.*|get outlook for .*|(von|mit) meine[mr]? .{1,60} gesendet\.?|"
    r"gesendet mit .*|diese nachricht wurde von meinem .* gesendet.*)",
    re.IGNORECASE,
)


def strip_quote(text: str) -> tuple[str, str]:
    """`text` as (visible, quoted tail). Own words below quoted ones are an answer between the lines: all visible."""
    lines = text.split("\n")
    looked = [line[:LOOKED_AT] for line in lines]
    cut = _quote_start(looked)
    signature = _signature_start(looked, cut)
    if not any(line.strip() for line in lines[:signature]):
        return text, ""
    return "\n".join(lines[:signature]).rstrip(), "\n".join(lines[signature:]).strip("\n")


def _quote_start(lines: list[str]) -> int:
    """The index of the first line of the quote, or the number of lines."""
    last_words, last_marked = _last(lines, marked=False), _last(lines, marked=True)
    for index, line in enumerate(lines):
        if MARKER.search(line) or ORIGINAL.fullmatch(line):
            return index
        if _is_header_block(lines, index):
            # Outlook draws a line above; it belongs to the quote.
            above = index - 1 if index and re.fullmatch(r"\s*[_-]{5,}\s*", lines[index - 1]) else index
            return above
        length = _attribution(lines, index)
        # Some programs mark no line of the quote: then all that follows is taken for it. Where marked lines and own
        # words alternate, it is an answer between the lines.
        if length and (last_marked < index + length or last_words < index + length):
            return index
        if line.startswith(">") and index > last_words:
            return index
    return len(lines)


def _last(lines: list[str], *, marked: bool) -> int:
    """The index of the last line that begins with ">", or of the last that neither does so nor is blank; or -1."""
    found = (index for index in range(len(lines) - 1, -1, -1) if lines[index].strip())
    return next((index for index in found if lines[index].startswith(">") is marked), -1)


def _is_header_block(lines: list[str], index: int) -> bool:
    if not HEADER.fullmatch(lines[index]):
        return False
    return sum(HEADER.fullmatch(line) is not None for line in lines[index : index + HEADER_LINES]) >= 3


def _attribution(lines: list[str], index: int) -> int:
    """How many lines an "On ... wrote:" with a date takes from here; 0 if there is none."""
    if not OPENING.match(lines[index]):
        return 0
    for length in range(1, ATTRIBUTION_LINES + 1):
        joined = " ".join(lines[index : index + length])
        if CLOSING.search(joined):
            return length if DATED.search(joined) else 0
    return 0


def _signature_start(lines: list[str], end: int) -> int:
    """The index where a signature or a device's advertisement begins before `end`; else `end`."""
    start = end
    while start and (not lines[start - 1].strip() or DEVICE.fullmatch(lines[start - 1])):
        start -= 1
    for index in range(start - 1, max(start - 1 - SIGNATURE_LINES, -1), -1):
        if SIGNATURE.fullmatch(lines[index]):
            return index
    return start
