"""The fields of a report about a delivery (RFC 3464, RFC 6533): each recipient, and what became of them."""

import re
from collections.abc import Collection, Iterator

from mail.bounce_words import ADDRESS, Outcome
from mail.charsets import header_text
from mail.dead import ENHANCED, REPLY, is_dead
from mail.message import Model
from models.messages.addresses import canonical_address

ACTIONS: tuple[tuple[re.Pattern[str], Outcome], ...] = (
    (re.compile(r"delivered|deliverable|delivery(?:$| (?:ok|succe))"), "delivered"),
    (re.compile(r"relay"), "relayed"),
    (re.compile(r"expand"), "expanded"),
    (re.compile(r".{0,40}(?:fail|error|undeliver|not deliver|expire|reject|bounce|return)"), "failed"),
    (re.compile(r".{0,40}(?:delay|warn|defer|retr[yi]|transient)"), "delayed"),
)
"""By how the Action field begins; some servers write more than its word, or another."""
BY_CLASS: dict[str, Outcome] = {"2": "delivered", "4": "delayed", "5": "failed"}
UNITEXT = re.compile(r"\\x\{((?!0*D[89A-F]..\})(?!0+\})[0-9A-F]{2,5})\}", re.IGNORECASE)
"""A character that was written for servers that know ASCII alone; no surrogate."""
QUOTED_LOCAL = re.compile(r"\"([^\s\"@<>\\]{1,64})\"@")
XTEXT = re.compile(r"\+([2-7][0-9a-f])", re.IGNORECASE)
COMMENT = re.compile(
    r"\((?!(?:bad destination (?:mailbox|system) address(?: syntax)?|unable to route|permanent failure|"
    r"mailbox disabled, not accepting messages|destination mailbox has moved, no forwarding address)\))[^()]{1,200}\)",
    re.IGNORECASE,
)
"""Behind the status, what it means here; it may say something else than the code. Not the code's own title (RFC 3463)."""
RECIPIENTS = ("original-recipient", "final-recipient", "x-actual-recipient")
ONCE = {"original-recipient", "final-recipient", "action", "status"}


class FailedRecipient(Model):
    """What a report says of one recipient, who failed or not.

    `address`, canonical, is whom we wrote to. `final` is who it came to by an alias or a forwarding, if that is
    somebody else. `status` is the enhanced code ("5.1.1") or None.
    """

    address: str
    outcome: Outcome
    status: str | None = None
    diagnostic: str = ""
    final: str | None = None
    shared: bool = False
    """The words are said of several recipients together, and do not tell of which they hold."""

    @property
    def hard(self) -> bool:
        """Whether the address that the mail came to is dead."""
        return self.dead()

    def dead(self, ours: Collection[str] = ()) -> bool:
        """The same, where no address of `ours` is the one that the server speaks of."""
        refused = self.outcome == "failed" and not self.shared
        of = self.final or self.address
        return refused and is_dead(self.status, self.diagnostic, of=of, ours=ours)


def read_fields(text: str) -> list[FailedRecipient]:
    found = []
    for fields in blocks(text):
        named = [address for name in RECIPIENTS for address in addresses(fields.get(name, ""))]
        if not named:
            continue
        if named[0] != named[-1] == _of_xtext(named[0]):  # as it was told to the server, and not as it is
            named[0] = named[-1]
        diagnostic = fields.get("diagnostic-code", "")
        comment = COMMENT.search(fields.get("status", ""))
        code = ENHANCED.search(fields.get("status", "")) or ENHANCED.search(diagnostic)
        outcome = _outcome(fields.get("action", ""), code[1] if code else None, diagnostic)
        if outcome is None:
            continue
        final = next(iter(addresses(fields.get("final-recipient", ""))), named[0])
        found.append(
            FailedRecipient(
                address=named[0],
                outcome=outcome,
                status=code[0] if code else None,
                diagnostic=" ".join(said for said in (comment[0] if comment else "", diagnostic) if said)[:500],
                final=final if final != named[0] else None,
            )
        )
    return found


def _outcome(action: str, code_class: str | None, diagnostic: str) -> Outcome | None:
    word = action.strip().lower()
    for pattern, outcome in ACTIONS:
        if pattern.match(word):
            return outcome
    reply = REPLY.search(diagnostic)
    return BY_CLASS.get(code_class or (reply[1][0] if reply else ""))


def blocks(text: str) -> Iterator[dict[str, str]]:
    """The groups of fields, one for each recipient. A line that is blank, or a field once more, begins the next group,
    unless the group has a recipient and no word of what became of it."""
    block: dict[str, str] = {}
    unfolded = re.sub(r"\n[ \t]+(?=\S)", " ", text.replace("\r\n", "\n"))
    for line in unfolded.split("\n"):
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        open_still = not block.keys().isdisjoint(RECIPIENTS) and block.keys().isdisjoint(("action", "status"))
        if (not line.strip() and not open_still) or (name in ONCE and name in block):
            yield block
            block = {}
        if colon and name:
            block.setdefault(name, header_text(value))
    yield block


def addresses(value: str) -> list[str]:
    """The address of a field like "rfc822; <ann@b.example>"; also as it was meant where a server left it encoded
    (RFC 3461 4, RFC 6533 3)."""
    kind, semicolon, rest = value.partition(";")
    given = rest if semicolon and "@" not in kind else value
    given = UNITEXT.sub(lambda code: chr(int(code[1], 16)), given)
    given = QUOTED_LOCAL.sub(r"\1@", given.replace("@ ", "@"))
    match = ADDRESS.search(given)
    return [canonical_address(match[0].rstrip(".'"))] if match else []


def _of_xtext(address: str) -> str:
    """ "ann+2bx@b.example" -> "ann+x@b.example" (RFC 3461 4)."""
    return XTEXT.sub(lambda code: chr(int(code[1], 16)), address)
