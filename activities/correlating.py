"""Gathering what a mail's headers lead to, so that the policy can say which case it belongs to (email promise 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from activities.arrival import Incoming
from activities.message_keys import message_id_hash
from mail.authentication import Dmarc, dmarc
from mail.message import ParsedMail
from mail.tokens import TOKEN, ReplyTokens, subject_token
from models.messages.cases import CaseStatus
from models.messages.mail_facts import CandidateCase, MailLinkFacts, Target, TokenSource, VerifiedToken
from models.records.cases import Case
from models.records.mails import EmailMessage
from policies.correlation import correlate
from storage.repositories import mails

LONGEST_CHAIN = 10
"""Merges of merges that are followed."""
MOST_TOKENS = 50


@dataclass(frozen=True)
class Thread:
    """Where a mail belongs: the case that it joins, or the one that it speaks of but may not join."""

    target: Target
    case: Case | None = None
    quoted: Case | None = None


class Correlating:
    """`trusted_servers`: the authserv-ids (RFC 8601) whose Authentication-Results are believed; others may be forged."""

    def __init__(self, tokens: ReplyTokens, trusted_servers: Iterable[str] = ()) -> None:
        self.tokens = tokens
        self.trusted = frozenset(server.lower() for server in trusted_servers)

    def dmarc_failed(self, parsed: ParsedMail) -> bool:
        """According to a receiving server of ours."""
        return any(dmarc(parsed.auth_results, server) is Dmarc.FAIL for server in self.trusted)

    async def thread(
        self, session: AsyncSession, mail: Incoming, related: Sequence[tuple[EmailMessage, Case | None]], prefix: str
    ) -> Thread:
        """`related`: stored messages that the mail names or that name it, with their cases."""
        tokens = tuple(self._tokens(mail.parsed))
        subject_case = subject_token(mail.parsed.subject, prefix)
        cases = {case.number: case for _, case in related if case is not None}
        wanted = {token.number for token in tokens} | ({subject_case} if subject_case else set())
        if not cases and not wanted:
            return Thread(Target())
        await _add_cases(session, cases, wanted)
        if not cases:
            return Thread(Target())
        people = await mails.participants(session, [case.id for case in cases.values()])
        facts = _link_facts(mail, related, tokens, subject_case, dmarc_failed=self.dmarc_failed(mail.parsed))
        target = correlate(
            facts,
            [
                CandidateCase(
                    number=case.number,
                    status=CaseStatus(case.status),
                    participants=frozenset(people[case.id]),
                    merged_into=case.merged_into,
                )
                for case in cases.values()
            ],
        )
        return Thread(target, cases.get(target.number or ""), cases.get(target.foreign_of or ""))

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


async def _add_cases(session: AsyncSession, cases: dict[str, Case], wanted: set[str]) -> None:
    """The cases of these numbers too, and the survivors of all that were merged."""
    for _ in range(LONGEST_CHAIN):
        missing = (wanted | {case.merged_into for case in cases.values() if case.merged_into}) - cases.keys()
        found = await mails.cases_of_numbers(session, missing) if missing else []
        if not found:
            return
        cases |= {case.number: case for case in found}


def _link_facts(
    mail: Incoming,
    related: Sequence[tuple[EmailMessage, Case | None]],
    tokens: tuple[VerifiedToken, ...],
    subject_case: str | None,
    *,
    dmarc_failed: bool,
) -> MailLinkFacts:
    by_hash: dict[str, list[str]] = {}
    for message, case in related:
        if case is not None:
            by_hash.setdefault(message.message_id_hash, []).append(case.number)
    parents = [message_id_hash(mail.parsed.in_reply_to)] if mail.parsed.in_reply_to else []
    references = [message_id_hash(named) for named in reversed(mail.parsed.references)]
    known = {*mail.named_hashes, mail.message_id_hash}
    return MailLinkFacts(
        sender=mail.sender,
        dmarc_failed=dmarc_failed,
        tokens=tokens,
        in_reply_to_cases=_numbers(by_hash, parents),
        references_cases=_numbers(by_hash, references),
        subject_case=subject_case,
        children_cases=tuple(
            dict.fromkeys(
                case.number for message, case in related if case is not None and message.message_id_hash not in known
            )
        ),
    )


def _numbers(by_hash: dict[str, list[str]], hashes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(number for hashed in hashes for number in by_hash.get(hashed, ())))
