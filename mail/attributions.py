"""What programs write above the mail that they quote: "On ... wrote:"."""

import re
from dataclasses import dataclass

from mail import quote_words as words
from mail.header_blocks import TIME, has_time
from mail.signatures import LETTERS

OF_A_DATE = words.LINKING | words.DAYS
"""Small words beside a name that are no words of a sentence."""

ATTRIBUTION_LINES = 6
LONGEST_ATTRIBUTION = 400
NEAR = 25
"""Characters before the date, where no word opens the attribution."""
COLONS = (":", "：", "՝")
ADDRESS = re.compile(
    r"[<(\[]?(?:mailto:)?[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]][^\s@<>()\[\],;:：]{0,254}+[>)\]]?(?=[\s,;:：>)\]]|$)"
)
DIGIT = re.compile(r"\d")
MONTH = r"[^\W\d]{3,12}"
WEEKDAY = r"(?:\b[^\W\d]{1,14}(?:-feira)?\.?,?\s+)?"
DATE = re.compile(
    rf"{WEEKDAY}\b\d{{1,2}}(?:\.|º|er|st|nd|rd|th)?\s+(?:de |d')?{MONTH}\.?,?\s+(?:de )?\d{{2,4}}(?:\b(?:\s?[гр]\.?)?|г\.?)"
    rf"|{WEEKDAY}\b{MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b"
    # As C writes it: `Tue Nov 24 10:30:15 2026`.
    rf"|{WEEKDAY}\b{MONTH}\s+\d{{1,2}}\s\d{{2}}:\d{{2}}:\d{{2}}\s\d{{4}}\b"
    rf"|{WEEKDAY}\b\d{{1,2}}[/-][^\W\d]{{3,9}}\.?[/-]\d{{2,4}}\b"
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
SAID = re.compile(rf"(?<![^\W_])(?:{words.SAID})(?![^\W\d_])", re.IGNORECASE)
IN_MESSAGE = re.compile(
    r"^[\s>]{0,40}(?:in|dans|en|nel|i)\s(?:[^\W\d]{1,3}[ '’])?(?:[^\W\d]{4,12}\s)?<[^<>\s]{3,250}>,?\s", re.IGNORECASE
)
"""Readers of news name the message that they quote."""
OF_A_MESSAGE = re.compile(
    r"^[\s>]{0,40}(?:in a message dated|in einer e-?mail vom|dans un (?:e-?mail|message) daté du|"
    r"en un mensaje con fecha)\s(?=.{0,20}\d)",
    re.IGNORECASE,
)
"""As AOL names its date."""
NUMBERS_AND_ADDRESS = re.compile(
    r"(?:\d{4}[/-]\d{1,2}[/-]\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})(?:,?\s\d{1,2}:\d{2}(?:\sGMT[+-]\d{2}:\d{2})?)?,?\s[^<>@]{1,80}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>"
)
WROTE_AT_LAST = re.compile(rf"(?:{words.WROTE})$", re.IGNORECASE)
SECONDS = re.compile(r"(?<!\d)\d{1,2}:\d{2}:\d{2}(?!\d)")
RULED_ATTRIBUTION = re.compile(r"\s{0,9}-{2,10}\s?(.{10,300}?)\s?-{2,10}\s{0,9}")
SENTENCE_END = re.compile(r"[^\W\d_]{3}[.!?]\s++[^\W\d_a-zà-ÿа-яё]")


@dataclass(frozen=True, slots=True)
class Attribution:
    """`sure`: only a program writes so, and all that follows is the quote, marked or not."""

    lines: int
    sure: bool


def attribution(lines: list[str], index: int) -> Attribution | None:
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
            if date_in(joined) is None or number > ATTRIBUTION_LINES:
                return None
            continue
        named = "@" in joined or "<" in joined or line.startswith("<")
        if number == 2 and date_in(joined) is None and not named:
            return None  # the last line of a paragraph, above an attribution
        joined = f"{joined} {line.strip()}".strip()
        length = number
        if len(joined) > LONGEST_ATTRIBUTION:
            return None
        if joined.endswith(COLONS):
            return _judged(joined, length)
    return None


def without_colon(lines: list[str], index: int) -> Attribution | None:
    """An attribution of those few programs that end it with no colon, on one line or two: by its seconds, or its form."""
    first = lines[index].strip()
    if (index and lines[index - 1].strip()) or not (first[0].isdigit() or OPENING.match(first)):
        return None
    second = lines[index + 1].strip() if index + 1 < len(lines) else ""
    for length, joined in ((1, first), (2, f"{first} {second}")):
        if len(joined) > LONGEST_ATTRIBUTION or "@" not in joined:
            continue
        if NUMBERS_AND_ADDRESS.fullmatch(joined):
            return Attribution(length, sure=False)
        if WROTE_AT_LAST.search(joined) and SECONDS.search(joined) and _by_day(joined, OPENING.match(joined)):
            return _judged(f"{joined}:", length)
    return None


def _judged(joined: str, length: int) -> Attribution | None:
    """Whether these words are an attribution, and not a sentence that ends with a colon."""
    joined = IN_MESSAGE.sub("", joined, count=1) if "<" in joined else joined
    joined = OF_A_MESSAGE.sub("On ", joined, count=1)
    if not _begins_as_one(joined):
        return None
    address = ADDRESS.search(joined) is not None
    date, time = date_in(joined) is not None, TIME.search(joined) is not None
    wrote, you = WROTE.search(joined), YOU_WROTE.search(joined)
    by_address = ENDS_WITH_AN_ADDRESS.search(joined) is not None or (
        date and time and BY_ADDRESS.search(joined) is not None
    )
    quoting = QUOTING.match(joined) is not None
    said = SAID.search(joined) if address and date and wrote is None else None
    if not (wrote or by_address or quoting or you or said or (address and date and has_time(joined))):
        return None
    if you:  # a person says so, too, above what they tell in their own words
        return Attribution(length, sure=False) if date and time else None
    bare = ADDRESS.sub(" ", joined)
    opening = OPENING.match(bare)
    bare = bare[opening.end() :] if opening else bare
    bare = WROTE.sub(" ", TIME.sub(" ", DATE.sub(" ", SAID.sub(" ", bare) if said else bare)))
    names = LETTERS.findall(bare)
    small = [name for name in names if name[0].islower() and name.casefold() not in OF_A_DATE]
    spoken = {name.casefold() for name in names if name[0].islower() or name in words.CAPITAL_PRONOUNS}
    if spoken & words.OF_A_SENTENCE - OF_A_DATE:
        return None
    if address:
        fits = len(names) <= 14 and len(small) <= (4 if wrote or by_address or quoting else 2)
        return (
            Attribution(length, sure=(wrote is not None or quoting or (by_address and date and said is None)))
            if fits
            else None
        )
    dated = date or NAMED_DAY.search(joined) is not None
    if dated and time:
        return Attribution(length, sure=_by_day(joined, opening) and not small) if len(small) <= 2 else None
    if len(names) > 6 or small:
        return None
    return Attribution(length, sure=dated and date and _by_day(joined, opening))


def date_in(text: str, start: int = 0) -> re.Match[str] | None:
    return DATE.search(text, start) if DIGIT.search(text, start) else None


def _begins_as_one(joined: str) -> bool:
    """Whether it begins with a date or a name with its address, and not with words of the paragraph above it."""
    date, address = date_in(joined), ADDRESS.search(joined)
    if address is not None and any(
        other[0].strip("<>()[]").removeprefix("mailto:") not in address[0] for other in ADDRESS.finditer(joined)
    ):
        return False
    again = date_in(joined, date.end()) if date is not None else None
    if again is not None and not DOTTED_TIME.fullmatch(again[0].strip()):
        return False
    begins = min((found.start() for found in (date, address) if found), default=0)
    head = joined[:begins]
    if address is None or (date is not None and date.start() < address.start()):
        opening = OPENING.match(head)
        named = LETTERS.findall(WROTE.sub(" ", head[opening.end() :] if opening else head))
        small = [word for word in named if word[0].islower() and word.casefold() not in OF_A_DATE]
        return not small and (len(head) <= NEAR or opening is not None)
    return SENTENCE_END.search(head) is None and len(LETTERS.findall(head)) <= 8


def _by_day(joined: str, opening: re.Match[str] | None) -> bool:
    """Whether the day of the week stands before the date: programs tell it, people hardly ever."""
    rest = joined[opening.end() :] if opening else joined
    found = WEEKDAY_FIRST.match(rest)
    return found is not None and DATE.match(rest) is not None
