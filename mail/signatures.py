"""Signatures, and the advertisements of devices and programs, at the end of a text or above a quote."""

import re

from mail import device_words as devices
from mail import quote_words as words
from mail.apologies import is_apology, without_apology

SIGNATURE_LINES = 12
"""Lines below "-- ". A longer text is no signature."""
SIGNATURE = re.compile(r"--\s?")
"""Without its blank, which gateways cut off, only below a blank line or a quote, and above no sentence: a line is drawn
so, too."""
DRAWN = re.compile(r"\s{0,3}(?:[-–—_=~*]\s{0,2}){1,80}")
"""What stands for it in other programs, right below a quote."""
FEWEST_OF_A_SENTENCE = 4
"""Words."""
DRAWN_LINES = 6
POSTSCRIPT = re.compile(
    r"\s{0,9}(?:(?:p\.?\s?){1,2}[sd]|n\.?b|з\.?\s?ы|追伸|附)\.?\s?(?:[:：–-]|(?<=\.)\s?\w)", re.IGNORECASE
)
"""Own words, though they stand below a signature."""
_LINK = r"<?https?://\S{1,80}>?"
_AROUND = "|".join(
    rf"{before}.{{0,30}}(?:{devices.DEVICES}){behind}[.。!]?" for before, behind in devices.SENT_FROM_AROUND
)
DEVICE = re.compile(
    rf"\s{{0,9}}(?:(?:(?:{devices.SENT_FROM})\b|{devices.SENT_FROM_UNSPACED})"
    rf"(?P<named>\s?:?[^,;:!?]{{0,60}}?(?:{devices.DEVICES})\b(?:\]?[(<]https?://[^\s()<>]{{1,80}}[)>])?[^.!?]{{0,40}})[.!]?"
    rf"(?:\s?{_LINK})?"
    rf"|.{{0,40}}(?:{devices.DEVICES}).{{0,25}}(?:{devices.SENT_FROM_BEHIND})[.。]?|{_AROUND}"
    rf"|(?:{devices.GET_OUTLOOK})(?P<system>.{{0,40}})(?:https?://\S{{1,80}}.{{0,3}})?)\s{{0,9}}",
    re.IGNORECASE,
)
_FOR_SYSTEM = rf"\s(?:{devices.FOR_SYSTEM})\s(?:{devices.SYSTEMS})"
PROGRAM = re.compile(
    rf"\s{{0,9}}(?:(?:(?:{devices.SENT_FROM})\b[ ’']?|l[’'])"
    rf"(?:(?:{devices.PROGRAMS})(?:{_FOR_SYSTEM}|\sios|\sandroid)?|(?:{devices.MAILS}){_FOR_SYSTEM})|{devices.ALONE})"
    rf"[.!]?(?:\s?[(|–-]?\s?(?:{_LINK}|www\.\S{{1,60}})[)]?)?\s{{0,9}}",
    re.IGNORECASE,
)
"""One whose name is a word, or no word of a device: it stands alone."""
DEVICE_NAME = re.compile(rf"(?:{devices.DEVICES})", re.IGNORECASE)
LINK = re.compile(r"https?://\S{1,200}")
LINK_BETWEEN = re.compile(r"\s?[<(\[]https?://[^\s<>()\[\]]{1,200}[>)\]]\s?")
UNKNOWN_WORDS = 1
"""Small words that an advertisement may have in a language that nobody has listed."""
IN_BRACKETS = re.compile(r"\s{0,9}(?:\(([^()]*)\)|\[([^\[\]]*)\]|<{1,2}([^<>]*)>{1,2})\s{0,9}")
DASHES = re.compile(r"(?:--|—)\s?(?=\w)")
"""With the name behind them, and not below them."""
WORDS_OF_A_NAME = 6
OF_ANSWERS = frozenset(
    re.split(
        r"\s+",
        """
        yes yep no nope ok okay done fixed works solved please thanks thank danke dank bitte gern gerne ja nein erledigt passt
        oui non merci bien fait sí si gracias hecho sim não obrigado obrigada feito grazie fatto nee klopt gedaan nej tack
        klart tak takk kyllä ei kiitos tak nie dziękuję ano ne děkuji да нет спасибо готово
        """.strip(),
    )
)
PARTICLES = frozenset(
    ("von", "van", "der", "den", "de", "del", "della", "di", "da", "dos", "la", "le", "el", "bin", "zu", "af", "i")
)
LETTERS = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")


