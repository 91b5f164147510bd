"""Content-Type and its like as their writers meant them: what RFC 2045 does not allow, and programs write all the same.

A value that follows the rules comes out as it went in. Everything here works on at most 2 kB (`mail.heads`).
"""

import re
from base64 import b64encode

from mail.charsets import header_text

PARAMETERS = (
    r"charset|boundary|name|filename|format|delsp|type|start|start-info|method|protocol|micalg|report-type|smime-type|"
    r"reply-type|size|creation-date|modification-date|access-type|number|total|id"
)
# Between two parameters without a semicolon; what stands in quotes is skipped.
_NEXT = rf"(?=(?:{PARAMETERS})[*\d]*\s*=)"
UNSEPARATED = re.compile(
    rf'((?<!\\)"(?:[^"\\]|\\.)*+")|(?<=[^;\s,])[\s,]++{_NEXT}|(?<=;)\s*+,[\s,]*+{_NEXT}', re.IGNORECASE
)
ENCODED_PARAMETER = re.compile(r"(^|;)(\s*=\?[^?\s]{1,80}\?[bq]\?[^?;]*\?=[^;]*)", re.IGNORECASE)
"""A parameter with its name, as an encoded word: `application/pdf; =?utf-8?B?bmFtZT1hLnBkZg==?=`."""
TOLD = re.compile(rf"\s*({PARAMETERS})\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
REPEATED = re.compile(r"\s*content-(?:type|disposition|transfer-encoding)\s*[:=]\s*", re.IGNORECASE)
KIND = re.compile(
    r"""[\s"'<]*(text|multipart|application|image|audio|video|message|font|model|x-[\w.+-]+|[\w.+-]+)  # the type
        \s*[/\\]\s*
        ([\w!\#$&^.+-]+)                                                                             # the subtype
        [/\w!\#$&^.+-]*[\s"'>;,:]*(.*)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"[\s\"'<]*([a-z][a-z-]*)[/\s\"'>;,:]*(.*)", re.IGNORECASE | re.DOTALL)
ONE_WORD = {
    "text": "text/plain",
    "plain": "text/plain",
    "txt": "text/plain",
    "html": "text/html",
    "texthtml": "text/html",
    "text-html": "text/html",
    "textplain": "text/plain",
    "text-plain": "text/plain",
    "htm": "text/html",
    "multipart": "multipart/mixed",
    "mixed": "multipart/mixed",
    "alternative": "multipart/alternative",
    "related": "multipart/related",
    "pdf": "application/pdf",
    "binary": "application/octet-stream",
    "application": "application/octet-stream",
}
SYNONYMS = {
    "text/htlm": "text/html", "text/hmtl": "text/html", "text/thml": "text/html", "application/html": "text/html",
    "txt/html": "text/html", "html/text": "text/html", "x-text/html": "text/html", "plain/html": "text/html",
    "text/plane": "text/plain", "text/palin": "text/plain", "text/plian": "text/plain", "text/pain": "text/plain",
    "txt/plain": "text/plain", "plain/text": "text/plain", "message/plain": "text/plain", "x-text/plain": "text/plain",
    "txt/text": "text/plain", "text/html-plain": "text/html",
    "text/htm": "text/html", "text/x-html": "text/html", "text/xhtml": "text/html", "text/html5": "text/html",
    "application/xhtml+xml": "text/html", "text/plaintext": "text/plain", "text/txt": "text/plain",
    "text/text": "text/plain", "text/ascii": "text/plain", "text/us-ascii": "text/plain", "text/x-plain": "text/plain",
    "text/utf-8": "text/plain", "text/x-text": "text/plain", "text/unknown": "text/plain",
    "application/cms": "application/pkcs7-mime", "application/x-pkcs7-mime": "application/pkcs7-mime",
    "application/x-pkcs7-signature": "application/pkcs7-signature",
}  # fmt: skip
ENCODINGS = {
    "base64": "base64", "b64": "base64", "b": "base64", "xbase64": "base64", "mimebase64": "base64", "bas64": "base64",
    "quotedprintable": "quoted-printable", "quoteprintable": "quoted-printable", "qp": "quoted-printable",
    "quotedprintible": "quoted-printable", "quotedprinable": "quoted-printable", "qoutedprintable": "quoted-printable",
    "xquotedprintable": "quoted-printable", "q": "quoted-printable", "printable": "quoted-printable",
    "quoted": "quoted-printable", "quotedprintables": "quoted-printable", "quotedprint": "quoted-printable",
    "uuencode": "x-uuencode", "uu": "x-uuencode", "uue": "x-uuencode", "xuue": "x-uuencode", "xuu": "x-uuencode",
    "xuuencode": "x-uuencode", "uuencoded": "x-uuencode", "xuuencoded": "x-uuencode",
    "7bit": "7bit", "7bits": "7bit", "sevenbit": "7bit", "8bit": "8bit", "8bits": "8bit", "eightbit": "8bit",
    "binary": "binary", "bin": "binary", "none": "8bit", "plain": "8bit", "text": "8bit",
}  # fmt: skip


def mended(name: str, value: str) -> str:
    """The value of a header (`name` in lower case), mended if it is one of MIME's and needs it."""
    match name:
        case "content-type":
            return content_type(value)
        case "content-disposition":
            return disposition(value)
        case "content-transfer-encoding":
            return transfer_encoding(value)
        case _:
            return value


def content_type(value: str) -> str:
    """`text/html charset=UTF-8` -> `text/html; charset=UTF-8`; what names no type at all stays as it is."""
    text = _plain(value)
    found = KIND.match(text)
    if found:
        kind, rest = f"{found[1]}/{found[2]}".lower(), found[3]
    else:
        word = WORD.match(text)
        if word is None or word[1].lower() not in ONE_WORD:
            return value
        kind, rest = ONE_WORD[word[1].lower()], word[2]
    kind = SYNONYMS.get(kind, kind)
    return f"{kind}; {_separated(rest)}" if rest.strip() else kind


def disposition(value: str) -> str:
    """`attachment filename=x` -> `attachment; filename=x`."""
    text = _plain(value)
    word = WORD.match(text)
    if word is None or word[2].startswith(("=", "*")):
        return value
    return f"{word[1]}; {_separated(word[2])}" if word[2].strip() else word[1]


def transfer_encoding(value: str) -> str:
    """`quoted printable`, `Base-64 (x)` -> the word of RFC 2045; an unknown one stays."""
    told = re.sub(r"\(.*", "", _plain(value)).lower()
    for words in (
        told.partition(";")[0],
        " ".join(told.replace(",", " ").split()[:1]),
    ):  # what else stands there is none
        if encoding := ENCODINGS.get(re.sub(r"[^a-z0-9]", "", words)):
            return encoding
    return value


def _plain(value: str) -> str:
    """Unfolded, without a name that is repeated in the value; and if the whole is one encoded word, what it says."""
    text = re.sub(r"[\r\n]+", "", value)
    if text.lstrip().startswith("=?"):
        text = header_text(text)
    repeated = REPEATED.match(text)
    return text[repeated.end() :] if repeated else text


def _read_parameter(found: re.Match[str]) -> str:
    told = TOLD.fullmatch(header_text(found[2]))
    if told is None:
        return found[0]
    value = b64encode(told[2].strip(" \"'").encode("utf-8", "surrogateescape")).decode()
    return f'{found[1]} {told[1]}="=?utf-8?b?{value}?="'


def _separated(parameters: str) -> str:
    if "=?" in parameters:
        parameters = ENCODED_PARAMETER.sub(_read_parameter, parameters)
    return UNSEPARATED.sub(lambda found: found[1] or "; ", parameters)
