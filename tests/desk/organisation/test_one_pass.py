"""Faults that lie behind each other, in one entry and in what it names, are told in one pass and at their own places."""

from __future__ import annotations

from tests.desk.organisation.test_checking import faults

FILE = """\
agents:
  - {slug: a1, name: A1, email: one@p.example, capacity: -1}
  - {slug: a2, name: A2, email: two@p.example, roles: [knowledge-manager]}
  - {slug: a3, name: A3, email: three@p.example}
queues:
  - {slug: q, name: Q, owner: a2, members: [a1]}
  - {slug: q2, name: Q2, owner: a3, default_of_agent: a3}
  - {slug: q3, name: Q3, owner: a3, default_of_agent: a3}
accounts: [{slug: x, name: X}]
contacts: [{slug: x, name: X, email: a@b.example}]
products: [{slug: d, name: D, draft: true}, {slug: f, name: F, kind: family}]
kpis: [{slug: k, name: K}]
slas:
  - slug: s
    name: S
    items:
      - {name: J, kpi: k, success: {all: [{field: case.status, value: resolved}]}, fail_after: 4 hours,
         warn_after: 5 hours, repeats: true}
      - {name: K, kpi: k, success: {all: [{field: case.status, value: resolved}]}, fail_after: 4 hours, actions: [
         {on: failure, do: set, values: {product: d}}, {on: failure, do: assign, agent: a2}, {on: warning, do: escalate}]}
processes:
  - slug: p
    name: P
    stages:
      - slug: a
        name: A
        next: zz
        steps:
          - {field: product, label: P, kind: choice, required: true, choices: [d, f]}
          - {field: custom.z, label: Z, kind: choice, choices: ["ja ", "Ja"]}
        branches: [{when: {all: [{field: case.priority, value: high}]}, to: yy}]
      - {slug: b, name: B, next: a}
routing_rule_sets:
  - {slug: r, name: R, rules: [{name: n, agent: a2}, {name: m, queue: q}]}
record_creation_rules:
  - {slug: m, name: M, source: phone-call, queue: q, owner: a2, items: [{name: i, product: d}]}
assignment_rules: [{slug: ar, name: AR, queue: q2}, {slug: ar2, name: AR, queue: q2}]
entitlements:
  - {slug: e, name: E, account: x, start: 2027-01-01, end: 2026-01-01, total_terms: 5,
     channels: [{origin: phone, total_terms: 6}, {origin: phone, total_terms: 6}]}
articles:
  - {slug: ka, title: x, content: c, publish_on: 2032-03-28T08:00:00Z, expires_on: 2031-03-28T08:00:00Z,
     translations: [{language: en, title: t, content: c}]}
figure_reports:
  - {slug: fr, name: FR, figures: [incoming, incoming], recipients: [a@b.example], period: day, weekday: monday}
"""
NO_OWNER, DRAFT = "holds none of the roles that work cases", "'d' is a draft"
TOLD = [
    ("agents[0].capacity", "at least 0"),
    ("queues[0].owner", NO_OWNER),
    ("queues[2].default_of_agent", "the default queue 'q2' already"),
    ("contacts[0].slug", "an account has 'x' already"),
    ("slas[0].items[0].repeats", "never moves"),
    ("slas[0].items[0].warn_after", "shorter than 'fail_after'"),
    ("slas[0].items[1]", "can never apply"),
    ("slas[0].items[1].actions[0].values.product", DRAFT),
    ("slas[0].items[1].actions[1].agent", NO_OWNER),
    ("slas[0].items[1].actions[2].on", "needs 'warn_after'"),
    ("processes[0].stages[0].branches[0].to", "unknown stage 'yy'"),
    ("processes[0].stages[0].next", "unknown stage 'zz'"),
    ("processes[0].stages[0].steps[0].choices[0]", DRAFT),
    ("processes[0].stages[0].steps[0].choices[1]", "'f' is a family"),
    ("processes[0].stages[0].steps[1].choices[1]", "'Ja' is listed twice"),
    ("processes[0].stages[1].next", "leads back to 'a'"),
    ("routing_rule_sets[0].rules[0].agent", NO_OWNER),
    ("routing_rule_sets[0].rules[1]", "never asked"),
    ("record_creation_rules[0].items[0].product", DRAFT),
    ("record_creation_rules[0].owner", NO_OWNER),
    ("assignment_rules[1].queue", "'ar' already gives out"),
    ("entitlements[0].channels", "twice"),
    ("entitlements[0].end", "before 'start'"),
    ("entitlements[0].total_terms", "exceed"),
    ("articles[0].expires_on", "not after 'publish_on'"),
    ("articles[0].translations[0].language", "already"),
    ("figure_reports[0].figures[1]", "twice"),
    ("figure_reports[0].weekday", "'period: week' only"),
]


async def test_every_fault_is_told_at_its_place_and_nothing_else() -> None:
    found = {line.split(": ")[1]: line for line in await faults(FILE)}
    assert [each for each in TOLD if each[1] not in found.get(each[0], "")] == [], "\n".join(found.values())
    assert found.keys() == {place for place, _ in TOLD}