def _device(line: str) -> bool:
    """A program's advertisement, and not a sentence that begins like one."""
    bracketed = IN_BRACKETS.fullmatch(line)
    line = without_apology(bracketed[bracketed.lastindex] if bracketed and bracketed.lastindex else line)
    if PROGRAM.fullmatch(line):
        return True
    # A link stands behind the program's name in any place of the sentence: "Outlook für iOS<https://aka.ms/...> beziehen".
    found = DEVICE.fullmatch(line) or DEVICE.fullmatch(LINK_BETWEEN.sub(" ", line))
    if found is None:
        return False
    said = {word.casefold() for word in LETTERS.findall(line if found["system"] is None else found["system"])}
    if (said - words.LINKING - devices.POSSESSIVE) & words.OF_A_SENTENCE:
        return False
    named = LETTERS.findall(LINK.sub(" ", found["named"] or found["system"] or ""))
    if not devices.NEVER_OF_ADVERTISEMENTS.isdisjoint(word.casefold() for word in named):
        return False
    known = devices.OF_ADVERTISEMENTS | devices.POSSESSIVE
    small = [word for word in named if word[0].islower() and word not in known and DEVICE_NAME.match(word) is None]
    return len(small) <= UNKNOWN_WORDS


def _apologises(lines: list[str], index: int) -> bool:
    return index > 0 and is_apology(lines[index]) and _device(lines[index - 1])


def _named(line: str) -> bool:
    """Whether a name stands behind the dashes: words that all begin as names do, and end no sentence. One alone may be an
    answer ("-- Done")."""
    dashes = DASHES.match(line)
    said = line[dashes.end() :].split() if dashes else []
    capital = all(not word[0].isalpha() or not word[0].islower() or word.casefold() in PARTICLES for word in said)
    spoken = {word.casefold() for word in LETTERS.findall(line)} & (words.OF_A_SENTENCE | OF_ANSWERS)
    return 2 <= len(said) <= WORDS_OF_A_NAME and capital and not spoken and line.rstrip()[-1] not in "!?:;"


def _is_said(line: str) -> bool:
    """Whether a line is a sentence of somebody's, or may be an answer, and no name, place, number or title."""
    spoken = LETTERS.findall(line)
    if not spoken:
        return False
    if len(spoken) <= 2 and any(word.casefold() in OF_ANSWERS for word in spoken):
        return True
    ends = line.rstrip()[-1] in "?!;:" or (line.rstrip()[-1] in ".…" and len(spoken) >= FEWEST_OF_A_SENTENCE)
    small = [word for word in spoken if word[0].islower() and word.casefold() not in PARTICLES]
    pronouns = {word.casefold() for word in small} & words.OF_A_SENTENCE - devices.POSSESSIVE - words.LINKING
    return bool(pronouns) or (ends and bool(small)) or (len(small) >= FEWEST_OF_A_SENTENCE and "|" not in line)


def _only_signs(lines: list[str]) -> bool:
    """Whether these lines are a signature below something that may be a line drawn between two parts of a letter, too."""
    return not any(_is_said(line) for line in lines if line.strip())


def _below_a_quote(lines: list[str], index: int) -> bool:
    above = next((line for line in reversed(lines[:index]) if line.strip()), "")
    return above.startswith(">")


def signature_start(lines: list[str], end: int) -> int:
    """The index where a signature or a device's advertisement begins before `end`; else `end`."""
    start = end
    while start and (not lines[start - 1].strip() or _device(lines[start - 1]) or _apologises(lines, start - 1)):
        start -= 1
    for index in range(start - 1, max(start - 1 - SIGNATURE_LINES, -1), -1):
        if _named(lines[index]) and _below_a_quote(lines, index):
            return (
                start if any(POSTSCRIPT.match(line) or line.startswith(">") for line in lines[index:start]) else index
            )
        drawn = SIGNATURE.fullmatch(lines[index]) is not None
        quoted = (drawn or DRAWN.fullmatch(lines[index]) is not None) and _below_a_quote(lines, index)
        if drawn or (quoted and start - index <= DRAWN_LINES):
            below = lines[index + 1 : start]
            whole = lines[index].startswith("-- ")
            bare = not whole and not quoted and bool(lines[max(0, index - 1)].strip())
            # Marked lines below it are a quote, which own words may follow.
            said = any(POSTSCRIPT.match(line) or line.startswith(">") for line in lines[index:start])
            return start if bare or said or not (whole or _only_signs(below)) else index
    return start
