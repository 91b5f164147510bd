"""Instants as pages show them: in the person's own zone on either side of a change of the clocks, never in the wrong tense."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from console.contract_names import told_apart
from console.view import Words
from console.visitor import Visitor
from desk.identity import Identity
from desk.preferences import Preferences
from desk.queries.choices import ContractChoice
from desk.sessions import SignedIn
from models.messages.organisation import OrganisationSettings
from models.messages.reference import Role

NOW = datetime(2031, 6, 1, 12, 0, tzinfo=UTC)


def words(zone: str, language: str = "en", now: datetime = NOW) -> Words:
    who = SignedIn(UUID(int=1), Identity(UUID(int=2), "grace", "Grace", frozenset({Role.AGENT})), now)
    preferences = Preferences(time_zone=zone)
    return Words(Visitor(who, preferences, OrganisationSettings(), language, now, "/"))


def shown(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("instant", "zone", "wall"),
    [
        # Berlin skips 02:00 to 03:00 on 30 March 2031, and has 02:00 to 03:00 twice on 26 October.
        ("2031-03-30T00:59:00", "Europe/Berlin", "1:59"),
        ("2031-03-30T01:00:00", "Europe/Berlin", "3:00"),
        ("2031-10-26T00:30:00", "Europe/Berlin", "2:30"),
        ("2031-10-26T01:30:00", "Europe/Berlin", "2:30"),
        ("2031-10-26T02:00:00", "Europe/Berlin", "3:00"),
        # New York changes on 9 March and 2 November.
        ("2031-03-09T06:59:00", "America/New_York", "1:59"),
        ("2031-03-09T07:00:00", "America/New_York", "3:00"),
        ("2031-11-02T05:30:00", "America/New_York", "1:30"),
        ("2031-11-02T06:30:00", "America/New_York", "1:30"),
    ],
)
def test_times_follow_the_persons_zone_over_both_dst_changes(instant: str, zone: str, wall: str) -> None:
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    for language in ("en", "de"):
        html = words(zone, language).when(at)
        assert re.search(rf"\b0?{wall}\b", shown(html)), html
        assert f'datetime="{instant}Z"' in html
        # Of the two equal wall times the title tells which one it is.
        title = words(zone, language).full(at)
        offset = at.astimezone(words(zone).zone).strftime("%z")
        assert offset in title.replace(":", "") or re.search(r"[A-Z]{3}", title), title


@pytest.mark.parametrize("back", [0, 0.4, 1, 59, 61, 3_000, 7_200, 86_400, 900_000, 90_000_000])
def test_no_past_instant_reads_as_future(back: float) -> None:
    past, ahead = NOW - timedelta(seconds=back), NOW + timedelta(seconds=back)
    assert not shown(words("UTC").ago(past)).startswith("in "), back
    assert not shown(words("UTC", "de").ago(past)).startswith("in "), back
    if back > 1:
        assert shown(words("UTC").ago(ahead)).startswith("in ")
        assert shown(words("UTC").ago(past)).endswith("ago")


@pytest.mark.parametrize(("language", "wanted"), [("en", "6.9%"), ("de", "6,9\N{NO-BREAK SPACE}%")])
def test_a_share_has_its_sign_as_the_language_sets_it(language: str, wanted: str) -> None:
    assert words("Europe/Berlin", language).percent(0.0694) == wanted


def test_contracts_of_the_same_name_are_told_apart_by_their_days() -> None:
    def choice(slug: str, name: str, year: int) -> ContractChoice:
        return ContractChoice(slug, name, date(year, 1, 1), date(year, 12, 31))

    chosen = (choice("care", "Care", 2031), choice("care-2", "Care", 2032), choice("more", "More care", 2031))
    assert told_apart(words("UTC", "de").me, chosen) == (
        ("care", "Care (01.01.2031 \N{EN DASH} 31.12.2031, care)"),
        ("care-2", "Care (01.01.2032 \N{EN DASH} 31.12.2032, care-2)"),
        ("more", "More care"),
    )
