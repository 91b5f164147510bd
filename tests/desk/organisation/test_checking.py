"""One pass finds everything that is wrong with a file: whatever kind of fault, in whatever list, each with its line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.organisation import OrganisationErrors
from desk.organisation.checking import check
from desk.organisation.file import SECTIONS, read
from storage.throwaway import throwaway_database

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))
EXAMPLE = (Path(__file__).parents[3] / "examples" / "two-mailboxes.yaml").read_text(encoding="utf-8")


async def faults(text: str) -> list[str]:
    async with throwaway_database() as database:
        try:
            await check(database, read(text, "f.yaml"), NOW)
        except OrganisationErrors as errors:
            return errors.lines
    return []


FAULTS = [
    # (what stands in the example, what stands there instead, the words of the fault)
    ("time_zone: Europe/Berlin\n  language", "time_zone: Europe/Berln\n  language", "unknown time zone"),
    ("language: de\n", "language: german\n", "organisation.language: unknown language 'german'"),
    ("default_sla: standard", "default_sla: standart", "there is no sla 'standart'; did you mean 'standard'?"),
    ("roles: [administrator, manager]", "roles: [adminstrator]", "did you mean 'administrator'?"),
    ("members: [nadia]}\n\nmail", "members: [nadja]}\n\nmail", "there is no agent 'nadja'; did you mean 'nadia'?"),
    ("queue: night}\n    imap", "queue: nights}\n    imap", "there is no queue 'nights'; did you mean 'night'?"),
    ("owner: kurt", "ownr: kurt", "there is no such field; did you mean 'owner'?"),
    ("tier: gold, language: en", "tier: gold, langauge: en", "did you mean 'language'?"),
    ("account: aurora}", "account: auroa}", "there is no account 'auroa'; did you mean 'aurora'?"),
    ("end: +1 year", "end: +1 moon", "'+1 moon' is no length"),
    ("origin: email, total_terms: 25", "origin: emial, total_terms: 25", "unknown 'emial'; one of: phone, email"),
    ("decrease_on: creation", "decrease_on: create", "did you mean 'creation'?"),
    ("    sla: gold\n", "    sla: golden\n", "there is no sla 'golden'; did you mean 'gold'?"),
    ('to: "13:00"', 'to: "13.00"', "is not a wall time"),
    ("date: 2026-12-25", "date: 2026-13-25", "must be written like 2026-03-02"),
    (
        "value: night}]}\n        success",
        "value: night, opp: eq}]}\n        success",
        "there is no such field; did you mean 'op'?",
    ),
    ("fail_after: 30 minutes", "fail_after: soon", "'soon' is not a span of time"),
    (
        "kpi: first-response\n        business_hours",
        "kpi: first-respnse\n        business_hours",
        "there is no kpi 'first-respnse'",
    ),
    ("value: high}, {on: failure", "value: urgent}, {on: failure", "unknown 'urgent'; one of: high, normal, low"),
    ("do: escalate}]\n      - name: In vier", "do: escalat}]\n      - name: In vier", "did you mean 'escalate'?"),
    (
        "auto_reply_template: acknowledgement\n    items:\n",
        "auto_reply_template: ack\n    items:\n",
        "there is no template 'ack'",
    ),
    (
        "priority: high, case_type",
        "priority: hihg, case_type",
        "unknown 'hihg'; one of: high, normal, low; did you mean 'high'?",
    ),
    ("case_type: request}]", "case_type: requst}]", "did you mean 'request'?"),
    (
        "field: account.tier, value: gold}]}, queue: gold",
        "field: acount.tier, value: gold}]}, queue: gold",
        "unknown field 'acount.tier'",
    ),
    (
        "name: Alle anderen, queue: help",
        "name: Alle anderen, queue: help, team: day",
        "exactly one of 'queue', 'agent' or 'team'",
    ),
    ("Vorgang {{ case.number }} (", "Vorgang {{ case.numbr }} (", "templates[0].texts.de.body: "),
    (
        "It is with us as case {{ case.number }}",
        "It is with us as case {{ case.number }",
        "templates[0].texts.en.body: line",
    ),
    ("field: custom.confirmed", "field: confirmed", "no stage can fill this field"),
    ("kind: number}", "kind: nummer}", "did you mean 'number'?"),
    ("choices: [question, problem, request]", "choices: [question, probem, request]", "did you mean 'problem'?"),
]


def broken(*which: tuple[str, str, str]) -> str:
    text = EXAMPLE
    for old, new, _ in which:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(("old", "new", "words"), FAULTS, ids=[new[:40] for _, new, _ in FAULTS])
async def test_each_fault_is_found_with_its_line(old: str, new: str, words: str) -> None:
    text = broken((old, new, words))
    found = await faults(text)
    assert len(found) == 1, found
    assert words in found[0]
    changed = {n for n, (a, b) in enumerate(zip(text.splitlines(), EXAMPLE.splitlines(), strict=True), 1) if a != b}
    line = int(found[0].split(":")[1])
    # A text of several lines begins above its own fault.
    assert line in changed or any(line < other <= line + 6 for other in changed)


async def test_all_of_them_are_found_at_once() -> None:
    found = await faults(broken(*FAULTS))
    missing = [words for _, _, words in FAULTS if not any(words in line for line in found)]
    assert not missing, "\n".join(found)
    assert [int(line.split(":")[1]) for line in found] == sorted(int(line.split(":")[1]) for line in found)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'friday: [{from: "09:00", to: "13:00"}]',
            "friday: 9-13",
            "hours.friday: must be a list; for example [{from: 09:00, to: 17:00}]",
        ),
        ("members: [nadia]}\n\nmail", "members: nadia}\n\nmail", "members: must be a list; for example [grace, sam]"),
        (
            "imap: {host: mail.nordlicht.example, port: 993, tls: tls, user: hilfe@nordlicht.example}",
            "imap: mail.nordlicht.example",
            "imap: must be an object; for example {host: mail.example.com, port: 993, user: support@example.com}",
        ),
        ("items: [{name: Jede", "items: Jede #", "items: must be a list; for example [{name: Every mail}]"),
    ],
)
async def test_a_wrong_shape_is_told_with_a_right_one(old: str, new: str, words: str) -> None:
    assert words in "\n".join(await faults(broken((old, new, words))))


async def test_of_a_text_all_is_told_at_once() -> None:
    """What nothing has, and what this letter does not know, also where the text, or what sends it, has other faults."""
    text = broken(
        ("Vorgang {{ case.number }} (", "{{ ticket.id }} {{ owner.nam }} {{ promise.deadline }} {{ note.text }} (", ""),
        ("case_type: request}]", "case_type: requst}]", ""),
    )
    found = "\n".join(await faults(text))
    for words in (
        "'ticket.id' is not known",
        "'owner.nam' is not known",
        "record_creation_rules[0].auto_reply_template: 'acknowledgement' at texts.de.body: 'promise' is not known to",
        "record_creation_rules[2].auto_reply_template: 'acknowledgement' at texts.de.body: 'note' is not known to",
        "did you mean 'request'?",
    ):
        assert words in found, found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
async def test_the_examples_have_none(path: Path) -> None:
    assert await faults(path.read_text(encoding="utf-8")) == []


TWO_RULES = """\
agents: [{slug: a, name: A, email: a@x.example}]
queues: [{slug: q, name: Q, owner: a}]
accounts: [{slug: c, name: C}, {slug: d, name: D}]
contacts:
- {slug: p, name: P, email: p@x.example, account: c}
- {slug: r, name: R, email: P@x.example}
subjects: [{slug: u, name: U, parent: v}, {slug: v, name: V, parent: u}]
entitlements:
- {slug: e, name: E, account: d, start: today, end: +1 year, total_terms: 1.00001, contacts: [p]}
record_creation_rules:
- {slug: r1, name: R, queue: q, items: [{name: All}]}
- {slug: r2, name: R, queue: q, items: [{name: All, when: {all: [{field: case.status, value: closed}]}}]}
"""


async def test_what_only_the_database_would_refuse_is_found_too() -> None:
    found = await faults(TWO_RULES)
    for words in (
        "is the address of the contact 'p'",
        "in a circle",
        "exact to four decimal places",
        "already watches this queue",
        "unknown 'closed'; one of: opening, active",
    ):
        assert any(words in line for line in found), (words, found)


@pytest.mark.parametrize("section", SECTIONS)
async def test_every_list_tells_all_its_wrong_entries(section: str) -> None:
    text = f"{section}:\n- {{slug: one, bogus: 1}}\n- {{slug: TWO}}\n- 3\n- {{slug: four, nam: x}}\n"
    found = await faults(text)
    assert {int(line.split(":")[1]) for line in found} == {2, 3, 4, 5}
    assert any("[0].bogus: there is no such field" in line for line in found)
    assert any("[2]: must be a mapping" in line for line in found)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("agents: &a []\nteams: *a\nqueues: &b []\n", [1, 2, 3]),
        ("agents: []\nagents: []\nteams: []\nteams: []\nbogus: 1\n", [2, 4, 5]),
        ("products:\n- {slug: a, slug: b, name: A}\n- {slug: c, nme: C}\n", [2, 3]),
    ],
)
async def test_faults_of_the_yaml_itself_are_told_together(text: str, lines: list[int]) -> None:
    try:
        found = await faults(text)
    except OrganisationErrors as errors:
        found = errors.lines
    assert [int(line.split(":")[1]) for line in found] == lines


async def test_nothing_is_invented() -> None:
    """What stands in for a wrong value while a file is checked is told nowhere."""
    assert "invented" not in "\n".join(await faults(broken(*FAULTS)))


TWO_SETS = """\
routing_rule_sets:
- {slug: r, name: R, rules: [{name: A, queue: q}]}
- {slug: s, name: S, rules: [{name: A, queue: q}]}
"""
AGAIN = "{slug: a, name: A}"
ASKED = "{all: [{field: case.priority, value: high}]}"


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        (f"[{{slug: a, name: A, branches: [{{when: {ASKED}, to: c}}]}}, {{slug: b, name: B}}]", "unknown stage 'c'"),
        (
            f"[{{slug: a, name: A}}, {{slug: b, name: B, branches: [{{when: {ASKED}, to: a}}]}}, {{slug: c, name: C}}]",
            "back to",
        ),
        (f"[{{slug: a, name: A, branches: [{{when: {ASKED}, to: a}}]}}, {{slug: b, name: B}}]", "back to"),
        (
            f"[{{slug: a, name: A, branches: [{{when: {ASKED}, to: c}}]}}, {{slug: b, name: B}}, {{slug: c, name: C}}, {AGAIN}]",
            "same slug",
        ),
        ("[{slug: a, name: A, next: c}, {slug: b, name: B}]", "unknown stage 'c'"),
    ],
    ids=["branch to no stage", "branch back", "branch to itself", "a stage twice", "next to no stage"],
)
async def test_ways_that_lead_nowhere_are_one_fault_of_the_process(stages: str, words: str) -> None:
    found = await faults(f"processes:\n- {{slug: p, name: P, stages: {stages}}}\n")
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.parametrize(
    ("settings", "rest", "words"),
    [
        ("language: germn", "", "unknown language"),
        (
            "default_sla: s",
            "slas: [{slug: s, name: S, items: [{name: I, kpi: k, success: {}, fail_after: soon}]}]",
            "span",
        ),
        ("default_process: p", "processes: [{slug: p, name: P, stages: [{slug: a, name: A, bogus: 1}]}]", "bogus"),
        ("default_sla: nobody", "", "there is no sla"),
    ],
)
async def test_words_of_settings_that_are_wrong_elsewhere_are_no_fault(settings: str, rest: str, words: str) -> None:
    text = f"""\
