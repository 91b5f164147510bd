"""Reports that a mail did not arrive in words alone, as servers write them that know no RFC 3464.

Read are standing phrases of mail servers, lines that name an address, and what stands below each of them. A phrase alone
is not enough, as people and shops use the same words: there must be something that only mail servers say.
"""

import re
from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from mail.bounce_phrases import ANNOUNCED, ANSWERS, COPY, DELAYED, FAILED, FINAL, GREETED, SERVERS_SAY
from mail.dead import DEAD_WORDS, ENHANCED, REPLY
from mail.tokens import TOKEN

Outcome = Literal["failed", "delayed", "delivered", "relayed", "expanded"]

_NEVER = r"\s<>,;:\"()\[\]@、。，：；「」『』（）【】《》＜＞"
_LOCAL, _DOMAIN = rf"[^{_NEVER}'][^{_NEVER}]{{0,63}}", rf"[^{_NEVER}']{{1,255}}"
ADDRESS = re.compile(rf"{_LOCAL}@{_DOMAIN}")
GLUED_BEFORE = re.compile(r"[\u3040-\u9fff\uac00-\ud7af\uff00-\uffef]+(?=[!-~]+@[!-~]*$)")
GLUED_BEHIND = re.compile(r"\.[a-z][a-z0-9-]+(?=[^\x00-\x7f][^.]*$)", re.IGNORECASE)
"""Words of a language without blanks around an address; no top-level domain mixes two scripts."""
GATEWAYS = re.compile(r"^smtp=", re.IGNORECASE)
"""What stands before an address of the internet in one of X.400."""
ANOTHERS = re.compile(r"(?:(?<!ed )\bfrom:?|\be\.g\.,?(?: if)?|\bfor example,?)\s{1,3}[<\"']?$", re.IGNORECASE)
"""Before an address of who wrote, and not of what was generated from it, or of one that is an example."""
LOCAL = re.compile(r"^[ \t]{1,20}([a-z0-9][\w.+-]{0,63})[ \t]*$", re.IGNORECASE | re.MULTILINE)
"""A mailbox of the server's own, which it names without its domain."""
_LABEL = (
    r"(?:(?:failed|final|intended|original|undeliverable|affected|invalid|unknown|delivery)[ -]){0,3}"
    r"(?:recipients?|address(?:ee)?|user(?:id)?|error-for|rcpt to|empfänger(?:adresse)?|destinataires?|destinatari[oa]s?|"
    r"ontvanger|odbiorca|adresat|получатель|адрес|příjemce|mottagare|modtager|al.c.|宛先|收件人)(?: ?address(?:es)?)?"
)
NAMED = re.compile(
    rf"^[ \t]{{0,20}}(?:[*\u2022\u00b7>\u2013-]{{1,3}}[ \t]{{0,4}})?(?:{_LABEL}[ \t]{{0,4}}[:=][ \t]{{0,20}})?"
    r"(?:\[?smtp[:;=]|rfc822;[ ]?|mailto:)?"
    rf"[\"'<(\[]{{0,3}}(?P<address>{_LOCAL}@{_DOMAIN}?)(?=[\"'>)\]:;,.]{{0,4}}(?:\s|$))",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that begins with an address, bare or in any brackets and quotes, behind a bullet or a label."""
ALIASED = re.compile(
    rf"\b(?:expanded|generated|reduced|forwarded|redirected|aliased) from:?\s{{1,20}}[<\"']?({_LOCAL}@{_DOMAIN}?)[>\"')]",
    re.IGNORECASE,
)
HEADER = re.compile(
    r"^[ \t>]{0,20}(?:message-id|received|return-path|mime-version|content-type)[ \t]{0,9}:",
    re.IGNORECASE | re.MULTILINE,
)
RULE = re.compile(r"^[ \t|]{0,4}[-=_*#+]{3,}.*$", re.MULTILINE)
ANSWERED = re.compile(rf"^[45]\d\d[ -](?:[45]\.\d\.\d{{1,3}} )?<({_LOCAL}@{_DOMAIN}?)>\.\.\.", re.MULTILINE)
"""What an old Sendmail says of one recipient, in a transcript without a list of them."""
OF_OURS = re.compile(
    r"^[ \t]{0,20}(?:(?:mail )?from|cc|subject|(?:sent )?date|size|number of lines|message-id)\b[^\n:]{0,20}:.*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that tells which mail of ours it is about."""
RE = re.compile(r"^\W{0,3}re\s?:", re.IGNORECASE)
NOBODYS = re.compile(r"(?:postmaster|mailer-daemon|abuse|no-?reply|hostmaster)@", re.IGNORECASE)
QUOTED = re.compile(rf"^[ \t]{{0,4}}>(?!>> |[ \t]?{_LOCAL}@{_DOMAIN}[ \t]*$).*$", re.MULTILINE)
"""Somebody's quote: neither a transcript's ">>> RCPT" nor an address behind MDaemon's mark."""

LOOKED_AT = 50_000
"""Characters of a body that are searched."""
MOST_ADDRESSES = 100
LONGEST_REASON = 500


class Told(NamedTuple):
    """What the words tell of one recipient; `aliases` are other addresses of the same.

    `shared`: the reason is said of several together, and of which of them it holds, nobody can tell.
    """

    address: str
    outcome: Outcome
    status: str | None
    reason: str
    aliases: tuple[str, ...] = ()
    shared: bool = False


def read_words(
    subject: str,
    text: str,
    listed: Iterable[str],
    *,
    sure: bool,
    wary: bool = False,
    returned: bool = False,
    ours: Collection[str] = (),
    domain: str = "",
    to_nobody: bool = False,
) -> list[Told]:
    """The recipients that a report tells of; none if it is no report.

    `listed`: addresses that its headers name as failed. `ours`: those that it came to. `returned`: our mail lies beside it.
    `domain`: of the server, if it is known, for mailboxes that it names without theirs. `to_nobody`: it cannot be answered.
    `sure`: a mail server sent it; else there must be a code or our mail, too, and with `wary` both: programs that answer for
    people have the null return path as well.
    """
    whole = QUOTED.sub("", text[:LOOKED_AT])
    named = tuple(dict.fromkeys(listed))
    # Apache James answers our mail with its report. So do programs of people, but with no code.
    answered = sure and to_nobody and RE.match(subject) is not None
    if ANSWERS.search(RE.sub("", subject) if answered else subject) and not named:
        return []
    copied = COPY.search(whole) or HEADER.search(whole)
    for said in (whole[: copied.start()], whole) if copied else (whole,):
        phrase = FAILED.search(said) or FAILED.search(subject) or DELAYED.search(said)
        # In a language that nobody has listed: a server's code above our mail.
        unworded = phrase is None and sure and said is not whole and _has_code(said)
        if phrase is None and not named and not unworded:
            continue
        told_apart = named or copied or returned or _of_a_server(said, sure=sure)
        if not (told_apart or (sure and ANNOUNCED.match(subject))) or (wary and not (copied and _has_code(said))):
            continue
        if answered and not named and not _has_code(said):
            continue
        begin = phrase.start() if phrase is not None and phrase.string is said else 0
        places = _places(said, begin, named, ours)
        found = _of_transcript(subject, said, places, ours) if not named else []
        found = found or (_told(subject, said, begin, places) if places else _in_a_sentence(subject, said, begin, ours))
        if not found and domain and (listing := said.find(":\n", begin)) > 0:
            locals_ = LOCAL.findall(said, listing)[:MOST_ADDRESSES]
            found = [_one(subject, said, f"{each}@{domain}", _reason(said[begin:listing])) for each in locals_]
        if unworded:  # its code alone tells, and one that begins with 4 is no end
            found = [_delayed_if_soft(each) for each in found]
        if found:
            return found
    return []


def _delayed_if_soft(told: Told) -> Told:
    return told._replace(outcome="delayed") if (told.status or "").startswith("4") else told


def announces(subject: str, text: str) -> bool:
    """Whether a mail of an address that servers and people write as, like postmaster@, looks like a report at all."""
    answers = ANSWERS.search(subject) is not None
    return not answers and ANNOUNCED.match(subject) is not None and GREETED.match(text) is None


def says_undelivered(text: str) -> bool:
    """Whether a mail that has a report's subject says what mail servers say, or nothing at all; else a person wrote it.

    Our mail returned tells it; else two of: a standing phrase, a code, what only mail servers speak of, an address. Servers
    greet nobody.
    """
    said = text[:LOOKED_AT]
    if GREETED.match(said):
        return False
    if not said.strip() or COPY.search(said) or HEADER.search(said):
        return True
    phrase = FAILED.search(said) or DELAYED.search(said)
    of_servers = SERVERS_SAY.search(said) or DEAD_WORDS.search(said[:2000])
    return sum((phrase is not None, _has_code(said), of_servers is not None, ADDRESS.search(said) is not None)) >= 2


def _of_a_server(said: str, *, sure: bool) -> bool:
    if _has_code(said):
        return True
    return sure and (SERVERS_SAY.search(said) or DEAD_WORDS.search(said[:2000])) is not None


def _places(said: str, begin: int, named: tuple[str, ...], ours: Collection[str]) -> list[tuple[str, int, int]]:
    """Each address with where it stands, in order."""
    found = [(bare(match["address"]), *match.span("address")) for match in NAMED.finditer(said)]
    found = [each for each in found if not _of_another(said, each[0], each[1], ours)]
    found = [each for each in found if each[1] >= begin] or found
    if named:
        wanted = {each.lower() for each in named}
        found = [each for each in found if each[0].lower() in wanted]
        missing = wanted - {each[0].lower() for each in found}
        for match in ADDRESS.finditer(said):
            if bare(match[0]).lower() in missing:
                found.append((bare(match[0]), *match.span()))
                missing.discard(bare(match[0]).lower())
        return sorted(found, key=lambda each: each[1]) + [(each, 0, 0) for each in named if each.lower() in missing]
    if found:  # what is indented deeper belongs to the address above it
        first = _indent(said, found[0][1])
        found = [each for each in found if _indent(said, each[1]) <= first]
    return [each for each in found if not NOBODYS.match(each[0])] or found


def _of_another(said: str, address: str, at: int, ours: Collection[str]) -> bool:
    return (
        address.lower() in ours
        or TOKEN.match(address) is not None
        or ANOTHERS.search(said, max(0, at - 20), at) is not None
    )


def bare(found: str) -> str:
    """An address as it was found in a text, without what stands right beside it."""
    behind = GLUED_BEHIND.search(found)
    found = GATEWAYS.sub("", (found[: behind.end()] if behind else found).rstrip(".'"))
    before = GLUED_BEFORE.match(found)
    return found[before.end() :] if before else found


def _indent(said: str, at: int) -> int:
    line = said[said.rfind("\n", 0, at) + 1 : at]
    return len(line) - len(line.lstrip(" \t"))


def _in_a_sentence(subject: str, said: str, begin: int, ours: Collection[str]) -> list[Told]:
    """ "Your message to ann@b.example could not be delivered." """
    others = [match for match in ADDRESS.finditer(said) if not _of_another(said, bare(match[0]), match.start(), ours)]
    near_phrase = said.rfind("\n\n", 0, begin) + 1
    first = next((match for match in others if match.start() >= near_phrase), next(iter(others), None))
    if first is None:
        return []
    start, end = said.rfind("\n\n", 0, first.start()) + 1, said.find("\n\n", first.end())
    near = said[start : end if end > 0 else len(said)]
    found = dict.fromkeys(bare(match[0]).lower() for match in ADDRESS.finditer(near) if not TOKEN.match(match[0]))
    reason = _reason(near) if _has_code(near) else _reason(said[start:])
    addresses = [address for address in found if not NOBODYS.match(address) and address not in ours][:MOST_ADDRESSES]
    # A further one may be whom to write to instead: nothing is said of it for certain.
    return [_one(subject, said, address, "" if index else reason) for index, address in enumerate(addresses)]


def _of_transcript(subject: str, said: str, places: list[tuple[str, int, int]], ours: Collection[str]) -> list[Told]:
    """Several recipients of whom nothing but a transcript tells; none if they are listed, or there is only one."""
    if not all(said.startswith(">>>", said.rfind("\n", 0, start) + 1) for _, start, _ in places):
        return []
    answered = [match for match in ANSWERED.finditer(said) if not _of_another(said, match[1], match.start(1), ours)]
    found = list(dict.fromkeys(match[1].lower() for match in answered))[:MOST_ADDRESSES]
    return [_one(subject, said, each, _elsewhere(said, each)) for each in found] if len(found) > 1 else []


def _told(subject: str, said: str, begin: int, places: list[tuple[str, int, int]]) -> list[Told]:
    sections: dict[str, str] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    for index, (address, _, end) in enumerate(places[:MOST_ADDRESSES]):
        key = address.lower()
        until = places[index + 1][1] if index + 1 < len(places) else len(said)
        section = said[end:until].strip(" \t\r\n<>\"')]:;,*")
        sections[key] = f"{sections.get(key, '')}\n\n{section}".strip()
        aliases[key] = aliases.get(key, ()) + tuple(each.lower() for each in ALIASED.findall(section))
    reasons = {address: _reason(section) for address, section in sections.items()}
    for address, reason in reasons.items():
        if not _has_code(reason):
            reasons[address] = _elsewhere(said, address) or reason
    if not any(_has_code(reason) for reason in reasons.values()):  # a transcript below all of them
        below = "\n\n".join(each for each in RULE.split(said[places[-1][2] :]) if _has_code(each))
        last = places[:MOST_ADDRESSES][-1][0].lower()
        reasons[last] = _reason(below) or reasons[last]
    shared: set[str] = set()
    following = None
    for address in reversed(list(sections)):  # those without a word of their own have that of the next one
        if not reasons[address] and following is not None:
            reasons[address] = reasons[following]
            shared |= {address, following}
        following = address
    above = said[begin : places[0][1]]
    if not any(reasons.values()):  # below a heading that is underlined, or above the list
        below = next((each for each in RULE.split(said[places[-1][2] :])[1:] if each.strip()), "")
        why = _reason(RULE.sub("\n", said[: places[0][1]]))
        telling = _has_code(why) or DEAD_WORDS.search(why) or not below
        reasons = dict.fromkeys(reasons, why if telling else _reason(below))
        shared = set(reasons) if len(reasons) > 1 else set()
    elif _has_code(above) and not any(_has_code(reason) for reason in reasons.values()):
        # Both: what stands below may be the reason, too, and not only advice.
        own = {address: _reason(OF_OURS.sub("", section)) for address, section in sections.items()}
        why = _reason(RULE.sub("\n", above))
        reasons = {address: f"{why} {own[address]}".strip() for address in reasons}
        shared = set(reasons) if len(reasons) > 1 else set()
    return [_one(subject, said, each, reasons[each], aliases[each], shared=each in shared) for each in reasons]


def _one(
    subject: str, said: str, address: str, reason: str, aliases: tuple[str, ...] = (), *, shared: bool = False
) -> Told:
    """A reply that is final cannot be a delay, whatever else the text says."""
    codes = list(ENHANCED.finditer(reason))
    status = next((code for code in codes if code[1] != "2"), codes[0] if codes else None)
    reply = REPLY.search(reason)
    told = status[0] if status else f"{reply[1][0]}.0.0" if reply else None
    whole = f"{subject}\n{said}"
    delayed = DELAYED.search(whole) and not FINAL.search(whole) and not (told or "").startswith("5")
    outcome: Outcome = "delivered" if (told or "").startswith("2") else "delayed" if delayed else "failed"
    return Told(address, outcome, told, reason[:LONGEST_REASON], aliases, shared)


def _has_code(text: str) -> bool:
    return (ENHANCED.search(text) or REPLY.search(text)) is not None


def _elsewhere(said: str, address: str) -> str:
    """What a transcript says of the address: lines of it that have a code, too."""
    lines = (line.strip() for line in said.splitlines() if address in line.lower())
    return " ".join(dict.fromkeys(line for line in lines if _has_code(line)))


def _reason(section: str) -> str:
    """The paragraphs that hold a code, or else all of it: what else stands there is advice. A rule ends it."""
    section = RULE.split(section, maxsplit=1)[0]
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n[ \t]*\n", section)]
    telling = [each for each in paragraphs if _has_code(each)]
    return " ".join(telling or paragraphs).strip()
