"""What two subjects of one matter have in common, whatever programs put before it."""

import re

ANSWER = re.compile(
    r"\s*(?:re|r|aw|antw|antwort|ant|sv|vs|odp|odpoveď|odpověď|res|resp|rif|ref|ynt|yan|atb|vá|válasz|bls|bal|rép|отв|відп|отг|"
    r"απ|σχετ|תשובה|השב|رد|回复|回覆|答复|答覆|返信|답장|회신|trả lời|réponse|svar|ответ|odg|odgovor|vast|vastus|ats|balas|cevap|"
    r"yanıt|răsp|תגובה|پاسخ|ตอบกลับ|პასუხი)\.?"
    r"\s?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3}|\d{1,2})?\s?[:\uff1a]",
    re.IGNORECASE,
)
"""That it is an answer. What was passed on is another matter: "Fwd:" stays."""
PASSED_ON = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|i|doorst|vb|vl|pd|fs|ilt|továbbítás|továbbítva|redir|πρθ|пересл|пер|הועבר|"
    r"إعادة توجيه|転送|转发|轉寄|전달|chuyển tiếp|przekaz|weitergeleitet|"
    r"videresendt?|vidarebef|yönl?|trans|reenv|переслать|προώθ)\.?"
    r"\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:\uff1a]",
    re.IGNORECASE,
)
OF_EITHER = re.compile(r"\s*vs\.?\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:\uff1a]", re.IGNORECASE)
"""An answer in Finnish ("vastaus"), and what is passed on in Danish and Norwegian ("videresendt")."""
OF_THE_NORTH = re.compile(r"^[\s>*]{0,9}(?:fra|emne)\*{0,2}\s?:", re.IGNORECASE | re.MULTILINE)
"""In the head of a quoted mail, in those two languages and not in Finnish."""
TAG = re.compile(
    r"\s*(?:\[[^\[\]\d]{1,40}\]|\{[^{}\d]{1,40}\}|\*{2,5}[^*\d]{1,40}\*{2,5}|(?:external|extern|ext)(?: e?-?mail)?\s?:)",
    re.IGNORECASE,
)
"""What servers and lists put before it: [EXTERNAL], [users], ***SPAM***. With digits it may be the number of a case."""
PIECE = re.compile(
    r"[\s:-]{0,9}(?:[\[(]\s?(?:(?:part|teil|partie|parte)\s)?|(?:part|teil|partie|parte)\s)\d{1,3}\s?(?:/|of|von|sur|de|di)\s?\d{1,3}"
    r"\s?[\])]?\s{0,9}$",
    re.IGNORECASE,
)
"""Which piece of a longer mail it is (RFC 2046 5.2.2): all are of one matter."""
LONGEST = 998
LOOKED_AT = 50_000
"""Characters of a text."""


def passed_on(subject: str, text: str = "") -> bool:
    """Whether it is the subject of a mail that somebody passes on, so that what stands below is what they want to be read.
    `text`: that of the mail, which tells where the subject may be of either kind."""
    bare = _untagged(subject)
    if OF_EITHER.match(bare):
        return OF_THE_NORTH.search(text[:LOOKED_AT]) is not None
    return PASSED_ON.match(bare) is not None


def answers(subject: str) -> bool:
    """Whether it is the subject of an answer, as programs mark one: below it stands what is answered."""
    return ANSWER.match(_untagged(subject)) is not None


def _untagged(subject: str) -> str:
    bare = subject[:LONGEST]
    while match := TAG.match(bare):
        bare = bare[match.end() :]
    return bare


def subject_stem(subject: str, number: str = "") -> str:
    """Without what answers, lists and we put on it, in one letter case: "AW: Re[2]: Printer [CAS-1-A]" and "printer" are one
    matter of the case `CAS-1-A`; "" if nothing is left."""
    stem = subject[:LONGEST]
    if number:
        stem = re.sub(re.escape(f"[{number}]"), " ", stem, flags=re.IGNORECASE)
    while match := ANSWER.match(stem) or TAG.match(stem):
        stem = stem[match.end() :]
    return " ".join(PIECE.sub("", stem).split()).casefold()
