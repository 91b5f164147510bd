from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from models.messages.cases import CaseStatus
from models.messages.mail_facts import (
    CandidateCase,
    ForeignReason,
    LinkMethod,
    MailLinkFacts,
    Target,
    TokenSource,
    VerifiedToken,
)
from policies.correlation import correlate

ANNA, EVE = "anna@acme.example", "eve@elsewhere.example"


def case(number: str, *participants: str, merged_into: str | None = None, **given: Any) -> CandidateCase:
    status = CaseStatus.CANCELLED if merged_into else CaseStatus.ACTIVE
    fields = {"status": status, "participants": frozenset(participants), "merged_into": merged_into}
    return CandidateCase(number=number, **{**fields, **given})


def token(number: str, source: TokenSource = TokenSource.IN_REPLY_TO) -> VerifiedToken:
    return VerifiedToken(number=number, source=source)


ALL = [case(f"CAS-{n}", ANNA) for n in range(1, 8)]

EVIDENCE: list[tuple[LinkMethod, dict[str, Any]]] = [
    (LinkMethod.TOKEN, {"tokens": (token("CAS-1"),)}),
    (LinkMethod.IN_REPLY_TO, {"in_reply_to_cases": ("CAS-2",)}),
    (LinkMethod.REFERENCES, {"references_cases": ("CAS-3",)}),
    (LinkMethod.SUBJECT, {"subject_case": "CAS-4"}),
    (LinkMethod.CHILD, {"children_cases": ("CAS-5",)}),
    (LinkMethod.SIBLING, {"sibling_cases": ("CAS-6",)}),
]


def link(sender: str | None = ANNA, **facts: Any) -> MailLinkFacts:
    return MailLinkFacts.model_validate({"sender": sender} | facts)


@pytest.mark.parametrize("first", range(len(EVIDENCE)))
def test_the_strongest_evidence_wins(first: int) -> None:
    facts: dict[str, Any] = {}
    for _, evidence in EVIDENCE[first:]:
        facts |= evidence
    # Worked on: what belongs together stays apart, and the order is seen.
    cases = [one.model_copy(update={"worked_on": True}) for one in ALL]
    found = correlate(link(**facts), cases)
    assert (found.number, found.method, found.merges) == (f"CAS-{first + 1}", EVIDENCE[first][0], ())


@pytest.mark.parametrize(("method", "evidence"), EVIDENCE)
def test_each_kind_joins_a_participant_alone(method: LinkMethod, evidence: dict[str, Any]) -> None:
    joined = correlate(link(**evidence), ALL)
    assert (joined.method, joined.foreign_of) == (method, None)
    stranger = correlate(link(EVE, **evidence), ALL)
    assert stranger == Target(foreign_of=joined.number, foreign_reason=ForeignReason.NOT_A_PARTICIPANT)
    nobody = correlate(link(None, **evidence), ALL)
    assert nobody.number is None


def test_nothing_named_or_nothing_known() -> None:
    assert correlate(link(), ALL) == Target()
    assert correlate(link(tokens=(token("CAS-99"),), subject_case="CAS-98"), ALL) == Target()


def test_token_sources_have_an_order_whatever_order_they_come_in() -> None:
    tokens = [token(f"CAS-{n}", source) for n, source in enumerate(TokenSource, start=1)]
    for order in permutations(tokens):
        assert correlate(link(tokens=order), ALL).number == "CAS-1"


def test_references_are_taken_newest_first() -> None:
    cases = [one.model_copy(update={"status": CaseStatus.RESOLVED}) for one in ALL]
    assert correlate(link(references_cases=("CAS-3", "CAS-2")), cases).number == "CAS-3"


def test_the_address_is_compared_without_letter_case() -> None:
    assert correlate(link(" Anna@ACME.example", tokens=(token("CAS-1"),)), ALL).number == "CAS-1"


def test_a_strangers_token_does_not_hide_their_own_case() -> None:
    cases = [case("CAS-1", ANNA), case("CAS-2", EVE)]
    facts = {"tokens": (token("CAS-1"),), "references_cases": ("CAS-2",)}
    assert correlate(link(EVE, **facts), cases) == Target(number="CAS-2", method=LinkMethod.REFERENCES)


@pytest.mark.parametrize("sender", [ANNA, "bob@acme.example"])
def test_a_reply_to_a_merged_case_lands_in_the_last_survivor(sender: str) -> None:
    cases = [
        case("CAS-1", ANNA, merged_into="CAS-2"),
        case("CAS-2", merged_into="CAS-3"),
        case("CAS-3", "bob@acme.example"),
    ]
    assert correlate(link(sender, tokens=(token("CAS-1"),)), cases).number == "CAS-3"
    assert correlate(link(EVE, tokens=(token("CAS-1"),)), cases).foreign_of == "CAS-3"


