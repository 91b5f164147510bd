"""What a reply says by itself, apart from the mail that it quotes. Nothing is deleted: the tail is shown folded.

One pass over the lines, of each only the first 400 characters: the libraries for this lose text, or hang for minutes on
a hostile mail.
"""

import re

LOOKED_AT = 400
"""Characters of a line; an attribution is shorter."""
MOST_LINES = 5000
"""Lines in which the beginning of a quote is looked for. Nobody writes more above one, and a page of the timeline shows many
mails."""
ATTRIBUTION_LINES = 3
HEADER_LINES = 6
"""Lines in which at least three headers of Outlook's header block must stand."""
SIGNATURE_LINES = 12
"""Lines below "-- ". A longer text is no signature."""

MARKER = re.compile(r"##-.{0,200}-##")
ORIGINAL = re.compile(
    r"[\s>]*[-_]{2,}\s*(original message|reply message|ursprüngliche nachricht|original-nachricht|originalnachricht|"
    r"message d.origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|"
    r"ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|"
    r"původní zpráva|исходное сообщение|原始邮件|元のメッセージ)\s*[-_]{2,}\s*",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"\s*[-_]{2,}\s*(forwarded message|weitergeleitete nachricht|message (transféré|transmis)|mensaje reenviado|"
    r"messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|vidarebefordrat meddelande|videresendt meddelelse|"
    r"wiadomość przekazana|пересылаемое сообщение)\s*[-_]{2,}\s*",
    re.IGNORECASE,
)
"""What follows is no quote of ours but what the sender wants to be read."""
# Outlook's words, and those of programs alike, in the languages of the fixtures and their neighbours.
HEADER = re.compile(
    r"[\s>*]{0,40}(from|sent|date|to|cc|subject|"  # English
    r"von|gesendet|datum|an|betreff|"  # German
    r"de|envoyé|à|objet|enviado( el)?|fecha|para|asunto|enviada em|data|"  # French, Spanish, Portuguese
    r"da|inviato|a|oggetto|van|verzonden|aan|onderwerp|"  # Italian, Dutch
    r"från|skickat|till|ämne|fra|sendt|til|emne|lähettäjä|lähetetty|vastaanottaja|aihe|"  # Nordic
    r"od|wysłano|do|temat|odesláno|komu|předmět|от|отправлено|дата|кому|тема|"  # Slavic
    r"发件人|发送时间|收件人|主题|抄送|差出人|送信日時|宛先|件名)\s?\*?[:\uff1a].*",  # Chinese, Japanese
    re.IGNORECASE,
)
OPENING = re.compile(r"[\s>]*(on|am|le|el|il|op|em|den|dne|dnia|w dniu)\s", re.IGNORECASE)
CLOSING = re.compile(
    r"\b(wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|kirjoitti|napisał\S{0,5}|napsal\S{0,5}|"
    r"написал\S{0,5}|пишет)(?!\w).{0,200}:$",
    re.IGNORECASE,
)
BEHIND_AN_ADDRESS = re.compile(r"@[^\s@<>]{1,255}>\s?[:\uff1a]$")
DATED = re.compile(
    r"\d{1,4}[./-]\d{1,2}|\d{1,2}[:.]\d{2}|\b(19|20)\d{2}(?!\d)|\b[a-zäé]{3,9}day\b|\b\w{2,9}tag\b", re.IGNORECASE
)
SIGNATURE = re.compile(r"--\s?")
DEVICE = re.compile(
    r"\s*(sent from (my|mail for|outlook|yahoo|proton)\b.*|get outlook for .*|(von|mit) meine[mr]? .{1,60} gesendet\.?|"
    r"gesendet mit .*|diese nachricht wurde von meinem .* gesendet.*|envoyé (de|depuis) (mon|ma) .*|"
    r"enviado desde mi .*|inviato da(l mio| iphone| ipad).*|verstuurd vanaf mijn .*|enviado do meu .*|"
    r"skickat från min .*|отправлено с .*)",  # noqa: RUF001
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
    end = next(index for index in range(signature, 0, -1) if lines[index - 1].strip())
    return "\n".join(lines[:end]), "\n".join(lines[signature:]).strip("\n")


def _quote_start(lines: list[str]) -> int:
    """The index of the first line of the quote, or the number of lines."""
    last_words, last_marked = _last(lines, marked=False), _last(lines, marked=True)
    for index, line in enumerate(lines[:MOST_LINES]):
        if FORWARDED.fullmatch(line):
            return len(lines)
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
    """How many lines an attribution with a date takes from here, or 0: "On ... wrote:", or, where a language puts it
    otherwise, a paragraph that ends with an address and a colon."""
    opens = OPENING.match(lines[index]) is not None
    if not opens and (not lines[index].strip() or (index and lines[index - 1].strip())):
        return 0
    joined = ""
    for length, line in enumerate(lines[index : index + ATTRIBUTION_LINES], 1):
        if not line.strip() or (length > 1 and OPENING.match(line) and not opens):
            return 0
        joined = f"{joined} {line}".rstrip()
        if joined.endswith((":", "\uff1a")) and (CLOSING.search(joined) or BEHIND_AN_ADDRESS.search(joined)):
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
