"""Which case a mail belongs to (email promise 5): tokens first, then the thread, and only for people of that case.

Knowing a token or a Message-ID is not enough: who writes must be a participant, else one forwarded mail would open a
case to anybody. A stranger's mail joins nothing; the case that it quotes is told, so that a new one can be linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from models.messages.mail_facts import (
    CandidateCase,
    ForeignReason,
    LinkMethod,
    MailLinkFacts,
    Target,
    TokenSource,
)


def correlate(mail: MailLinkFacts, candidates: Iterable[CandidateCase]) -> Target:
    """`candidates`: every case that the facts name, and the survivors of merged ones; an unknown number is ignored.

    A participant of a merged case or of its survivor joins the survivor. Where DMARC failed, the sender is unproven: a
    token or subject is no evidence, nor is a thread of the same case, for our token travels in exactly that thread
    (email promise 11).
    """
    cases = {candidate.number: candidate for candidate in candidates}
    sender = mail.sender.strip().lower() if mail.sender else None
    unproven: set[str] = set()
    if mail.dmarc_failed:
        unproven = {
            _chain(number, cases)[-1]
            for method, number in _evidence(mail)
            if method in (LinkMethod.TOKEN, LinkMethod.SUBJECT)
        }
    foreign: tuple[str, ForeignReason] | None = None
    for method, number in _evidence(mail):
        if number not in cases:
            continue
        chain = _chain(number, cases)
        survivor = chain[-1]
        if survivor in unproven:
            reason = ForeignReason.DMARC_FAILED
        elif any(sender in cases[link].participants for link in chain if link in cases):
            return Target(number=survivor, method=method)
        else:
            reason = ForeignReason.NOT_A_PARTICIPANT
        foreign = foreign or (survivor, reason)
    return Target(foreign_of=foreign[0], foreign_reason=foreign[1]) if foreign else Target()


def _evidence(mail: MailLinkFacts) -> Iterator[tuple[LinkMethod, str]]:
    """(a) to (e) of email promise 5, strongest first."""
    for source in TokenSource:
        yield from ((LinkMethod.TOKEN, token.number) for token in mail.tokens if token.source is source)
    yield from ((LinkMethod.IN_REPLY_TO, number) for number in mail.in_reply_to_cases)
    yield from ((LinkMethod.REFERENCES, number) for number in mail.references_cases)
    if mail.subject_case is not None:
        yield LinkMethod.SUBJECT, mail.subject_case
    yield from ((LinkMethod.CHILD, number) for number in mail.children_cases)


def _chain(number: str, cases: Mapping[str, CandidateCase]) -> list[str]:
    """The number and what it was merged into, survivor last. A circle, which no merge makes, ends where it closes."""
    chain = [number]
    while (case := cases.get(chain[-1])) is not None and case.merged_into is not None and case.merged_into not in chain:
        chain.append(case.merged_into)
    return chain