organisation: {{skills: [german], case_types: [fault], {settings}}}
agents: [{{slug: a, name: A, email: a@x.example, skills: {{german: 3}}}}]
queues: [{{slug: q, name: Q, owner: a}}]
record_creation_rules: [{{slug: r, name: R, queue: q, items: [{{name: All, case_type: fault}}]}}]
{rest}
"""
    found = await faults(text)
    assert any(words in line for line in found)
    assert not any("german'" in line or "'fault'" in line for line in found), found


@pytest.mark.parametrize("days", [("monday",), ("monday", "friday"), ("sunday",)])
async def test_hours_of_no_length_are_one_fault_of_each_day(days: tuple[str, ...]) -> None:
    hours = ", ".join(f"{day}: [{{from: '09:00', to: '09:00'}}]" for day in days)
    found = await faults(f"calendars: [{{slug: night, time_zone: Europe/Berlin, hours: {{{hours}}}}}]\n")
    assert len(found) == len(days), found
    assert all(any(day in line and "or on the next day" in line for line in found) for day in days)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("agents:\n\t- {slug: a}\n", "there is a tab; indent with blanks"),
        (
            "templates: [{slug: t, name: T, texts: {en: {subject: S, body: {{ contact.name }}}}}]\n",
            "a text that begins with '{{' is put into quotes",
        ),
        (
            "processes: [{slug: p, name: P, stages: [{slug: a, name: A, steps: [{field: custom.Cause, label: L}]}]}]\n",
            "must be a field of the case, or 'custom.' and lower-case letters",
        ),
        (
            "kpis: [{slug: k, name: K, pause_when: {all: [{field: case.custom.Cause, value: x}]}}]\n",
            "must be a field such as case.priority",
        ),
        (
            TWO_SETS,
            "put all rules into one",
        ),
    ],
    ids=["a tab", "braces without quotes", "a step's field", "a condition's field", "two rule sets"],
)
async def test_what_beginners_write_is_answered_with_a_way_out(text: str, words: str) -> None:
    try:
        found = await faults(text)
    except OrganisationErrors as errors:
        found = errors.lines
    assert any(words in line for line in found), found


async def test_intervals_that_overlap_are_one_fault() -> None:
    hours = '{monday: [{from: "09:00", to: "12:00"}, {from: "11:00", to: "17:00"}]}'
    text = f"organisation: {{name: A}}\ncalendars:\n  - {{slug: a, name: A, time_zone: UTC, hours: {hours}}}\n"
    (fault,) = await faults(text)
    assert "calendars[0].hours.monday: two work intervals of the day overlap" in fault
