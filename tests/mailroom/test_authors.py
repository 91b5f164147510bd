"""Groups and forms of ours: who wrote what they pass on, what is our own mail, and that nobody can pretend to be proven."""

from __future__ import annotations

import pytest

from mail.parse import content_hash, parse
from mail.tokens import ReplyTokens, TokenKeys
from mailroom.arrival import Incoming
from mailroom.authors import understood
from mailroom.correlating import Correlating
from models.messages.mail_facts import SenderProof
from tests.support.intake import Declared

OWN, GROUP, FORM = "support@desk.example", "help@groups.example", "noreply@shop.example"
ROBIN = "robin@visitor.example"
TOKENS = ReplyTokens(TokenKeys(current="k1", keys={"k1": b"0123456789abcdef0123456789abcdef"}))
MAILBOX = Declared(OWN, settings={"addresses": [{"address": "sales@desk.example"}], "groups": [GROUP], "forms": [FORM]})
OURS = frozenset({OWN, "sales@desk.example"})
TRUSTED = "mx.desk.example"


def read(headers: str, mailbox: Declared = MAILBOX) -> Incoming:
    given = "" if "from:" in headers.lower() else f"From: Robin Hale <{ROBIN}>\n"
    parsed = parse(f"{given}{headers}\nSubject: Broken\n\nIt is broken.\n".encode(), OURS)
    return understood(Incoming(parsed, content_hash(parsed)), mailbox, OURS, TOKENS)


@pytest.mark.parametrize(
    "headers",
    [
        f"From: 'Robin Hale' via Support <{OWN}>\nReply-To: Robin Hale <{ROBIN}>\nList-ID: <support.desk.example>",
        f"From: 'Robin Hale' via Support <{OWN}>\nX-Original-Sender: {ROBIN}\nList-ID: <support.desk.example>",
        f"From: 'Robin Hale' via Help <{GROUP}>\nX-Original-Sender: {ROBIN}\nList-ID: <help.groups.example>",
        f'From: "Robin Hale via Help" <{GROUP}>\nX-Original-From: Robin Hale <{ROBIN}>',
        f"From: Robin Hale via Help <{GROUP}>\nReply-To: {ROBIN}",
        f'From: "Robin Hale über Hilfe" <{GROUP}>\nReply-To: Robin Hale <{ROBIN}>, {GROUP}',
        f"From: Robin Hale via Help <{GROUP.upper()}>\nReply-To: {GROUP}, {ROBIN}",
        f"From: Robin Hale a través de Ayuda <{GROUP}>\nReply-To: {ROBIN}",
        f"From: Robin Hale za pośrednictwem Help <{GROUP}>\nReply-To: {ROBIN}",
        f"From: 'Robin Hale' - via Help <{GROUP}>\nReply-To: {ROBIN}",
        f"From: Robin Hale через Help <{GROUP}>\nReply-To: {ROBIN}",
        f"From: =?utf-8?q?=27Robin_Hale=27_via_Help?= <{GROUP}>\nX-Original-Sender: Robin@Visitor.example",
    ],
)
def test_a_group_that_rewrote_from_is_not_the_writer(headers: str) -> None:
    mail = read(headers)
    assert (mail.sender, mail.automatic, mail.came_back) == (ROBIN, None, False)
    assert mail.sender_name in ("Robin Hale", "")
    assert mail.via in (OWN, GROUP)
    assert Correlating(TOKENS).proof(mail) is SenderProof.UNPROVEN


@pytest.mark.parametrize(
    ("headers", "via"),
    [
        (f"Precedence: list\nMailing-list: list {GROUP}; contact help+owners@groups.example", GROUP),
        ("List-ID: Help desk <help.groups.example>", GROUP),
        ("List-ID: help.groups.example", GROUP),
        (f"List-Post: <mailto:{GROUP}>", GROUP),
        (f"X-BeenThere: {GROUP}", GROUP),
        (f"Sender: {GROUP}", GROUP),
        ("List-ID: <support.desk.example>", OWN),
        ("List-ID: <all.desk.example>", "all@desk.example"),
    ],
)
def test_a_group_that_kept_from_leaves_its_writer(headers: str, via: str) -> None:
    mail = read(headers)
    assert (mail.sender, mail.via, mail.writer, mail.automatic) == (ROBIN, via, None, None)
    assert Correlating(TOKENS).proof(mail) is SenderProof.UNKNOWN


