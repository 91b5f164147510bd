"""What a text body really says: format=flowed put together, uuencoded files taken out, commands left away."""

import binascii
import re
from collections.abc import Callable
from typing import AnyStr


def unflow(text: str, *, delsp: bool) -> str:
    """format=flowed (RFC 3676) as paragraphs: a line that ends with a space goes on in the next of the same depth."""
    paragraphs: list[list[str]] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # space-stuffing (4.4)
        signature = content == "-- "
        if open_depth != depth or signature:
            paragraphs.append([">" * depth + (" " if depth else "")])
        goes_on = content.endswith(" ") and not signature
        paragraphs[-1].append(content[:-1] if goes_on and delsp else content)
        open_depth = depth if goes_on else None
    return "\n".join("".join(pieces) for pieces in paragraphs)


ENRICHED = re.compile(r"<(<|/?[A-Za-z][A-Za-z0-9-]{0,60}>)")
PARAMETER = re.compile(r"<param>[^<]{0,200}</param>", re.IGNORECASE)


def enriched_to_text(text: str) -> str:
    """text/enriched (RFC 1896) and its forerunner richtext without their commands; of N line breaks, N - 1 are meant."""
    joined = re.sub(r"\n+", lambda run: " " if len(run[0]) == 1 else run[0][1:], text.strip("\n"))
    return ENRICHED.sub(lambda found: "<" if found[1] == "<" else "", PARAMETER.sub("", joined))


BEGIN = re.compile(r"begin(-base64)? [0-7]{3,5} (\S.{0,200})")


def _is_whole(line: str) -> bool:
    """Whether a line of uuencode has as many letters as its first one says: the stdlib takes "HELLO" for one, too."""
    return (((ord(line[0]) - 32) & 63) + 2) // 3 * 4 <= len(line) - 1 + len("  ")


def uu_bytes(line: AnyStr) -> bytes:
    """A line of uuencode without the letters that fill up its last group of four. They hold nothing of the file, and some
    programs leave in them what stood there before, which the stdlib refuses. Raises binascii.Error."""
    size = (ord(line[:1]) - 32) & 63
    filled, letters = 1 + (size * 4 + 2) // 3, 1 + (size + 2) // 3 * 4
    return binascii.a2b_uu(line[:filled] + line[letters:])


