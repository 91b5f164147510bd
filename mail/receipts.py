"""Receipts that programs write in words: that a mail was read, or that it came in and has a number now.

Most say so in a header, or are a report of their own (RFC 8098). What is left is known by its form. Somebody who tells of
such a receipt, or asks about it, is a person: one word of theirs is enough. Whether it answers a mail of ours is for intake
to find out.
"""

import re

from mail.away import folded
from mail.away_words import ITS_OWN_WORD
from mail.header_blocks import role_of
from mail.quotes import strip_quote

LOOKED_AT = 4_000
"""Characters."""
MOST_LINES = 14
"""With words on them; a person who writes about a receipt has more to say."""

READ_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,20}\]\s*)?(?:(?:not |un)?read|(?:nicht )?gelesen|(?:non )?lue?|(?:no )?leíd[oa]|(?:non )?letto|"
    r"(?:não )?lid[oa]|(?:niet )?gelezen|(?:ej |o)?läst|(?:ikke )?læst|(?:ikke )?lest|(?:ei )?luettu|(?:nie)?przeczytane?|"
    r"(?:ne)?přečteno|(?:ne)?prečítané|(?:el)?olvasva|(?:ne)?citit|(?:не )?прочитано|(?:не )?прочтено|okundu|"
    r"διαβάστηκε|開封済み|未開封|已读|已讀|未读|읽음|return receipt(?: \(displayed\))?|disposition notification|"
    r"lesebestätigung|empfangsbestätigung|accusé de (?:réception|lecture)|confirmation de lecture|conferma di lettura|"
    r"confirmación de lectura|leesbevestiging|läskvitto|læsekvittering)\s?(?:[:：\-–]|$)",
    re.IGNORECASE,
)
READ_WORDS = re.compile(
    r"\bwas (?:read|displayed|deleted without being read) on\b|return receipt|no guarantee that the recipient has read|"
    r"\bwurde\b.{0,80}\b(?:gelesen|gelöscht|angezeigt)|a été (?:lu|affiché|supprimé)|(?:se ha|fue) (?:leído|mostrado)|"
    r"è stato (?:letto|visualizzato)|foi (?:lida|exibida)|is gelezen|(?:lästes|läst den)|"
    r"blev læst|ble lest|został\w? (?:przeczytan|wyświetl)|"
    r"byla? přečten|было прочитано|прочтено|прочитано|okundu|開封されました|已(?:阅读|閱讀)",
    re.IGNORECASE | re.DOTALL,
)