@pytest.mark.parametrize(
    "headers",
    [
        "List-ID: <users.elsewhere.example>",
        "List-ID: <help.groups.example.evil.example>",
        "List-Post: <mailto:other@groups.example>",
        "Sender: assistant@desk.example",
        "X-Original-Sender: casey@customer.example",
        "Reply-To: casey@customer.example",
        "From: Robin Hale via Lists <lists@elsewhere.example>\nX-Original-Sender: casey@customer.example",
        "From: noreply@elsewhere.example\nReply-To: casey@customer.example",
    ],
)
def test_a_group_or_form_that_nobody_declared_speaks_for_nobody(headers: str) -> None:
    mail = read(headers)
    assert (mail.writer, mail.via) == (None, None)
    assert mail.sender != "casey@customer.example"


@pytest.mark.parametrize(
    "headers",
    [
        f"From: Website <{OWN}>\nReply-To: Robin Hale <{ROBIN}>",
        f"From: Website <{OWN}>\nReply-To: Robin Hale <{ROBIN}>\nAuto-Submitted: auto-generated",
        f"From: sales@desk.example\nReply-To: {ROBIN}",
        f"From: support+web@desk.example\nReply-To: {ROBIN}",
        f"From: Shop <{FORM}>\nReply-To: Robin Hale <{ROBIN}>",
        f"From: Shop <{FORM}>\nReply-To: {FORM}, Robin Hale <{ROBIN}>",
        f"From: {FORM.upper()}\nReply-To: {ROBIN}\nAuto-Submitted: auto-generated; x=y",
    ],
)
def test_whoever_fills_in_a_form_is_the_writer(headers: str) -> None:
    mail = read(headers)
    assert (mail.sender, mail.automatic, mail.unanswerable, mail.came_back) == (ROBIN, None, None, False)
    # A server's verdict is about the form, which writes whatever it is told.
    trusting = Correlating(TOKENS, [TRUSTED])
    vouched = read(f"Authentication-Results: {TRUSTED}; dmarc=pass header.from=desk.example\n{headers}")
    assert trusting.proof(vouched) is SenderProof.UNPROVEN


@pytest.mark.parametrize(
    "headers",
    [
        f"From: Support <{OWN}>",
        f"From: Support <{OWN}>\nReply-To: {OWN}",
        f"From: Support <{OWN}>\nReply-To: support+{TOKENS.sign('CAS-01042-A1B2C3')}@desk.example",
        f"From: Support <{OWN}>\nReply-To: sales@desk.example",
        f"From: Support <{OWN}>\nReply-To: {GROUP}",
        "From: support+web@desk.example",
        f"From: Support <{OWN}>\nX-Original-Sender: {OWN}\nList-ID: <support.desk.example>",
        f"From: Users <users@elsewhere.example>\nMessage-ID: <{TOKENS.message_id('CAS-01042-A1B2C3', 'u1', 'desk.example')}>",
    ],
)
def test_our_own_mail_that_comes_back_is_known(headers: str) -> None:
    assert read(headers).came_back


@pytest.mark.parametrize(
    "value",
    [
        OWN, "", "1", "yes", "cas-01042-a1b2c3", f"cas-01042-a1b2c3.k1.{'a' * 16}", f"cas-01042-a1b2c3.k9.{'a' * 16}",
        TOKENS.sign("CAS-01042-A1B2C3")[:-1] + "1", f"x {TOKENS.sign('CAS-01042-A1B2C3')}",
        ReplyTokens(TokenKeys(current="k1", keys={"k1": b"another house has another key!!!"})).sign("CAS-01042-A1B2C3"),
    ],
)  # fmt: skip
def test_headers_of_our_own_naming_count_only_with_our_signature(value: str) -> None:
    mail = read(f"X-Caseloom-Loop: {value}")
    assert (mail.automatic, mail.came_back) == (None, False)


def test_our_signed_loop_header_says_that_a_machine_repeats_us() -> None:
    mail = read(f"X-Caseloom-Loop: {TOKENS.sign('CAS-01042-A1B2C3')}")
    assert (mail.automatic, mail.came_back) == ("own-loop", False)


def test_an_out_of_office_answer_through_a_group_is_still_one() -> None:
    mail = read(f"From: 'Robin Hale' via Help <{GROUP}>\nReply-To: {ROBIN}\nAuto-Submitted: auto-replied")
    assert (mail.sender, mail.automatic) == (ROBIN, "auto-submitted")
