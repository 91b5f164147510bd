"""Organisation files that are refused, each with its line, before a database is asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desk.organisation import OrganisationErrors, load
from desk.organisation.file import dated

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))

TWO_RULE_SETS = """routing_rule_sets:
- {slug: a, name: A, rules: [{name: R, queue: q}]}
- {slug: b, name: B, rules: [{name: R, queue: q}]}
"""

UNKNOWN_FIELD = """
routing_rule_sets:
- slug: a
  name: A
  rules:
  - name: R
    queue: q
    when:
      any: [{field: shoe.size, value: 4}]
"""

SLA = """
slas:
  - slug: gold
    name: Gold
    items:
      - {name: First, kpi: first, success: {all: [{field: case.first_response_sent, value: true}]}, fail_after: 15 minutes}
      - name: Second
        kpi: second
        success: {all: [{field: case.status, value: resolved}]}
        fail_after: soon
"""

TWO_BOXES = """mailboxes:
- slug: one
  address: a@x
  display_name: One
  addresses: [{address: b@x, queue: bills}]
  imap: {host: h, port: 1, user: u}
  smtp: {host: h, port: 1}
- {slug: two, address: c@x, display_name: Two, imap: {host: h, port: 1, user: u}, smtp: {host: h, port: 1},
   addresses: [
     {address: b@x}]}
