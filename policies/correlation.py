"""Which case a mail belongs to (email promise 5): tokens first, then the thread, and only for people of that case.

Knowing a token or a Message-ID is not enough: who writes must be a participant, else one forwarded mail would open a
case to anybody. A stranger's mail joins nothing; the case that it quotes is told, so that a new one can be linked.

Mails of one thread come in any order, so parts of it may have opened cases of their own before the mail comes that
shows them to be one. Then the oldest case takes in the younger ones that nobody has worked on yet: which case a mail ends
in does not depend on the order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from models.messages.addresses import canonical_address
from models.messages.cases import OPEN_STATUSES
from models.messages.mail_facts import (
    CandidateCase,
    ForeignReason,
    LinkMethod,
    MailLinkFacts,
    Target,
    TokenSource,
)

THREAD = frozenset({LinkMethod.IN_REPLY_TO, LinkMethod.REFERENCES, LinkMethod.CHILD, LinkMethod.SIBLING})
"""Evidence that cases are parts of one thread. Neither a token nor a number in a subject is evidence of that, because
both are copied too easily."""


def correlate(mail: MailLinkFacts, candidates: Iterable[CandidateCase]) -> Target:
    """`candidates`: every case that the facts name, and the survivors of merged ones, oldest first; an unknown number is
    ignored.

    A participant of a merged case or of its survivor joins the survivor. Where DMARC failed, the sender is unproven: a
    token or subject is no evidence, nor is a thread of the same case, for our token travels in exactly that thread
    (email promise 11).
    """
    cases = {candidate.number: candidate for candidate in candidates}
    sender = canonical_address(mail.sender.strip()) if mail.sender else None
    unproven: set[str] = set()
    if mail.dmarc_failed:
        unproven = {
            _chain(number, cases)[-1]
            for method, number in _evidence(mail)
            if method in (LinkMethod.TOKEN, LinkMethod.SUBJECT)
        }
    joins: list[tuple[LinkMethod, str]] = []
    foreign: tuple[str, ForeignReason] | None = None
    for method, number in _evidence(mail):
        if number not in cases:
            continue
        chain = _chain(number, cases)
        survivor = chain[-1]
        if survivor in unproven:
            foreign = foreign or (survivor, ForeignReason.DMARC_FAILED)
        elif not any(sender in cases[link].participants for link in chain if link in cases):
            foreign = foreign or (survivor, ForeignReason.NOT_A_PARTICIPANT)
        elif method is LinkMethod.SIBLING and not _is_open(survivor, cases):
            foreign = foreign or (survivor, ForeignReason.WEAK_EVIDENCE)
        else:
            joins.append((method, survivor))
    if joins:
        return _joined(mail, joins, cases)
    if foreign is None:
        foreign = next(_weakly_named(mail, sender, cases), None)
    return Target(foreign_of=foreign[0], foreign_reason=foreign[1]) if foreign else Target()


def _is_open(number: str, cases: Mapping[str, CandidateCase]) -> bool:
    return number in cases and cases[number].status in OPEN_STATUSES


def _weakly_named(
    mail: MailLinkFacts, sender: str | None, cases: Mapping[str, CandidateCase]
) -> Iterator[tuple[str, ForeignReason]]:
    """Cases of the sender whose mails name an id that this one names too, under another subject: an old mail that somebody
    answers in order to write to us is named again and again."""
    for number in mail.unlike_sibling_cases:
        chain = _chain(number, cases)
        if any(sender in cases[link].participants for link in chain if link in cases):
            yield chain[-1], ForeignReason.WEAK_EVIDENCE


def _joined(mail: MailLinkFacts, joins: list[tuple[LinkMethod, str]], cases: Mapping[str, CandidateCase]) -> Target:
    """The case of the strongest evidence; or, if that is one of several open parts of a thread, the oldest of them.

    A part that somebody works on stays, and a mail that leads to it first stays with it: there its answer is waited for.
    What a machine or an unproven sender wrote puts nothing together.
    """
    method, number = joins[0]
    parts = _parts(mail, joins, cases)
    if number not in parts or mail.automatic or mail.dmarc_failed:
        return Target(number=number, method=method)
    if not cases[number].worked_on:
        number = parts[0]
    others = [part for part in parts if part != number]
    merges = [part for part in others if not cases[part].worked_on] if number == parts[0] else []
    return Target(
        number=number,
        method=next(method for method, joined in joins if joined == number),
        merges=tuple(merges),
        apart=tuple(part for part in others if part not in merges),
    )


def _parts(mail: MailLinkFacts, joins: list[tuple[LinkMethod, str]], cases: Mapping[str, CandidateCase]) -> list[str]:
    """Open cases that the thread leads to, oldest first, without those that hold a mail which another holds too."""
    named = {number for method, number in joins if method in THREAD}
    for double in mail.doubles:
        survivors = {_chain(number, cases)[-1] for number in double}
        if len(survivors) > 1:
            named -= survivors
    return [number for number in cases if number in named and cases[number].status in OPEN_STATUSES]


def _evidence(mail: MailLinkFacts) -> Iterator[tuple[LinkMethod, str]]:
    """(a) to (e) of email promise 5, strongest first, and last what only names the same mail as another does."""
    for source in TokenSource:
        yield from ((LinkMethod.TOKEN, token.number) for token in mail.tokens if token.source is source)
    yield from ((LinkMethod.IN_REPLY_TO, number) for number in mail.in_reply_to_cases)
    yield from ((LinkMethod.REFERENCES, number) for number in mail.references_cases)
    if mail.subject_case is not None:
        yield LinkMethod.SUBJECT, mail.subject_case
    yield from ((LinkMethod.CHILD, number) for number in mail.children_cases)
    yield from ((LinkMethod.SIBLING, number) for number in mail.sibling_cases)


def _chain(number: str, cases: Mapping[str, CandidateCase]) -> list[str]:
    """The number, and the numbers that it was merged into, the last survivor at the end. Merges make no circle; if the
    rows hold one all the same, it is followed once."""
    chain = [number]
    while (case := cases.get(chain[-1])) is not None and case.merged_into is not None and case.merged_into not in chain:
        chain.append(case.merged_into)
    return chain
