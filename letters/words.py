"""Words that stand in an automatic answer for those of a sender whom nobody has verified (email promise 13)."""

from __future__ import annotations

import re

YOUR_MESSAGE = {
    "bg": "вашето съобщение",
    "ca": "el vostre missatge",
    "cs": "vaše zpráva",
    "da": "din besked",
    "de": "Ihre Nachricht",
    "el": "το μήνυμά σας",
    "en": "your message",
    "es": "su mensaje",
    "et": "teie sõnum",
    "fi": "viestisi",
    "fr": "votre message",
    "hr": "vaša poruka",
    "hu": "az Ön üzenete",
    "it": "il suo messaggio",
    "ja": "お問い合わせ",
    "ko": "문의하신 내용",
    "lt": "jūsų žinutė",
    "lv": "jūsu ziņa",
    "nb": "din melding",
    "nl": "uw bericht",
    "no": "din melding",
    "pl": "Twoja wiadomość",
    "pt": "a sua mensagem",
    "ro": "mesajul dumneavoastră",
    "ru": "ваше сообщение",
    "sk": "vaša správa",
    "sl": "vaše sporočilo",
    "sv": "ditt meddelande",
    "tr": "mesajınız",
    "uk": "ваше повідомлення",
    "zh": "您的留言",
}
"""In place of a subject, by the language of the template."""

WORD = re.compile(r"[^\W\d_]+(?:['\u2019.-][^\W\d_]*)*")
LONGEST_NAME, MOST_WORDS = 60, 5


def your_message(language: str) -> str:
    """For a language that is not in the list, in English."""
    return YOUR_MESSAGE.get(language.partition("-")[0].lower(), YOUR_MESSAGE["en"])


def personal_name(given: str) -> str:
    """The name if it is nothing but a few words of letters, as names are: no number, link, address or slogan; else "".

    "www.example" is no name although it is one word of letters and dots: a dot ends an initial or stands between two.
    """
    words = given.split()
    if not words or len(words) > MOST_WORDS or len(given) > LONGEST_NAME:
        return ""
    usable = all(WORD.fullmatch(word) and not re.search(r"\.[^\W\d_]{2}", word) for word in words)
    return " ".join(words) if usable else ""
