"""Answers of people who are away, known by their words: many servers send them without any header that says so.

By the subject, as Exchange, Gmail, Notes and vacation programs begin it in the usual languages. Or, under any subject, by
the first lines: they must say that somebody is absent *and* what an automatic answer says, and call themselves one or say
nothing else. A person who writes "I am out of the office until Monday, please send the parts to Kim" is no machine.
Whether such a mail answers one of ours is for intake to find out.
"""

import re
import unicodedata

from mail.away_words import ABSENT, GREETINGS, ITS_OWN_WORD, OF_A_PERSON, SUBJECTS, THANKS, UNATTENDED, URGENT
from mail.quotes import strip_quote

FIRST_LINES = 12
"""Lines with words on them that are looked at."""
LOOKED_AT = 4_000
"""Characters."""
LONGEST_SUBJECT = 300

OPENING = " \t[【(（「『<*\"'"
ENDS = re.compile(
    r"\s*+(?:[]】)）」』>*:：;\-–—|(（\[【/\"]|[,.!]?+\s*+(?:$|re\b)|aw\b|fwd?\b|sv\b|antw\b|odp\b|回[复覆])"
)
"""What may follow the words that begin the subject; another word would make them part of a sentence."""
QUESTION = re.compile(r"[?؟](?=\s|$)|？")
TAG = re.compile(r"(?<!\s)\s*+\[(?:external|extern|ext)[^\]]{0,20}\]", re.IGNORECASE)
NOTES = re.compile(r"\s*auto\s?:\s*(?P<said>.{1,300})", re.IGNORECASE | re.DOTALL)


def says_away(subject: str, text: str) -> bool:
    """Whether the mail says in words that it was written because its sender is away."""
    named = TAG.sub("", subject[:LONGEST_SUBJECT]).replace("’", "'")
    notes = NOTES.match(named)
    if notes and any(phrase in folded(notes["said"]) for phrase in _ABSENT):
        return True
    begins = folded(named).lstrip(OPENING)
    if any(begins.startswith(phrase) and ENDS.match(begins, len(phrase)) for phrase in _SUBJECTS):
        return True
    # What answers us often quotes us below, and our own letter may say that it is an automatic reply.
    said = text[:LOOKED_AT]
    return _has(folded(said.replace("’", "'")), _ABSENT) and _absent_by_program(strip_quote(said)[0])


UNTIL = re.compile(
    r"\b(?:until|till|through|return|back (?:on|in)|bis|zuruck|wieder (?:im|da|ab)|jusqu|retour|hasta|regres|vuelv|fino al|"
    r"rientr|ate (?:o|a|ao|dia|\d)|tot|terug|till|tillbaka|til|tilbage|tilbake|asti|saakka|palaan|do|wrac|wroc|zpet|vrat|"
    r"-ig|pana|revin|до|вернус|повернус|буду|kadar|donece|μεχρι|επιστρ|natrag|nazaj|kuni|lidz|iki)\b|まで|至|到|까지|حتى|עד|จนถึง",
)
CONTACT = re.compile(
    r"contact|reach (?:me|out|us)|get in touch|(?:call|email|write to|turn to) \w|get back to you|answer your|respond|"
    r"reply|wend\w+ sie|kontakt|erreich|melde mich|rufen sie|beantwort|adress|dirij|rivolg|respond|rispond|réponds|repond|neem|"
    r"terugkeer|antwoord|svar|palaan|yhteytta|odpow|odpov|obrat|obrac|fordul|keress|valasz|adres|raspun|обра|зверт|звон|пиш|свърж|отвеч|"
    r"отговор|відпов|iletisim|ulas|donus|επικοινων|απαντ|javit|javim|odgovor|pisit|poordu|vasta|sazin|atbild|kreip|susisiek|"
    r"atsaky|לפנות|צור קשר|אשיב|אחזור|التواصل|الاتصال|سأرد|联系|聯絡|連絡|返信|回复|回覆|연락|회신|lien he|hubungi|membalas|ติดต่อ"
)
"""Whom to ask instead, and that an answer comes later."""
CLOSING = re.compile(
    r"(?:(?:with |mit )?(?:best|kind|warm|many|freundlich\w*|viele?n?|liebe\w?|beste\w?|schone?n?)\s(?:regards|wishes|gru\w+)|"
    r"regards|thanks|thank you|sincerely|cheers|danke|vielen dank|gru\w+|cordialement|bien a vous|merci|salut|un saludo|gracias|"
    r"cordiali|distinti|grazie|atenciosamente|obrigad|cumprimentos|groet|met vriendelijke|med vanlig|med venlig|med vennlig|"
    r"mvh|hilsen|tack|tak|takk|terveisin|ystavallisin|kiitos|pozdraw|z powazaniem|dziekuj|s pozdrav|dekuj|dakuj|udvozl|koszon|"
    r"cu stima|multumesc|с уважением|спасибо|з повагою|дякую|поздрав|благодар|saygilar|tesekkur|με εκτιμηση|ευχαριστ|"
    r"lijep pozdrav|hvala|lep pozdrav|parimat|lugupidamisega|ar cienu|paldies|pagarbiai|aciu|בברכה|תודה|مع خالص|شكرا|よろしく|"
    r"宜しく|此致|谢谢|謝謝|감사|tran trong|cam on|salam|hormat|terima kasih|ขอบคุณ|ขอแสดง)"
)
"""How a letter ends: names follow."""
FEW_WORDS = 3
BUT = re.compile(
    r"\b(?:but|aber|mais|pero|ma|mas|maar|men|mutta|ale|jednak|но|але|ama|fakat|αλλα|ali|vendar|aga|bet|tetapi|nhung)\b"
    r"|しかし|ですが|但是|不过|하지만|그런데|אבל|لكن|แต่"
)
"""With which people come to the point."""
DIGIT = re.compile(r"\d")
SENTENCE_END = re.compile(r"(?<=\w\w)[.!](?:\s+|$)|。")
"""Not behind a date's single digit."""


