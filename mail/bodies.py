"""The texts of a mail put together. What is said in two formats counts once; what is said in several parts is all kept."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from mail.html_text import LONGEST_HTML, html_to_text, lightened
from mail.plaintext import calendar_to_text, enriched_to_text
from mail.rtf import rtf_to_text

PLAIN = ("text/plain", "text/markdown", "text/x-markdown", "text/x-web-markdown")
HTML = ("text/html", "text/x-amp-html", "text/watch-html")
RICH = ("text/enriched", "text/richtext")
RTF = ("text/rtf", "application/rtf")
READ_AS_TEXT = (*PLAIN, *HTML, *RICH)
FOR_WANT_OF_OTHERS = (*RTF, "text/calendar")
"""Read as text where a mail says nothing else; they stay files, too."""

SHORT = 200
"""Characters of a text that is compared with the HTML beside it, whatever it speaks of."""
LONGEST_STUB = 600
"""Characters of a text that only speaks of the HTML beside it."""
LINK = re.compile(r"<?\b(?:https?://|www\.)[^\s>]{1,2000}>?", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
LETTERS = re.compile(r"\w+")
SPEAKS_OF_HTML = re.compile(
    r"(?<![a-z])html(?![a-z])|\bmime\b|\b(web|online)[ -]?(version|ansicht)|\bbrowser\b|\bnavigateur\b|\bnavegador\b|браузер|"
    r"(mail|e-mail)[ -]?(client|programm|program|reader|viewer)|logiciel de messagerie|cliente de correo|"
    r"ブラウザ|浏览器|瀏覽器|브라우저",
    re.IGNORECASE,
)
FEWEST_SHARED = 0.5
"""Of a text's words, how many must stand in the HTML, too, for the text to be more than a stub."""
MUCH_MORE = 3
"""Times as many words."""
FEWEST_OF_A_LETTER = 5
"""Different words."""


@dataclass
class Bodies:
    """Collects text parts in their order. Parts of one group say the same in different formats."""

    _groups: defaultdict[int, defaultdict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, group: int, kind: str, text: str) -> None:
        """`kind` is one of `READ_AS_TEXT` or `FOR_WANT_OF_OTHERS`."""
        self._groups[group][kind].append(text)

    def html(self) -> str:
        return "\n".join(text for group in self._groups.values() for text in group.get("text/html", ()))

    def blank(self) -> bool:
        """Whether nothing that can be seen has been added."""
        return not any(
            has_words(html_to_text(text) if kind in HTML else text)
            for group in self._groups.values()
            for kind, texts in group.items()
            for text in texts
        )

    def text(self) -> str:
        """Of each group the plain text, or else its HTML as text: a list's plain footer does not hide an HTML letter."""
        found, left = [], LONGEST_HTML
        for group in self._groups.values():
            plain = _joined(group, PLAIN)
            if has_words(plain) and len(plain) > SHORT and not _may_be_a_stub(plain):
                found.append(plain)
                continue
            source = lightened(next((html for kind in HTML if (html := _joined(group, (kind,)))), ""))[:left]
            left -= len(source)
            html = html_to_text(source)
            stub = not has_words(plain) or _may_be_a_stub(plain)
            if has_words(html) and not (has_words(plain) and _says(plain, html)) and (stub or _says_more(html, plain)):
                # A short text that says something else ("null", "[image: logo]", "Yes.") may be its writer's all the same.
                found.append(html if stub or _within(plain, html) else f"{plain.rstrip()}\n\n{html}")
            elif has_words(plain):
                found.append(plain)
            else:
                found.append(_otherwise(group) or plain)
        return "\n".join(found)


def has_words(text: str) -> bool:
    """Whether there is anything to be seen: blanks, joiners, marks of direction and the like are nothing."""
    return any(character not in UNSEEN and unicodedata.category(character)[0] not in "CZ" for character in text)


UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe0e\ufe0f"
"""Blank by their shape, though they count as letters, symbols or marks."""


def _joined(group: dict[str, list[str]], kinds: tuple[str, ...]) -> str:
    return "\n".join(text for kind in kinds for text in group.get(kind, ()))


def _otherwise(group: dict[str, list[str]]) -> str:
    if rich := _joined(group, RICH):
        return enriched_to_text(rich)
    if rtf := _joined(group, RTF):
        return rtf_to_text(rtf)
    return calendar_to_text(_joined(group, ("text/calendar",)))


def _may_be_a_stub(plain: str) -> bool:
    """Whether a text has no words but addresses, or is short and speaks of HTML or browsers."""
    if len(plain) > 20 * LONGEST_STUB:
        return False
    words = LINK.sub(" ", plain)
    return not has_words(words) or (len(words.strip()) <= LONGEST_STUB and SPEAKS_OF_HTML.search(words) is not None)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(LINK.sub(" ", text))}


def _says_more(html: str, plain: str) -> bool:
    """Whether the HTML is a letter, of which the text beside it can hardly be all."""
    return len(_words(html)) >= max(FEWEST_OF_A_LETTER, MUCH_MORE * len(_words(plain)))


def _within(plain: str, html: str) -> bool:
    """Whether the text says nothing beside the HTML: it has its words, or has no letter or digit."""
    return not any(word.casefold() not in html.casefold() for word in LETTERS.findall(plain))


def _says(plain: str, html: str) -> bool:
    """Whether the text says what the HTML says, so that it is no stub, whatever it speaks of. Where the HTML says that and
    much more, nothing is lost with the text."""
    words, told = _words(plain), _words(html)
    if not words:
        return not told
    return len(words & told) >= FEWEST_SHARED * len(words) and len(told) <= MUCH_MORE * len(words)
