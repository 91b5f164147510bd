"""What the gateways in front of people's servers answer: whom they refuse, and whether the address is dead."""

from __future__ import annotations

import pytest

from mail.answers import Concern, Step, concern
from mail.bounces import bounce, is_dead
from mail.dead import answered_dead
from mail.parse import parse
from tests.mail.reports import ANN, report, status

DEAD = (
    # Cisco's IronPort, of whom neither its table nor its directory has
    "550 #5.1.0 Address rejected.",
    "550 #5.1.0 Address rejected. {ann}",
    "550-#5.1.0 Address rejected 550 {ann}",
    "550 #5.1.1 {ann} User unknown",
    # Postfix and what is made of it: FortiMail, Sophos, Trend Micro
    "550 5.1.1 <{ann}>: Recipient address rejected: User unknown in relay recipient table",
    "550 5.1.1 <{ann}>: Recipient address rejected: undeliverable address: unknown user; relay recipient",
    "550 5.1.1 <{ann}>... User unknown",
    "550 Address rejected - recipient does not exist: {ann}",
    # Mimecast, Barracuda, Symantec, Zscaler, Hornetsecurity
    "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [abcDEF]",
    "550 Recipient Rejected: No account by that name here ({ann})",
    "550 No such domain at this location ({ann})",
    "550-Invalid recipient {ann} 550 (#5.1.1)",
    "550 5.1.1 Recipient rejected - unknown recipient (zscaler)",
    "550 5.1.1 Benutzer unbekannt (Hornetsecurity)",
)
POLICY = (
    "550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.",
    "554 5.7.1 <{ann}>: Recipient address rejected: Policy rejection",
    "550 5.7.1 Command rejected",
    "550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550",
    "550 Mailbox unavailable or access denied - <{ann}>",
    "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
    "550 #5.2.2 mailbox full",
    "451 Recipient temporarily unavailable [xyz]",
    "450 blocked by barracuda: rate control",
    "451 4.7.1 greylisted, try again in 300 seconds (antispameurope)",
)
"""Of this letter or recipient, who lives."""
OF_OUR_ADDRESS = (
    "554 5.7.1 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1",
    "554 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1",
    "550 Rejected, see https://www.gateway.example/query?lookup=2001:db8::1",
    "554 Refused. http://gateway.example/why?lang=en&addr=192.0.2.1",
    "554 5.7.1 Service unavailable; [192.0.2.1] blocked by FortiGuard",
    "554 5.7.1 Connection from [2001:db8::1] rejected by the gateway",
    "550 5.7.1 [192.0.2.1] has been denied",
    "554 Service unavailable; Client host [192.0.2.1] blocked using Barracuda Reputation",
    "550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using Trend Micro RBL+.",
    "554-mx1.cisco.example 554 Your access has been rejected due to the sending MTA's poor reputation.",
)
OF_THE_SENDER = (
    "550 #5.1.0 Sender address rejected",
    "550 #5.1.8 Sender domain rejected",
    "550 5.1.0 <{ann}> sender rejected",
)


def split(answer: str) -> tuple[int, str]:
    said = answer.format(ann=ANN)
    return int(said[:3]), said[4:]


@pytest.mark.parametrize("answer", DEAD)
def test_who_is_unknown_is_dead(answer: str) -> None:
    code, words = split(answer)
    assert answered_dead(code, words, of=ANN)
    assert concern(Step.RCPT, code, words) is Concern.RECIPIENT
    assert concern(Step.DATA, code, words) is Concern.LETTER


@pytest.mark.parametrize("answer", POLICY)
def test_who_only_does_not_want_it_lives(answer: str) -> None:
    code, words = split(answer)
    assert not answered_dead(code, words, of=ANN)
    assert concern(Step.RCPT, code, words) is Concern.RECIPIENT


@pytest.mark.parametrize("answer", [*OF_OUR_ADDRESS, *OF_THE_SENDER])
def test_where_it_may_be_we_the_letters_wait(answer: str) -> None:
    code, words = split(answer)
    assert not answered_dead(code, words, of=ANN)
    assert concern(Step.RCPT, code, words) is Concern.EITHER


@pytest.mark.parametrize("answer", [*DEAD, *POLICY, *OF_OUR_ADDRESS])
def test_a_report_that_repeats_the_answer_says_the_same(answer: str) -> None:
    code, words = split(answer)
    told = bounce(parse(report(status("failed", "5.0.0", f"smtp; {code} {words}"))))
    assert told is not None
    (failed,) = told.recipients
    assert failed.address == ANN
    assert is_dead(failed.status, failed.diagnostic, of=ANN) is (answer in DEAD)
