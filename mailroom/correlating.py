"""Gathering what a mail's headers lead to, so that the policy can say which case it belongs to (email promise 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mail.addresses import FROM_ENCODED, FROM_ROUTE, NAME_IS_ADDRESS, SEVERAL_AUTHORS
from mail.authentication import Dmarc, dmarc
from mail.keys import message_id_hash
from mail.message import ParsedMail
from mail.subjects import subject_stem
from mail.tokens import TOKEN, ReplyTokens, subject_token
from mailroom.arrival import Incoming
from models.messages.addresses import domain_of
from models.messages.cases import CaseStatus
from models.messages.mail_facts import CandidateCase, MailLinkFacts, SenderProof, Target, TokenSource, VerifiedToken
from policies.correlation import correlate
from storage.repositories import mails, threads
from storage.repositories.mails import KnownCase, KnownMessage
from storage.repositories.threads import Sibling

MOST_TOKENS = 50
NO_SURE_SENDER = frozenset({"duplicate-from", SEVERAL_AUTHORS, FROM_ROUTE, FROM_ENCODED})
"""Defects of a From field that a server may have read otherwise than we did."""


@dataclass(frozen=True)
class Thread:
    """Where a mail belongs: the case that it joins, or the one that it speaks of but may not join.

    `merges`: younger cases that go up in the one that it joins, now that it shows them to be one thread.
    """

    target: Target
    case: KnownCase | None = None
    quoted: KnownCase | None = None
    merges: tuple[KnownCase, ...] = ()


class Correlating:
    """`trusted_servers`: the authserv-ids (RFC 8601) whose Authentication-Results are believed; others may be forged."""

    def __init__(self, tokens: ReplyTokens, trusted_servers: Iterable[str] = ()) -> None:
        self.tokens = tokens
        self.trusted = frozenset(server.lower() for server in trusted_servers)

    def dmarc_failed(self, parsed: ParsedMail) -> bool:
        """According to a receiving server of ours, or because its verdict is not about the address that we take for the
        sender, or nobody can tell which of several it was about."""
        verdicts = self._verdicts(parsed)
        if not verdicts.isdisjoint((Dmarc.FAIL, Dmarc.OTHER)):
            return True
        if Dmarc.PASS in verdicts:
            return False
        doubtful = NAME_IS_ADDRESS in parsed.defects and Dmarc.UNNAMED in verdicts
        return doubtful or not NO_SURE_SENDER.isdisjoint(parsed.defects)

    def proof(self, mail: Incoming) -> SenderProof:
        """Whether the mail's sender is who they say."""
        if mail.writer is not None or self.dmarc_failed(mail.parsed):
            return SenderProof.UNPROVEN
        verdicts = self._verdicts(mail.parsed)
        passed = not verdicts.isdisjoint((Dmarc.PASS, Dmarc.UNNAMED))
        return SenderProof.PROVEN if passed else SenderProof.UNKNOWN

    def _verdicts(self, parsed: ParsedMail) -> set[Dmarc]:
        domain = domain_of(parsed.from_.address) if parsed.from_ else ""
        return {dmarc(parsed.auth_results, server, domain) for server in self.trusted}

    def answers_ours(
        self, mail: Incoming, related: Sequence[tuple[KnownMessage, KnownCase | None]], prefix: str
    ) -> bool:
        """Whether the mail names a letter of ours, by its id, by our token or by the number of a case in its subject."""
        named = set(mail.named_hashes)
        return (
            any(message.direction == "out" and message.message_id_hash in named for message, _ in related)
            or subject_token(mail.parsed.subject, prefix) is not None
            or next(self._tokens(mail.parsed), None) is not None
        )

    async def thread(
        self,
        session: AsyncSession,
        mail: Incoming,
        related: Sequence[tuple[KnownMessage, KnownCase | None]],
        prefix: str,
    ) -> Thread:
        """`related`: stored messages that the mail names or that name it, with their cases."""
        tokens = tuple(self._tokens(mail.parsed))
        subject_case = subject_token(mail.parsed.subject, prefix)
        cases = {case.number: case for _, case in related if case is not None}
        siblings = await _siblings(session, mail, related)
        cases |= {sibling.case.number: sibling.case for sibling in siblings}
        wanted = {token.number for token in tokens} | ({subject_case} if subject_case else set())
        if not cases and not wanted:
            return Thread(Target())
        await _add_cases(session, cases, wanted)
        if not cases:
            return Thread(Target())
        ids = [case.id for case in cases.values()]
        people = await mails.participants(session, ids)
        # Asked only where cases could be put together.
        worked_on = await threads.worked_on(session, ids) if len(ids) > 1 else set()
        target = correlate(
            _link_facts(mail, related, siblings, tokens, subject_case, self.proof(mail)),
            [
                CandidateCase(
                    number=case.number,
                    status=CaseStatus(case.status),
                    participants=frozenset(people[case.id]),
                    merged_into=case.merged_into,
                    worked_on=case.id in worked_on,
                )
                for case in sorted(cases.values(), key=lambda case: case.id)
            ],
        )
        return Thread(
            target,
            cases.get(target.number or ""),
            cases.get(target.foreign_of or ""),
            tuple(cases[number] for number in target.merges),
        )

    def _tokens(self, parsed: ParsedMail) -> Iterator[VerifiedToken]:
        recipients = [*(each.address for each in (*parsed.to, *parsed.cc)), *parsed.delivered_to]
        places = [
            (TokenSource.IN_REPLY_TO, parsed.in_reply_to or ""),
            *((TokenSource.REFERENCES, named) for named in reversed(parsed.references)),
            *((TokenSource.REPLY_ADDRESS, address) for address in recipients),
        ]
        found = [(source, match[0]) for source, text in places for match in TOKEN.finditer(text)]
        for source, token in dict.fromkeys(found[:MOST_TOKENS]):
            number = self.tokens.verify(token)
            if number is not None:
                yield VerifiedToken(number=number, source=source)