"""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_load(path: Path) -> None:
    assert load(path.read_text("utf-8"), path.name).entries


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("agents:\n  - {slug: a, name: A}\n", "f.yaml:2: agents[0].email: this field is required"),
        (
            "agents:\n- slug: a\n  name: A\n  email: a@b\n  shoe: 4\n",
            "f.yaml:5: agents[0].shoe: there is no such field",
        ),
        ("agents:\n- slug: a\n  slug: b\n", "f.yaml:3: agents[0].slug: this key stands twice, first on line 2"),
        ("agents: 4\n", "f.yaml:1: agents: must be a list"),
        ("agents:\n - 4\n", "f.yaml:2: agents[0]: must be a mapping"),
        ("\nagentz: []\n", "f.yaml:2: agentz: there is no such list"),
        ("- a\n", "f.yaml:1: an organisation file is a mapping"),
        ("", "f.yaml:1: an organisation file is a mapping"),
        ("agents: &x []\n", "f.yaml:1: anchors"),
        ("products:\n - {slug: a, name: A}\n - *x\n", "f.yaml:3: aliases"),
        ("agents: !!python/object:os.system []\n", "f.yaml:1: the tag"),
        ("agents: [\n", "f.yaml:2: not YAML"),
        ("a: 1\n---\nb: 1\n", "f.yaml:2: one document a file"),
        ("a: " + "[" * 40 + "]" * 40, "f.yaml:1: nested too deeply"),
        ("a: \x07", "f.yaml:1: not YAML"),
        ("products:\n - {<<: {slug: a}, name: A}\n", "f.yaml:2: products[0]: a key must be a plain word"),
        ("products:\n - {[a]: b}\n", "f.yaml:2: products[0]: a key must be a plain word"),
        (
            "products:\n- {slug: a, name: A}\n- {slug: a, name: B}\n",
            "f.yaml:3: products[1].slug: 'a' stands twice, first on",
        ),
        ("contacts:\n- {name: A, email: a@b}\n", "f.yaml:2: contacts[0].slug: this field is required"),
        (SLA, "f.yaml:10: slas[0].items[1].fail_after: 'soon' is not a span of time"),
        (TWO_RULE_SETS, "f.yaml:3: routing_rule_sets[1].slug: only one routing rule set"),
        (UNKNOWN_FIELD, "f.yaml:9: routing_rule_sets[0].rules[0].when.any[0]: unknown field 'shoe.size'"),
        ("mailboxes:\n- slug: m\n  password: open\n", "f.yaml:3: mailboxes[0].password: there is no such field"),
        (TWO_BOXES, "f.yaml:10: mailboxes[1].addresses[0].address: 'b@x' is an address of the mailbox 'one'"),
        (TWO_BOXES.replace("[{", "[{address: a@x}, {"), "f.yaml:5: mailboxes[0].addresses: 'a@x' is the mailbox's own"),
        (TWO_BOXES.replace("[{", "[{address: b@x}, {"), "f.yaml:5: mailboxes[0].addresses: an entry is listed twice"),
        ("organisation:\n  time_zone: Mars\n", "f.yaml:2: organisation.time_zone: unknown time zone 'Mars'"),
        ("organisation:\n  slug: us\n", "f.yaml:2: organisation.slug: is always 'organisation'"),
        (
            "entitlements:\n- {slug: e, name: E, account: a, total_terms: 1, start: today, end: +1 moon}\n",
            "f.yaml:2: entitlements[0].end: '+1 moon' is no length",
        ),
        (
            'products:\n- slug: p\n  name: "\\ud800"\n',
            "f.yaml:3: not YAML: found invalid Unicode character",
        ),
        ('queues:\n- slug: q\n  signature: "\\0"\n', "f.yaml:3: queues[0].signature: the text contains a NUL"),
        (
            "entitlements:\n- slug: e\n  name: E\n  account: a\n  total_terms: 1E+1000000\n  start: today\n  end: +1 day\n",
            "f.yaml:5: entitlements[0].total_terms: must be at most",
        ),
        (
            "entitlements:\n- {slug: e, name: E, account: a, total_terms: 1, start: today, end: 9999-12-31}\n",
            "f.yaml:2: entitlements[0].end: must lie between the years 1900 and 9000",
        ),
        (
            SLA.replace("soon", "{amount: 1E+999999, unit: days}"),
            "f.yaml:10: slas[0].items[1].fail_after.amount: must be at most",
        ),
    ],
)
def test_a_fault_is_told_with_its_line(text: str, line: str) -> None:
    with pytest.raises(OrganisationErrors) as raised:
        load(text, "f.yaml")
    assert any(each.startswith(line) for each in raised.value.lines), raised.value.lines


WRONG_STARTS = ("tomorrow", '""', "2026-13-01", "[]", "5", "null", "2026-02-30")


@pytest.mark.parametrize("end", ["+1 year", "+90 days", "+9999 weeks"])
@pytest.mark.parametrize("start", WRONG_STARTS)
def test_a_wrong_start_is_told_at_the_start_whatever_the_end_reckons_from_it(start: str, end: str) -> None:
    fields = f"slug: e, name: E, account: a, total_terms: 1, start: {start}, end: {end}"
    with pytest.raises(OrganisationErrors) as raised:
        load(f"entitlements:\n- {{{fields}}}\n", "f.yaml")
    assert raised.value.lines[0].startswith("f.yaml:2: entitlements[0].start: "), raised.value.lines
    assert not any("before" in line for line in raised.value.lines), raised.value.lines


@pytest.mark.parametrize(("start", "end"), [("2026-03-02", "+9999 years"), ("8999-03-02", "+9999 weeks")])
def test_an_end_beyond_the_calendar_is_told(start: str, end: str) -> None:
    fields = f"slug: e, name: E, account: a, total_terms: 1, start: {start}, end: {end}"
    with pytest.raises(OrganisationErrors, match=r"entitlements\[0\]\.end: "):
        load(f"entitlements:\n- {{{fields}}}\n", "f.yaml")


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(OrganisationErrors) as raised:
        load("products:\n- {slug: A, name: ok}\n- {slug: b}\nagents:\n- {slug: c}\n", "f.yaml")
    assert [fault.line for fault in raised.value.faults] == [2, 3, 5, 5]


def test_a_condition_that_fails_is_told_once_and_as_it_was_meant() -> None:
    text = "routing_rule_sets:\n- slug: a\n  name: A\n  rules:\n  - {name: R, queue: q, when: {all: [{value: 1}]}}\n"
    with pytest.raises(OrganisationErrors) as raised:
        load(text, "f.yaml")
    assert raised.value.lines == ["f.yaml:5: routing_rule_sets[0].rules[0].when.all[0].field: this field is required"]


def test_words_numbers_and_times_are_read_as_they_are_written() -> None:
    text = (
        "calendars:\n- slug: c\n  name: C\n  time_zone: UTC\n  hours:\n    monday: [{from: 09:00, to: 17:00}]\n"
        "accounts:\n- {slug: no, name: 0815}\n"
    )
    file = load(text, "f.yaml")
    assert file.of("account")[0].body.model_dump()["name"] == "0815"
    assert file.of("calendar")[0].body.model_dump(mode="json")["hours"] == {
        "monday": [{"from": "09:00", "to": "17:00"}]
    }


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("today", "+1 year", (date(2024, 2, 29), date(2025, 2, 27))),
        ("today", "+12 months", (date(2024, 2, 29), date(2025, 2, 27))),
        ("today", "+2 weeks", (date(2024, 2, 29), date(2024, 3, 13))),
        ("2024-01-31", "+1 month", ("2024-01-31", date(2024, 2, 28))),
        ("2024-01-01", "2024-12-31", ("2024-01-01", "2024-12-31")),
    ],
)
def test_relative_dates(start: str, end: str, expected: tuple[Any, Any]) -> None:
    values = dated({"start": start, "end": end}, date(2024, 2, 29))
    assert (values["start"], values["end"]) == expected