RECEIVED = (
    "we have received your", "we received your", "have received your request", "has been received", "we got your",
    "a ticket has been", "a case has been", "ticket number", "your request has been", "your message has been received",
    "ticketnummer", "vorgangsnummer", "ist bei uns eingegangen", "sind bei uns eingegangen", "haben ihre anfrage erhalten",
    "haben ihre nachricht erhalten", "haben ihre e-mail erhalten", "wurde unter der", "avons bien reçu", "avons reçu votre",
    "votre demande a été", "hemos recibido su", "hemos recibido tu", "su solicitud ha sido", "abbiamo ricevuto",
    "la sua richiesta è stata", "recebemos a sua", "recebemos o seu", "recebemos sua", "recebemos seu", "hebben uw",
    "is ontvangen", "har mottagit", "har modtaget", "har mottatt", "olemme vastaanottaneet", "otrzymaliśmy",
    "zgłoszenie zostało", "obdrželi jsme", "prijali sme", "megkaptuk", "am primit", "получили ваш", "ваше обращение",
    "отримали ваш", "получихме", "talebiniz alın", "mesajınız alın", "λάβαμε", "受け付けました", "受付いたしました", "已收到您",
    "已收到你", "접수되었습니다", "kami telah menerima", "đã nhận được",
)  # fmt: skip
"""That a mail came in, as an organisation says it."""
OF_A_DESK = (
    "reply above this line", "type your reply above", "please do not reply to this", "do not reply directly to this",
    "automatically generated", "automated confirmation", "automatic confirmation", "bitte antworten sie nicht auf diese",
    "automatisch erstellte", "automatisch generierte", "automatisch erzeugte", "ne pas répondre à ce", "no responda a este",
    "non rispondere a questa", "não responda a est", "niet beantwoorden op dit", "nie odpowiada", "не отвечайте на это",
    "返信しないで", "返信はできません", "请勿回复", "회신하지 마",
)  # fmt: skip
"""That a program wrote it."""
QUOTED = re.compile(r"[\"“”„«»「」『』?？؟]")
FIRST_PERSON = frozenset(
    [
        "i",
        "i'm",
        "i've",
        "i'd",
        "my",
        "me",
        "nobody",
        "nothing",
        "but",
        "still",
        "ich",
        "mein",
        "meine",
        "mir",
        "mich",
        "niemand",
        "nichts",
        "aber",
        "je",
        "j'ai",
        "mon",
        "ma",
        "mes",
        "moi",
        "personne",
        "rien",
        "mais",
        "yo",
        "mi",
        "mis",
        "me",
        "nadie",
        "nada",
        "pero",
        "io",
        "mio",
        "mia",
        "mi",
        "nessuno",
        "niente",
        "ma",
        "eu",
        "meu",
        "minha",
        "ninguém",
        "mas",
        "ik",
        "mijn",
        "niemand",
        "niets",
        "maar",
        "jag",
        "min",
        "mig",
        "ingen",
        "jeg",
        "mig",
        "meg",
        "ingen",
        "men",
        "minä",
        "minun",
        "kukaan",
        "mutta",
        "ja",
        "moje",
        "mój",
        "nikt",
        "ale",
        "já",
        "můj",
        "nikdo",
        "я",
        "мой",
        "моя",
        "мне",
        "никто",
        "но",
        "мені",
        "мій",
        "ніхто",
        "але",
        "ben",
        "benim",
        "kimse",
        "ama",
    ]
)
"""Of one person, who complains or tells; a desk speaks as "we"."""
WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def says_received(subject: str, text: str) -> bool:
    """Whether the mail says in words that a program confirms that another one was read, or came in."""
    said = text[:LOOKED_AT]
    lines = [line for line in said.splitlines() if line.strip()]
    return (_read(subject, said, lines) if READ_SUBJECT.match(subject) else False) or _of_desk(said)


def _read(subject: str, said: str, lines: list[str]) -> bool:
    """Outlook's form repeats the headers of what was read; others say what the receipt is worth."""
    if len(lines) > MOST_LINES or QUOTED.search(said.replace('"', "")):
        return False
    told = {role[0] for line in lines if (role := role_of(line)) is not None and role[1].strip()}
    return READ_WORDS.search(said) is not None and (len(told) >= 2 or "receipt" in said.lower())


def _of_desk(text: str) -> bool:
    words = folded(text)
    if not (_has(words, _RECEIVED) and (_has(words, _OF_A_DESK) or _has(words, _ITS_OWN_WORD))):
        return False
    marker = "above this line" in words
    visible = text if marker else strip_quote(text)[0]
    lines = [line for line in visible.splitlines() if line.strip() and not line.lstrip().startswith((">", "##-"))]
    own = folded("\n".join(lines))
    return (
        0 < len(lines) <= MOST_LINES
        and not QUOTED.search("\n".join(lines))
        and FIRST_PERSON.isdisjoint(WORDS.findall(own.replace("’", "'")))
        and _has(own, _RECEIVED)
        and (marker or _has(own, _OF_A_DESK) or _has(own, _ITS_OWN_WORD))
    )


def _has(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)


_RECEIVED = tuple(folded(phrase) for phrase in RECEIVED)
_OF_A_DESK = tuple(folded(phrase) for phrase in OF_A_DESK)
_ITS_OWN_WORD = tuple(folded(phrase) for phrase in ITS_OWN_WORD)