def extract_uuencoded(text: str, most: int) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without its first `most` uuencoded files, and those as (name, content); also in the form that POSIX gives
    base64 (`begin-base64`). What has no end stays text."""
    if not ("\nend" in text and "begin " in text) and not ("\n====" in text and "begin-base64 " in text):
        return text, []
    out: list[str] = []
    files: list[tuple[str, bytes]] = []
    held: list[str] = []  # lines since a "begin", given back if it was none
    name, content, end = "", bytearray(), "end"
    decode_line: Callable[[str], bytes] = uu_bytes
    for line in text.split("\n"):
        if not held:
            begin = BEGIN.fullmatch(line) if len(files) < most else None
            (held if begin else out).append(line)
            if begin:
                name, content = begin[2], bytearray()
                end, decode_line = ("====", binascii.a2b_base64) if begin[1] else ("end", uu_bytes)
            continue
        held.append(line)
        if line.rstrip() == end:
            if not content and "`" not in held:
                out += held  # as people write
                held = []
                continue
            files.append((name, bytes(content)))
            held = []
        elif line not in ("`", " ", ""):
            try:
                if end == "end" and not content and not _is_whole(line):
                    raise ValueError(line)
                content += decode_line(line)
            except (binascii.Error, ValueError):
                out += held
                held = []
    return "\n".join(out + held), files


ARMOUR = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n((?:[A-Za-z-]{1,30}: [^\n]{0,200}\n){0,20})[ \t]*\n")
SIGNATURE_BEGIN, SIGNATURE_END = "\n-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"
PGP_MESSAGE = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)


def take_signature(text: str) -> tuple[str, str]:
    """A text signed with OpenPGP in the text itself (RFC 9580 7), as (text, signature). Nothing is verified."""
    begun = ARMOUR.search(text)
    begin = text.find(SIGNATURE_BEGIN, begun.end() - 1) if begun else -1
    end = text.find(SIGNATURE_END, begin) if begin >= 0 else -1
    if begun is None or end < 0:
        return text, ""
    end += len(SIGNATURE_END)
    # 7.1: each line that begins with a dash was escaped by another.
    words = re.sub(r"^- ", "", text[begun.end() : begin], flags=re.MULTILINE) if begin >= begun.end() else ""
    return text[: begun.start()] + words + text[end:], text[begin + 1 : end] + "\n"


CALENDAR_LINE = re.compile(
    r"^(SUMMARY|DTSTART|DTEND|DUE|LOCATION|DESCRIPTION|COMMENT)"
    r"(?:;((?:[^\":\n]|\"[^\"\n]{0,500}+\"){0,500}+))?:(.{1,20000})$",
    re.IGNORECASE | re.MULTILINE,
)
"""What stands in quotes among the parameters may have colons: `DESCRIPTION;ALTREP="cid:x@y.example":Words`."""
CALENDAR_ORDER = ("SUMMARY", "DTSTART", "DTEND", "DUE", "LOCATION", "DESCRIPTION", "COMMENT")
COMPONENT = re.compile(r"^BEGIN:(?:VEVENT|VTODO|VJOURNAL)[ \t]*$", re.IGNORECASE | re.MULTILINE)
METHOD = re.compile(r"^METHOD[ \t]*:[ \t]*(REPLY|COUNTER|DECLINECOUNTER|CANCEL)[ \t]*$", re.IGNORECASE | re.MULTILINE)
METHODS_SAID = {
    "COUNTER": "COUNTERPROPOSAL", "DECLINECOUNTER": "COUNTERPROPOSAL DECLINED", "CANCEL": "CANCELLED",
}  # fmt: skip
PARTICIPATION = re.compile(
    r"^ATTENDEE;(?:[^\":\n]|\"[^\"\n]{0,500}+\"){0,500}?\bPARTSTAT=\"?([A-Z-]{1,30})", re.IGNORECASE | re.MULTILINE
)
CALENDAR_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{2}(Z?))?")
ZONE = re.compile(r"TZID=\"?([^;\"]{1,100})", re.IGNORECASE)
ESCAPED = re.compile(r"\\([nN\\,;])")


def calendar_to_text(text: str) -> str:
    """What an invitation or a task tells its reader (RFC 5545): its title, times, place and words; "" if it is none. Above
    them stands of an answer whether its writer comes, and of what is off or is to be moved that it is: yes and no would
    read alike."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text[:200_000]).replace("\r\n", "\n")
    begun = COMPONENT.search(unfolded)  # a zone before it has times of its own
    event = unfolded[begun.end() :] if begun else ""
    found: list[tuple[int, str]] = []
    method = METHOD.search(unfolded) if event else None
    if method is not None:
        answers = {each.upper() for each in PARTICIPATION.findall(event)}
        found.append((-1, METHODS_SAID.get(method[1].upper()) or (answers.pop() if len(answers) == 1 else "REPLY")))
    for name, told, value in CALENDAR_LINE.findall(event.partition("BEGIN:VALARM")[0])[:50]:
        time, zone = CALENDAR_TIME.match(value), ZONE.search(told)
        if time is not None and name.upper().startswith(("DT", "DUE")):
            hour = f" {time[4]}:{time[5]}" if time[4] else ""
            value = f"{time[1]}-{time[2]}-{time[3]}{hour}" + (" UTC" if time[6] else f" {zone[1]}" if zone else "")
        said = ESCAPED.sub(lambda each: "\n" if each[1] in "nN" else each[1], value).strip()
        found.append((CALENDAR_ORDER.index(name.upper()), said))
    return "\n".join(dict.fromkeys(said for _, said in sorted(found, key=lambda each: each[0]) if said))