def test_a_survivor_that_is_not_among_the_candidates_is_still_named() -> None:
    assert correlate(link(subject_case="CAS-1"), [case("CAS-1", ANNA, merged_into="CAS-2")]).number == "CAS-2"


def test_a_circle_of_merges_ends() -> None:
    cases = [case("CAS-1", ANNA, merged_into="CAS-2"), case("CAS-2", ANNA, merged_into="CAS-1")]
    assert correlate(link(tokens=(token("CAS-1"),)), cases).number == "CAS-2"


FORGED = ForeignReason.DMARC_FAILED


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"tokens": (token("CAS-1"),)}, Target(foreign_of="CAS-1", foreign_reason=FORGED)),
        ({"subject_case": "CAS-1"}, Target(foreign_of="CAS-1", foreign_reason=FORGED)),
        # the thread that carried the token proves no more than the token
        (
            {"tokens": (token("CAS-1"),), "in_reply_to_cases": ("CAS-1",), "references_cases": ("CAS-1",)},
            Target(foreign_of="CAS-1", foreign_reason=FORGED),
        ),
        # a thread without a token of ours
        ({"in_reply_to_cases": ("CAS-2",)}, Target(number="CAS-2", method=LinkMethod.IN_REPLY_TO)),
        (
            {"tokens": (token("CAS-1"),), "references_cases": ("CAS-2",)},
            Target(number="CAS-2", method=LinkMethod.REFERENCES),
        ),
    ],
)
def test_a_dmarc_failure_never_joins_by_token_alone(facts: dict[str, Any], expected: Target) -> None:
    assert correlate(link(dmarc_failed=True, **facts), ALL) == expected


def test_a_forged_token_of_a_merged_case_taints_its_survivor() -> None:
    cases = [case("CAS-1", ANNA, merged_into="CAS-2"), case("CAS-2", ANNA)]
    forged = link(dmarc_failed=True, tokens=(token("CAS-1"),), in_reply_to_cases=("CAS-2",))
    assert correlate(forged, cases) == Target(foreign_of="CAS-2", foreign_reason=FORGED)


# ---- parts of one thread ---------------------------------------------------------------------------------------------

C1, C2, C3 = (case(f"CAS-{n}", ANNA) for n in (1, 2, 3))
WORKED, RESOLVED = {"worked_on": True}, {"status": CaseStatus.RESOLVED}
PARTS: dict[str, Any] = {"in_reply_to_cases": ("CAS-2",), "children_cases": ("CAS-3", "CAS-1")}


def but(one: CandidateCase, **changes: Any) -> CandidateCase:
    return one.model_copy(update=changes)


