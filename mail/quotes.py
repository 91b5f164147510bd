"""What a reply says by itself, apart from the mail that it quotes. Nothing is deleted: the tail is shown folded.

The first rule: own words are never folded. A quote that is shown is worth less than a word that is hidden, so that a
phrase counts only with evidence beside it: marked lines, an address, a date as programs write it.

One pass over the lines, of each only the first 400 characters: the libraries for this lose text, or hang for minutes on
a hostile mail.
"""

import re

from mail import quote_words as words
from mail.attributions import ATTRIBUTION_LINES, COLONS, WROTE, attribution, date_in, without_colon
from mail.header_blocks import (
    HEADER_LINES,
    RULE,
    TIME,
    Header,
    by_program,
    is_header_block,
    role_of,
    told_by,
    with_its_rule,
)
from mail.quote_marks import CAPTION, FORWARDED, ORIGINAL, RULES, first_marked, marked_by_program
from mail.reply_marks import is_reply_mark
from mail.run_together import run_together
from mail.signatures import LETTERS, signature_start
from mail.subjects import answers, passed_on, subject_stem

LOOKED_AT = 400
"""Characters of a line; an attribution is shorter."""
MOST_LINES = 5000
"""Lines in which the beginning of a quote is looked for. Nobody writes more above one, and a page of the timeline shows many
mails."""
UNSEEN = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, *range(0x2060, 0x2065), 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""Marks of direction, with which programs surround names."""
ABOVE_A_BLOCK = 4
"""Lines above a header block, other headers among them, in which its caption stands."""
NUMBER = re.compile(r"\[[^\[\]]{1,60}\]")
"""As desks put the numbers of their cases into subjects."""
BELOW_ORIGINAL = 4
"""Lines with words below "Original Message", in which the quoted mail's headers begin, or what is said of it."""


def strip_quote(text: str, subject: str = "", parent: str | None = None) -> tuple[str, str]:
    """`text` as (visible, quoted tail). Own words below quoted ones are an answer between the lines: all visible. So is
    what is passed on, as `subject` may tell ("Fwd: ..."). `parent`: the mail that it names as the one it answers.
    Where neither that nor the subject is an answer's, a header block about something else is the matter itself, as forms,
    faxes and people who ask about a mail write it.
    """
    if passed_on(subject, text):
        return text, ""
    lines = text.split("\n")
    looked = [line[:LOOKED_AT].translate(UNSEEN) for line in lines]
    answer = answers(subject)
    stem = subject_stem(subject)
    cut = _quote_start(looked, None if parent or not subject or answer else stem, stem if answer else "")
    signature = signature_start(looked, cut)
    if not any(line.strip() and RULE.fullmatch(line) is None for line in lines[:signature]):
        return text, ""
    end = next(index for index in range(signature, 0, -1) if lines[index - 1].strip())
    return "\n".join(lines[:end]), "\n".join(lines[signature:]).strip("\n")


def _quote_start(lines: list[str], matter: str | None, stem: str) -> int:
    """The index of the first line of the quote, or the number of lines. `matter`: the stem of a subject that is no answer's;
    `stem`: that of one that is."""
    # A signature below the quote is no answer to it.
    own = signature_start(lines, len(lines))
    last_words, last_marked = _last(lines[:own], marked=False), _last(lines, marked=True)
    roles = [role_of(line) for line in lines[: MOST_LINES + HEADER_LINES]]
    colons = _next_colons(lines[: MOST_LINES + ATTRIBUTION_LINES])
    listed = False
    for index, line in enumerate(lines[:MOST_LINES]):
        bare = line.strip()
        if not bare:
            continue
        colon = any(sign in bare for sign in COLONS)
        if (colon or bare[0] in RULES) and FORWARDED.fullmatch(line):
            return len(lines)
        if is_reply_mark(lines, index) and not _answered(lines, roles, index, last_words):
            return with_its_rule(lines, index)
        if bare[0] in RULES and ORIGINAL.fullmatch(line) and _tells_of_a_mail(lines, roles, index + 1):
            if _introduced(lines, index):
                return len(lines)
            if not _answered(lines, roles, index, last_words):
                return index
        if bare[0] in RULES and ORIGINAL.match(line) and run_together(lines, index):
            if _introduced(lines, index):
                return len(lines)
            if not _answered(lines, roles, index, last_words):
                return index
        if marked_by_program(lines, roles, index) and not _answered(lines, roles, index, last_words):
            return index
        if roles[index]:
            above = with_its_rule(lines, index)
            block = slice(index, min(index + HEADER_LINES, len(roles)))
            head: list[Header | None] = [*run_together(lines, index, stem)]
            if not head and is_header_block(lines[block], roles[block], ruled=above < index, answered=stem):
                head = roles[block]
            if head:
                own = _introduced(lines, above) or _captioned(lines, roles, above)
                if own or _another_matter(head, matter):
                    return len(lines)
                if not _answered(lines, roles, index, last_words):
                    return above
        if min(last_marked, last_words) > index + ATTRIBUTION_LINES:
            continue  # marked lines and own words alternate below, whatever stands here
        near = colons[index] <= index + ATTRIBUTION_LINES or bare[0] == "-"
        found = (attribution(lines, index) if near else None) or without_colon(lines, index)
        if found is not None:
            after = index + found.lines
            marked, answered = last_marked >= after, last_words >= after
            # Some programs mark no line of the quote: then all that follows is taken for it. Where marked lines and own
            # words alternate, it is an answer between the lines.
            if marked and not answered and _marked(lines, after):
                return index
            if found.sure and (not marked or not answered):
                return index
        if line.startswith(">") and _captions_a_mail(lines, roles, index):
            return len(lines)
        if line.startswith(">") and index > last_words:
            listed = _announced(lines, index, already=listed)
            if not listed:
                return index
    return len(lines)


