"""What a reply says by itself, apart from the mail that it quotes. Nothing is deleted: the tail is shown folded.

The first rule: own words are never folded. A quote that is shown is worth less than a word that is hidden, so that a
phrase counts only with evidence beside it: marked lines, an address, a date as programs write it.

One pass over the lines, of each only the first 400 characters: the libraries for this lose text, or hang for minutes on
a hostile mail.
"""

import re
from dataclasses import dataclass

from mail import quote_words as words
from mail.header_blocks import (
    HEADER_LINES,
    TIME,
    Header,
    by_program,
    has_time,
    is_header_block,
    role_of,
    told_by,
    with_its_rule,
)
from mail.quote_marks import CAPTION, FORWARDED, MARKER, ORIGINAL, RULES, marked_by_program
from mail.signatures import LETTERS, signature_start
from mail.subjects import answers, passed_on, subject_stem

LOOKED_AT = 400
"""Characters of a line; an attribution is shorter."""
MOST_LINES = 5000
"""Lines in which the beginning of a quote is looked for. Nobody writes more above one, and a page of the timeline shows many
mails."""
ATTRIBUTION_LINES = 6
LONGEST_ATTRIBUTION = 400
NEAR = 25
"""Characters before the date, where no word opens the attribution."""
UNSEEN = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, *range(0x2060, 0x2065), 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""Marks of direction, with which programs surround names."""
COLONS = (":", "：", "՝")
ABOVE_A_BLOCK = 4
"""Lines above a header block, other headers among them, in which its caption stands."""
NUMBER = re.compile(r"\[[^\[\]]{1,60}\]")
"""As desks put the numbers of their cases into subjects."""
BELOW_ORIGINAL = 4
"""Lines with words below "Original Message", in which the quoted mail's headers begin, or what is said of it."""
ADDRESS = re.compile(
    r"[<(\[]?(?:mailto:)?[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]][^\s@<>()\[\],;:：]{0,254}+[>)\]]?(?=[\s,;:：>)\]]|$)"
)
DIGIT = re.compile(r"\d")
MONTH = r"[^\W\d]{3,12}"
WEEKDAY = r"(?:\b[^\W\d]{1,14}(?:-feira)?\.?,?\s+)?"
DATE = re.compile(
    rf"{WEEKDAY}\b\d{{1,2}}(?:\.|º|er|st|nd|rd|th)?\s+(?:de |d')?{MONTH}\.?,?\s+(?:de )?\d{{2,4}}\b(?:\s?[гр]\.?)?"
    rf"|{WEEKDAY}\b{MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b"
    rf"|{WEEKDAY}(?<!\d)\d{{1,4}}[./-]\s?\d{{1,2}}[./-]\s?\d{{2,4}}(?!\d)\.?"
    # In scripts whose vowels are no letters to a pattern.
    r"|\b\d{1,2}\s[\u0530-\u1fff॰.]{2,14},?\s\d{4}\b|\b\d{4} оны \d{1,2}-р сарын \d{1,2}"
    rf"|\b\d{{4}}\.\s{MONTH}\.?\s\d{{1,2}}\.?"
    r"|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]?(?:\s?[(（][^\s)）]{1,5}[)）])?(?:\s?[^\W\d]{1,3}(?:曜日|요일))?",
    re.IGNORECASE,
)
NAMED_DAY = re.compile(r"\b(?:[a-zé]{3,6}day|\w{2,9}tag|mittwoch)\b", re.IGNORECASE)
WEEKDAY_FIRST = re.compile(r"[^\W\d]{2,14}\.?,?\s+(?=.{0,12}\d)")
OPENING = re.compile(rf"[\s>]{{0,40}}(?:{words.OPENING})\s", re.IGNORECASE)
WROTE = re.compile(rf"(?<![^\W_])(?:{words.WROTE})(?![^\W\d_])|{words.WROTE_UNSPACED}", re.IGNORECASE)
QUOTING = re.compile(rf"[\s>]{{0,40}}(?:{words.QUOTING})\s", re.IGNORECASE)
ENDS_WITH_AN_ADDRESS = re.compile(r"@[^\s@<>]{1,255}[>)\]]\s?[:：]$")
BY_ADDRESS = re.compile(
    r"\s(?:von|by|from|от|від|de|par|da|por|van|od|av|af|door|przez)\s[^\s@<>]{1,64}@[^\s@<>:]{1,255}\s?:$"
)
"""Without brackets, where the date stands first."""
DOTTED_TIME = re.compile(r"\d{1,2}\.\d{2}\.\d{2}")
YOU_WROTE = re.compile(rf"(?<![^\W_])(?:{words.YOU_WROTE})(?![^\W\d_])", re.IGNORECASE)
RULED_ATTRIBUTION = re.compile(r"\s{0,9}-{2,10}\s(.{10,300}?)\s-{2,10}\s{0,9}")
SENTENCE_END = re.compile(r"[^\W\d_]{3}[.!?]\s++[^\W\d_a-zà-ÿа-яё]")