async def _siblings(
    session: AsyncSession, mail: Incoming, related: Sequence[tuple[KnownMessage, KnownCase | None]]
) -> list[Sibling]:
    """Mails that name what this one names: where the named mail itself is stored, that one says more."""
    known = {message.message_id_hash for message, case in related if case is not None} | {mail.message_id_hash}
    unseen = [hashed for hashed in mail.named_hashes if hashed not in known]
    return await threads.siblings(session, unseen) if unseen else []


async def _add_cases(session: AsyncSession, cases: dict[str, KnownCase], wanted: set[str]) -> None:
    """The cases of these numbers too, and the survivors of all that were merged."""
    missing = wanted
    for _ in range(threads.LONGEST_CHAIN):
        missing = (missing | {case.merged_into for case in cases.values() if case.merged_into}) - cases.keys()
        if not missing:
            return
        found = await mails.cases_of_numbers(session, missing)
        if not found:
            return
        cases |= {case.number: case for case in found}


def _link_facts(
    mail: Incoming,
    related: Sequence[tuple[KnownMessage, KnownCase | None]],
    siblings: Sequence[Sibling],
    tokens: tuple[VerifiedToken, ...],
    subject_case: str | None,
    proof: SenderProof,
) -> MailLinkFacts:
    stem = subject_stem(mail.parsed.subject)
    alike = [each.case.number for each in siblings if stem and subject_stem(each.subject) == stem]
    held: defaultdict[str, list[str]] = defaultdict(list)
    for hashed, number in [
        *((message.message_id_hash, case.number) for message, case in related if case is not None),
        *((each.message_id_hash, each.case.number) for each in siblings),
    ]:
        held[hashed].append(number)
    parents = [message_id_hash(mail.parsed.in_reply_to)] if mail.parsed.in_reply_to else []
    references = [message_id_hash(named) for named in reversed(mail.parsed.references)]
    known = {*mail.named_hashes, mail.message_id_hash}
    return MailLinkFacts(
        sender=mail.sender,
        dmarc_failed=proof is SenderProof.UNPROVEN,
        automatic=mail.automatic is not None,
        tokens=tokens,
        in_reply_to_cases=_numbers(held, parents),
        references_cases=_numbers(held, references),
        subject_case=subject_case,
        children_cases=tuple(
            dict.fromkeys(
                case.number for message, case in related if case is not None and message.message_id_hash not in known
            )
        ),
        sibling_cases=tuple(dict.fromkeys(alike)),
        unlike_sibling_cases=tuple(
            dict.fromkeys(each.case.number for each in siblings if each.case.number not in alike)
        ),
        doubles=tuple(frozenset(numbers) for numbers in held.values() if len(set(numbers)) > 1),
    )


def _numbers(held: Mapping[str, list[str]], hashes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(number for hashed in hashes for number in held.get(hashed, ())))