def _answered(lines: list[str], roles: list[Header | None], index: int, last_words: int) -> bool:
    """Whether own words stand below marked lines of the quote that begins here: an answer below it, or between its lines."""
    marked = first_marked(lines, roles, index)
    return marked is not None and last_words > marked


def _introduced(lines: list[str], index: int) -> bool:
    """Whether own words right above say that what follows is to be read: "This is what came:", "New message from the form:"."""
    above = next((line.strip() for line in reversed(lines[max(0, index - 3) : index]) if line.strip()), "")
    return above.endswith(COLONS) and role_of(above) is None


def _captioned(lines: list[str], roles: list[Header | None], index: int) -> bool:
    """Whether words between dashes stand above, and none that say "original message": then they say, in whatever language,
    that a mail is passed on."""
    looked = range(index - 1, max(-1, index - 1 - ABOVE_A_BLOCK), -1)
    above = next((lines[number] for number in looked if lines[number].strip() and roles[number] is None), "")
    return CAPTION.fullmatch(above) is not None and ORIGINAL.fullmatch(above) is None


def _captions_a_mail(lines: list[str], roles: list[Header | None], index: int) -> bool:
    """The same of a line that is marked, as is all that it stands above."""
    if CAPTION.fullmatch(lines[index]) is None or ORIGINAL.fullmatch(lines[index]) is not None:
        return False
    below = next((number for number in range(index + 1, min(index + ABOVE_A_BLOCK, len(roles))) if roles[number]), None)
    if below is None:
        return False
    block = slice(below, min(below + HEADER_LINES, len(roles)))
    return is_header_block(lines[block], roles[block], ruled=True, answered="")


def _another_matter(block: list[Header | None], matter: str | None) -> bool:
    """Whether a header block tells of another mail than the one that this answers, if any: `matter` as of `_quote_start`. A
    moment with its weekday was written by a mail program above what it quotes, whatever the subject."""
    told = told_by(block)
    if matter is None or by_program(told.get("sent", ""), ruled=False):
        return False
    return subject_stem(NUMBER.sub(" ", told.get("subject", ""))) != subject_stem(NUMBER.sub(" ", matter))


def _tells_of_a_mail(lines: list[str], roles: list[Header | None], start: int) -> bool:
    """Whether the headers of a mail stand here, what was said of it, or its marked lines; else "-----Original Message-----"
    is a heading of somebody's own."""
    below = [number for number in range(start, min(start + 3 * BELOW_ORIGINAL, len(roles))) if lines[number].strip()]
    return not below or any(
        roles[number] or lines[number].startswith(">") or "@" in lines[number] or date_in(lines[number]) is not None
        for number in below[:BELOW_ORIGINAL]
    )


def _announced(lines: list[str], index: int, *, already: bool) -> bool:
    """Whether own words announce the marked lines here, or did `already` above: then they are a list ("These are missing:").
    Attributions in words that nobody knows have an address, a date or a time."""
    above = next((line for line in reversed(lines[max(0, index - 4) : index]) if line.strip()), "")
    if above.startswith(">"):
        return already
    if not above.rstrip().endswith(COLONS) or "@" in above:
        return False
    if not words.OF_A_SENTENCE.isdisjoint(LETTERS.findall(above)):
        return True  # no program says "your"
    return WROTE.search(above) is None and date_in(above) is None and TIME.search(above) is None


def _next_colons(lines: list[str]) -> list[int]:
    """For each line the next that ends with a colon, without which nothing is an attribution: most texts have few."""
    found = [0] * len(lines)
    following = len(lines) + MOST_LINES
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].rstrip().endswith(COLONS):
            following = index
        found[index] = following
    return found


def _last(lines: list[str], *, marked: bool) -> int:
    """The index of the last line that begins with ">", or of the last that neither does so nor is blank; or -1."""
    found = (index for index in range(len(lines) - 1, -1, -1) if lines[index].strip())
    return next((index for index in found if lines[index].startswith(">") is marked), -1)


def _marked(lines: list[str], index: int) -> bool:
    """Whether the next line that is not blank is marked."""
    return next((line.startswith(">") for line in lines[index : index + 4] if line.strip()), False)