@dataclass(frozen=True, slots=True)
class _Attribution:
    """`sure`: only a program writes so, and all that follows is the quote, marked or not."""

    lines: int
    sure: bool


def strip_quote(text: str, subject: str = "", parent: str | None = None) -> tuple[str, str]:
    """`text` as (visible, quoted tail). Own words below quoted ones are an answer between the lines: all visible. So is
    what is passed on, as `subject` may tell ("Fwd: ..."). `parent`: the mail that it names as the one it answers.
    Where neither that nor the subject is an answer's, a header block about something else is the matter itself, as forms,
    faxes and people who ask about a mail write it.
    """
    if passed_on(subject):
        return text, ""
    lines = text.split("\n")
    looked = [line[:LOOKED_AT].translate(UNSEEN) for line in lines]
    answer = answers(subject)
    stem = subject_stem(subject)
    cut = _quote_start(looked, None if parent or not subject or answer else stem, stem if answer else "")
    signature = signature_start(looked, cut)
    if not any(line.strip() for line in lines[:signature]):
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
        if "##-" in bare and MARKER.search(line):
            return index
        if bare[0] in RULES and ORIGINAL.fullmatch(line) and _tells_of_a_mail(lines, roles, index + 1):
            return len(lines) if _introduced(lines, index) else index
        if marked_by_program(lines, roles, index):
            return index
        if roles[index]:
            above = with_its_rule(lines, index)
            block = slice(index, min(index + HEADER_LINES, len(roles)))
            if is_header_block(lines[block], roles[block], ruled=above < index, answered=stem):
                own = _introduced(lines, above) or _captioned(lines, roles, above)
                return len(lines) if own or _another_matter(roles[block], matter) else above
        if min(last_marked, last_words) > index + ATTRIBUTION_LINES:
            continue  # marked lines and own words alternate below, whatever stands here
        near = colons[index] <= index + ATTRIBUTION_LINES or bare[0] == "-"
        found = _attribution(lines, index) if near else None
        if found is not None:
            after = index + found.lines
            marked, answered = last_marked >= after, last_words >= after
            # Some programs mark no line of the quote: then all that follows is taken for it. Where marked lines and own
            # words alternate, it is an answer between the lines.
            if marked and not answered and _marked(lines, after):
                return index
            if found.sure and (not marked or not answered):
                return index
        if line.startswith(">") and index > last_words:
            listed = _announced(lines, index, already=listed)
            if not listed:
                return index
    return len(lines)


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
        roles[number] or lines[number].startswith(">") or "@" in lines[number] or _date(lines[number]) is not None
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
    return WROTE.search(above) is None and _date(above) is None and TIME.search(above) is None


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


