"""Rich Text Format (version 1.9.1): its words, and the HTML that Outlook puts into it ([MS-OXRTFEX])."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from mail.charsets import clean

LONGEST = 1_000_000
"""Characters that are read."""
DEEPEST = 200
"""Groups within each other."""
TOKEN = re.compile(
    r"\\u(-?\d{1,6}) ?|\\'([0-9a-fA-F]{2})|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([{}])|([^\\{}\r\n]+)", re.I
)
SAID = {"par": "\n", "line": "\n", "sect": "\n\n", "row": "\n", "tab": "\t", "cell": "\t", "emdash": "\u2014",
        "endash": "\u2013", "bullet": "\u2022", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c",
        "rdblquote": "\u201d"}  # fmt: skip
SYMBOLS = {"\\": "\\", "{": "{", "}": "}", "~": "\u00a0", "_": "\u2011", "\n": "\n", "\r": "\n"}
FONTS = "fonttbl"
UNSEEN = {FONTS, "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "generator", "themedata",
          "listtable", "listoverridetable", "rsidtbl", "filetbl", "datastore", "latentstyles"}  # fmt: skip
WESTERN = "cp1252"
PAGES = {"ansi": WESTERN, "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
CHARSETS = {77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253",
            162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
            238: "cp1250", 255: "cp437"}  # fmt: skip
"""Code pages by the character set of a font."""
OF_TWO_BYTES = {"cp932", "cp936", "gbk", "cp949", "cp950", "johab"}
FROM_HTML = re.compile(r"\{\\rtf1?[^{}]{0,200}\\fromhtml1\b")
SUPPRESSED, TAG = "htmlrtf", "htmltag"


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until the brace closes. `skipped`: bytes that stand behind a character for readers without Unicode."""

    hidden: bool = False
    starred: bool = False
    fonts: bool = False
    tag: bool = False
    suppressed: bool = False
    font: int | None = None
    skipped: int = 1


@dataclass(slots=True)
class _Reader:
    """`html`: whether the HTML is wanted that was put into it, and not its words."""

    html: bool
    page: str = WESTERN
    fonts: dict[int, str] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    out: list[str] = field(default_factory=list)
    skip: int = 0
    decoder: codecs.IncrementalDecoder | None = None
    """Of bytes that stand beside each other: a character may take two."""

    def read(self, text: str) -> str:
        for token in TOKEN.finditer(text[:LONGEST]):
            unicode, byte, word, number, symbol, brace, letters = token.groups("")
            if byte:
                self._byte(bytes.fromhex(byte))
                continue
            if letters:
                self._letters(letters)
                continue
            self._flush()
            if brace:
                self._brace(brace)
            elif unicode:
                self._say(chr(int(unicode) % 0x10000))
                self.skip = self._now.skipped
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol == "*":
                self._now = replace(self._now, starred=True, hidden=True)
            else:
                self._say(SYMBOLS.get(symbol, ""))
        self._flush()
        # Characters beyond the first plane are written as the two halves that UTF-16 has for them.
        return "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    @property
    def _now(self) -> _Group:
        return self.groups[-1]

    @_now.setter
    def _now(self, group: _Group) -> None:
        self.groups[-1] = group

    def _brace(self, brace: str) -> None:
        self.skip = 0
        if brace == "{" and len(self.groups) < DEEPEST:
            self.groups.append(replace(self._now, starred=False) if self._now.starred else self._now)
        elif brace == "}" and len(self.groups) > 1:
            self.groups.pop()

    def _word(self, word: str, number: int | None) -> None:
        now = self._now
        if word == TAG and now.starred and self.html:
            self._now = replace(now, tag=True, hidden=False, starred=False)
        elif word == SUPPRESSED:
            self._now = replace(now, suppressed=number != 0)
        elif word in PAGES:
            self.page = PAGES[word]
        elif word == "ansicpg" and number is not None:
            self.page = _known(f"cp{number}") or self.page
        elif word == "uc" and number is not None:
            self._now = replace(now, skipped=max(0, min(number, 9)))
        elif word == "f":
            self._now = replace(now, font=number)
        elif word == "plain":
            self._now = replace(now, font=None)
        elif word == "fcharset" and now.fonts and now.font is not None:
            if page := CHARSETS.get(number or 0, WESTERN if self.page in OF_TWO_BYTES and number == 0 else None):
                self.fonts[now.font] = page
        elif word in UNSEEN:
            self._now = replace(now, hidden=True, fonts=now.fonts or word == FONTS)
        else:
            self._say(SAID.get(word, ""))

    def _byte(self, byte: bytes) -> None:
        if self.skip:
            self.skip -= 1
            return
        if self.decoder is None:
            page = self.page if self._now.font is None else self.fonts.get(self._now.font, self.page)
            self.decoder = codecs.getincrementaldecoder(page)("replace")
        self._say(self.decoder.decode(byte))

    def _letters(self, letters: str) -> None:
        if self.skip:
            taken = min(self.skip, len(letters))
            self.skip -= taken
            letters = letters[taken:]
        if letters and self.decoder is not None and self.decoder.getstate()[0]:
            # The second byte of a character may stand as the letter that it would be by itself.
            self._say(self.decoder.decode(letters[0].encode("latin-1", "replace")))
            letters = letters[1:]
        self._flush()
        self._say(letters)

    def _flush(self) -> None:
        if self.decoder is not None:
            self._say(self.decoder.decode(b"", final=True))
            self.decoder = None

    def _say(self, text: str) -> None:
        now = self._now
        if text and not now.hidden and not (self.html and now.suppressed and not now.tag):
            self.out.append(text)


def _known(page: str) -> str | None:
    try:
        return codecs.lookup(page).name
    except LookupError:
        return None


def is_rtf(text: str) -> bool:
    return text.lstrip().startswith("{\\rtf")


def rtf_to_text(text: str) -> str:
    """The words, without their looks; what is no RTF comes out as it is."""
    return clean(_Reader(html=False).read(text)).replace("\r", "\n").strip("\n") if is_rtf(text) else text


def html_in_rtf(text: str) -> str | None:
    """The HTML that a letter was written in, if Outlook has put it into the RTF; else None."""
    return clean(_Reader(html=True).read(text)) if FROM_HTML.match(text.lstrip()) else None