@pytest.mark.parametrize(
    ("cases", "facts", "expected"),
    [
        # whatever led to them, the oldest takes in the others
        ([C1, C2, C3], PARTS, ("CAS-1", LinkMethod.CHILD, ("CAS-2", "CAS-3"), ())),
        ([C2, C1, C3], PARTS, ("CAS-2", LinkMethod.IN_REPLY_TO, ("CAS-1", "CAS-3"), ())),
        ([C1, C2], {"references_cases": ("CAS-2",), "sibling_cases": ("CAS-1",)}, ("CAS-1", "sibling", ("CAS-2",), ())),
        # a younger one that somebody works on stays, and keeps the mail that leads to it first
        ([C1, C2, but(C3, **WORKED)], PARTS, ("CAS-1", LinkMethod.CHILD, ("CAS-2",), ("CAS-3",))),
        ([C1, but(C2, **WORKED), C3], PARTS, ("CAS-2", LinkMethod.IN_REPLY_TO, (), ("CAS-1", "CAS-3"))),
        # that the oldest one is worked on does not matter
        ([but(C1, **WORKED), C2, C3], PARTS, ("CAS-1", LinkMethod.CHILD, ("CAS-2", "CAS-3"), ())),
        # a closed case takes part in nothing
        ([but(C1, **RESOLVED), C2, C3], PARTS, ("CAS-2", LinkMethod.IN_REPLY_TO, ("CAS-3",), ())),
        ([C1, but(C2, **RESOLVED), C3], PARTS, ("CAS-2", LinkMethod.IN_REPLY_TO, (), ())),
        # what has been put together, or is about to be, is one
        ([C1, but(C2, merged_into="CAS-1"), but(C3, merged_into="CAS-2")], PARTS, ("CAS-1", "in-reply-to", (), ())),
        ([C1, C2, but(C3, merged_into="CAS-2")], PARTS, ("CAS-1", LinkMethod.CHILD, ("CAS-2",), ())),
        # a token counts as strongest, and a number in the subject or an address is no thread
        ([C1, C2, C3], PARTS | {"tokens": (token("CAS-3"),)}, ("CAS-1", LinkMethod.CHILD, ("CAS-2", "CAS-3"), ())),
        ([C1, C2], {"tokens": (token("CAS-2"),), "children_cases": ("CAS-1",)}, ("CAS-2", LinkMethod.TOKEN, (), ())),
        ([C1, C2], {"subject_case": "CAS-2", "children_cases": ("CAS-1",)}, ("CAS-2", LinkMethod.SUBJECT, (), ())),
        ([C1, C2], {"subject_case": "CAS-1", "sibling_cases": ("CAS-2",)}, ("CAS-1", LinkMethod.SUBJECT, (), ())),
        # one mail that opened a case in each queue that it addressed
        (
            [C1, C2],
            {"in_reply_to_cases": ("CAS-2", "CAS-1"), "doubles": (frozenset({"CAS-1", "CAS-2"}),)},
            ("CAS-2", LinkMethod.IN_REPLY_TO, (), ()),
        ),
        (
            [C1, but(C2, merged_into="CAS-1"), C3],
            PARTS | {"doubles": (frozenset({"CAS-1", "CAS-2"}),)},
            ("CAS-1", LinkMethod.IN_REPLY_TO, ("CAS-3",), ()),
        ),
    ],
)
def test_parts_of_a_thread_become_one_case(
    cases: list[CandidateCase], facts: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    found = correlate(link(**facts), cases)
    assert (found.number, found.method, found.merges, found.apart) == expected


@pytest.mark.parametrize(
    ("cases", "facts"),
    [
        # a stranger who names every id there is
        ([C1, C2, C3], {"sender": EVE}),
        # who takes part in one of them joins that one, and brings nobody along
        ([C1, C2, but(C3, participants=frozenset({EVE}))], {"sender": EVE}),
        ([C1, C2, C3], {"sender": None}),
        # an unproven sender, and a machine
        ([C1, C2, C3], {"dmarc_failed": True}),
        ([C1, C2, C3], {"automatic": True}),
    ],
)
def test_who_may_not_puts_nothing_together(cases: list[CandidateCase], facts: dict[str, Any]) -> None:
    named = {**PARTS, "sibling_cases": ("CAS-1", "CAS-2", "CAS-3"), "references_cases": ("CAS-1", "CAS-3")}
    found = correlate(link(**{**named, **facts}), cases)
    assert (found.merges, found.apart) == ((), ())
    assert found.number in (None, "CAS-3" if facts.get("sender") == EVE else "CAS-2")


CLOSED = [CaseStatus.RESOLVED, CaseStatus.CANCELLED]


@pytest.mark.parametrize("status", CLOSED)
def test_an_unknown_mail_that_two_name_attaches_to_no_closed_case(status: CaseStatus) -> None:
    weak = Target(foreign_of="CAS-1", foreign_reason=ForeignReason.WEAK_EVIDENCE)
    closed = [case("CAS-1", ANNA, status=status)]
    assert correlate(link(sibling_cases=("CAS-1",)), closed) == weak
    # Other evidence attaches to it as before: what becomes of that is for the case's rule.
    for evidence in ({"in_reply_to_cases": ("CAS-1",)}, {"subject_case": "CAS-1"}, {"children_cases": ("CAS-1",)}):
        assert correlate(link(sibling_cases=("CAS-1",), **evidence), closed).number == "CAS-1"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Target(foreign_of="CAS-1", foreign_reason=ForeignReason.WEAK_EVIDENCE)),
        ({"sender": EVE}, Target()),
        ({"sender": None}, Target()),
        ({"in_reply_to_cases": ("CAS-2",)}, Target(number="CAS-2", method=LinkMethod.IN_REPLY_TO)),
        ({"sibling_cases": ("CAS-2",)}, Target(number="CAS-2", method=LinkMethod.SIBLING)),
        ({"unlike_sibling_cases": ("CAS-99",)}, Target()),
    ],
)
def test_an_unknown_mail_that_two_name_attaches_nothing_of_another_subject(
    facts: dict[str, Any], expected: Target
) -> None:
    assert correlate(link(**{"unlike_sibling_cases": ("CAS-1",), **facts}), ALL) == expected


def test_a_participant_is_one_in_either_spelling_of_the_domain() -> None:
    cases = [case("CAS-1", "jana@bücher.example")]
    assert correlate(link("Jana@XN--BCHER-KVA.example", in_reply_to_cases=("CAS-1",)), cases).number == "CAS-1"