def _attribution(lines: list[str], index: int) -> _Attribution | None:
    """An attribution that begins here, over at most six lines: "On ... wrote:", or, where a language puts it otherwise, a
    paragraph that ends so, or with an address and a colon."""
    first = lines[index]
    if found := RULED_ATTRIBUTION.fullmatch(first):
        return _judged(f"{found[1]}:", 1)
    begins_paragraph = index == 0 or not lines[index - 1].strip()
    if not (begins_paragraph or OPENING.match(first) or DATE.match(first.lstrip())):
        return None
    joined, length = "", 0
    for number, line in enumerate(lines[index : index + ATTRIBUTION_LINES + 1], 1):
        if not line.strip():
            # Torn apart: only where what came so far can be nothing else.
            if _date(joined) is None or number > ATTRIBUTION_LINES:
                return None
            continue
        named = "@" in joined or "<" in joined or line.startswith("<")
        if number == 2 and _date(joined) is None and not named:
            return None  # the last line of a paragraph, above an attribution
        joined = f"{joined} {line.strip()}".strip()
        length = number
        if len(joined) > LONGEST_ATTRIBUTION:
            return None
        if joined.endswith(COLONS):
            return _judged(joined, length)
    return None


def _judged(joined: str, length: int) -> _Attribution | None:
    """Whether these words are an attribution, and not a sentence that ends with a colon."""
    if not _begins_as_one(joined):
        return None
    address = ADDRESS.search(joined) is not None
    date, time = _date(joined) is not None, TIME.search(joined) is not None
    wrote, you = WROTE.search(joined), YOU_WROTE.search(joined)
    by_address = ENDS_WITH_AN_ADDRESS.search(joined) is not None or (
        date and time and BY_ADDRESS.search(joined) is not None
    )
    quoting = QUOTING.match(joined) is not None
    if not (wrote or by_address or quoting or you or (address and date and has_time(joined))):
        return None
    if you:  # a person says so, too, above what they tell in their own words
        return _Attribution(length, sure=False) if date and time else None
    bare = ADDRESS.sub(" ", joined)
    opening = OPENING.match(bare)
    bare = bare[opening.end() :] if opening else bare
    bare = WROTE.sub(" ", TIME.sub(" ", DATE.sub(" ", bare)))
    names = LETTERS.findall(bare)
    small = [name for name in names if name[0].islower() and name.casefold() not in words.LINKING]
    said = {name.casefold() for name in names if name[0].islower() or name in words.CAPITAL_PRONOUNS}
    if said & words.OF_A_SENTENCE - words.LINKING:
        return None
    if address:
        fits = len(names) <= 14 and len(small) <= (4 if wrote or by_address or quoting else 2)
        return _Attribution(length, sure=(wrote is not None or quoting or (by_address and date))) if fits else None
    dated = date or NAMED_DAY.search(joined) is not None
    if dated and time:
        return _Attribution(length, sure=_by_day(joined, opening) and not small) if len(small) <= 2 else None
    if len(names) > 6 or small:
        return None
    return _Attribution(length, sure=dated and date and _by_day(joined, opening))


def _date(text: str, start: int = 0) -> re.Match[str] | None:
    return DATE.search(text, start) if DIGIT.search(text, start) else None


def _begins_as_one(joined: str) -> bool:
    """Whether it begins with a date or a name with its address, and not with words of the paragraph above it."""
    date, address = _date(joined), ADDRESS.search(joined)
    if address is not None and any(
        other[0].strip("<>()[]").removeprefix("mailto:") not in address[0] for other in ADDRESS.finditer(joined)
    ):
        return False
    again = _date(joined, date.end()) if date is not None else None
    if again is not None and not DOTTED_TIME.fullmatch(again[0].strip()):
        return False
    begins = min((found.start() for found in (date, address) if found), default=0)
    head = joined[:begins]
    if address is None or (date is not None and date.start() < address.start()):
        opening = OPENING.match(head)
        named = LETTERS.findall(WROTE.sub(" ", head[opening.end() :] if opening else head))
        small = [word for word in named if word[0].islower() and word.casefold() not in words.LINKING]
        return not small and (len(head) <= NEAR or opening is not None)
    return SENTENCE_END.search(head) is None and len(LETTERS.findall(head)) <= 8


def _by_day(joined: str, opening: re.Match[str] | None) -> bool:
    """Whether the day of the week stands before the date: programs tell it, people hardly ever."""
    rest = joined[opening.end() :] if opening else joined
    found = WEEKDAY_FIRST.match(rest)
    return found is not None and DATE.match(rest) is not None