def _absent_by_program(text: str) -> bool:
    lines = [line for line in text.replace("’", "'").splitlines() if line.strip()]
    words = folded(" ".join([line for line in lines if not line.lstrip().startswith(">")][:FIRST_LINES]))
    if QUESTION.search(words) or _has(words, _OF_A_PERSON):
        return False
    if not _has(words, _ABSENT):
        return False
    unattended, urgent, thanks = _has(words, _UNATTENDED), _has(words, _URGENT), _has(words, _THANKS)
    if unattended and _has(words, _ITS_OWN_WORD):
        return True
    # Who has anything else to say is there.
    polite = (urgent and thanks) or (unattended and (urgent or thanks or UNTIL.search(words) is not None))
    return (unattended or urgent) and _nothing_else(words, polite=polite)


def _nothing_else(words: str, *, polite: bool) -> bool:
    """Whether each of several sentences tells of the absence, and what to do about it; if `polite`, also thanks, until when,
    and whom to ask."""
    if BUT.search(words):
        return False
    *told, last = SENTENCE_END.split(words)
    told = [each for each in told if each.strip(" ,!") not in _GREETINGS]
    if not polite:
        return len(told) > 1 and all(_of_absence(each) for each in told)
    if last and not CLOSING.match(last) and len(last.split()) > FEW_WORDS:
        told.append(last)
    return all(
        _of_absence(each)
        or _has(each, _THANKS)
        or CONTACT.search(each)
        or CLOSING.match(each)
        or (UNTIL.search(each) and DIGIT.search(each))
        or len(each.split()) <= 1
        for each in told
    )


def _of_absence(words: str) -> bool:
    return any(_has(words, phrases) for phrases in (_ABSENT, _UNATTENDED, _URGENT))


def _has(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)


def folded(text: str) -> str:
    """Without letter case, accents and runs of blanks, so that "Reponse  Automatique" is found too, and an e-mail is an email."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())
    return words.replace("e-mail", "email")


_SUBJECTS = tuple(folded(phrase) for phrase in SUBJECTS)
_ABSENT = tuple(folded(phrase) for phrase in ABSENT)
_UNATTENDED = tuple(folded(phrase) for phrase in UNATTENDED)
_URGENT = tuple(folded(phrase) for phrase in URGENT)
_THANKS = tuple(folded(phrase) for phrase in THANKS)
_ITS_OWN_WORD = tuple(folded(phrase) for phrase in ITS_OWN_WORD)
_OF_A_PERSON = tuple(folded(phrase) for phrase in OF_A_PERSON)
_GREETINGS = frozenset(folded(phrase) for phrase in GREETINGS)
