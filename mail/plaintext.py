"""What a text body really says: HTML as text, format=flowed put together, uuencoded files taken out."""

import binascii
import html as html_entities
import re
import textwrap

from inscriptis import get_text

LONGEST_HTML = 500_000
"""Characters that are rendered as text: layout takes time with every table."""


TAG = re.compile(r"<(!--|[/!?]?[a-z][a-z0-9]{0,20}|[/!?])")
UNSEEN = {"!--", "script", "style", "title", "head"}
BREAKING = {"br", "p", "/p", "div", "/div", "tr", "/tr", "li", "h1", "h2", "h3", "blockquote", "/blockquote", "pre"}


def html_to_text(html: str) -> str:
    """The visible text; without layout where the document is too odd for it. Never raises."""
    source = html[:LONGEST_HTML]
    try:
        text: str = get_text(source)
    except Exception:  # noqa: BLE001 a renderer over lxml: any of a dozen errors means "too odd"
        text = ""
    if not text.strip():  # also what it answers to ten thousand nested tags
        text = html_entities.unescape(_without_tags(source))
    lines = [line.rstrip() for line in text.replace("\xa0", " ").splitlines()]
    return textwrap.dedent(re.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip("\n")


def _without_tags(html: str) -> str:
    """What stands between the tags, in one pass that only ever moves on: nh3 takes 40 s for 500 kB of nested <div>."""
    lower, found, position = html.lower(), [], 0
    while (start := html.find("<", position)) >= 0:
        found.append(html[position:start])
        tag = TAG.match(lower, start)
        if tag is None:
            found.append("<")
            position = start + 1
            continue
        name = tag[1]
        if name in UNSEEN:
            start = lower.find("-->" if name == "!--" else f"</{name}", tag.end())
        end = html.find(">", start) if start >= 0 else -1
        if end < 0:
            return "".join(found)
        if name in BREAKING:
            found.append("\n")
        position = end + 1
    return "".join([*found, html[position:]])


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


BEGIN = re.compile(r"begin [0-7]{3,4} (\S.{0,200})")


def extract_uuencoded(text: str, most: int) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without its first `most` uuencoded files, and those as (name, content). What has no end stays text."""
    if "\nend" not in text or "begin " not in text:
        return text, []
    out: list[str] = []
    files: list[tuple[str, bytes]] = []
    held: list[str] = []  # lines since a "begin", given back if it was none
    name, content = "", bytearray()
    for line in text.split("\n"):
        if not held:
            begin = BEGIN.fullmatch(line) if len(files) < most else None
            (held if begin else out).append(line)
            if begin:
                name, content = begin[1], bytearray()
            continue
        held.append(line)
        if line == "end":
            files.append((name, bytes(content)))
            held = []
        elif line not in ("`", " ", ""):
            try:
                content += binascii.a2b_uu(line)
            except (binascii.Error, ValueError):
                out += held
                held = []
    return "\n".join(out + held), files
