"""What the desk says, in the reader's language: whole in every language, by templates that each release knows for itself."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from console import catalogues
from console.administering.kinds import linked
from console.languages import DESK, SOURCE, languages
from console.overheard import LISTS, REASONS, understood
from console.own_words import as_read, kind_of_activity
from console.sayings import PLAINLY, in_words
from desk.errors import Conflict, Invalid, NotFound, Stale
from desk.reference import kinds as reference
from desk.reference.records import Kind
from desk.reference.uses import Use
from models.messages.calendars import Span
from models.messages.conditions import Op
from models.messages.organisation import OrganisationSettings
from models.messages.said import AT_PATH, Said, joined, of_field, said, word
from policies.conditions import ClauseResult, Explanation
from policies.mailboxes import ADVICE
from storage.definitions import DefinitionKind

OTHERS = [language for language in languages() if language != SOURCE]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_the_desk_is_translated_and_names_no_place_that_it_has_not(language: str) -> None:
    known = {str(each.id): str(each.string or "") for each in catalogues.read(language, DESK) if each.id}
    assert len(known) > 800, "the sentences are not where this test looks for them"
    for given, translated in known.items():
        assert translated, given
        if "{{" not in given:
            assert places(translated) <= places(given), given


def test_what_is_said_plainly_is_said_by_the_desk() -> None:
    of_desk = {message.id for message in catalogues.of_desk() if message.id}
    assert set(PLAINLY) <= of_desk
    for given, plainly in PLAINLY.items():
        assert places(plainly) <= places(given), given


def test_what_is_not_there_has_a_name_in_every_language() -> None:
    assert in_words("de", NotFound("queue", "ghost").detail) == "Warteschlange „ghost“ gibt es nicht"
    known = {str(each.id) for each in catalogues.of_desk() if each.id}
    kinds = {kind.name for kind in vars(reference).values() if isinstance(kind, Kind)}
    assert {*kinds, *(kind.value.replace("-", " ") for kind in DefinitionKind)} <= known


def test_what_names_a_record_says_where_as_the_pages_do_and_leads_there() -> None:
    settings = said(AT_PATH, kind=word("organisation"), slug="acme", path="default_process")
    [(page, place)] = linked([Use("organisation", "acme", settings)])
    assert (page, in_words("de", place)) == ("/admin/organisation", "Organisation „acme“ bei „Standardprozess“")
    assert linked([Use("sla", "gold", settings)])[0][0] == "/admin/slas/gold"


def test_reasons_as_delivered_are_said_in_the_readers_language_and_others_stay() -> None:
    settings = OrganisationSettings()
    own = settings.status_reasons[1].model_copy(update={"name": "Parked"})
    changed = settings.model_copy(update={"status_reasons": (settings.status_reasons[0], own)})
    assert [each.name for each in as_read(changed, "de").status_reasons] == ["In Bearbeitung", "Parked"]
    as_delivered = {each.slug: each.name for each in as_read(settings, "de").status_reasons}
    assert (as_delivered["cancelled"], as_delivered["merged"]) == ("Storniert", "Aufgegangen")
    assert as_read(changed, SOURCE) is changed
    assert (kind_of_activity("phone-call", "de"), kind_of_activity("site-visit", "de")) == ("Telefonat", "Site visit")


def test_what_to_do_about_a_mailbox_names_nothing_of_the_api() -> None:
    for language in languages():
        for advice in ADVICE.values():
            assert not re.search(r"`|last_error|GET /", in_words(language, advice))


def test_reasons_that_were_kept_as_text_alone_are_understood_again() -> None:
    """What earlier releases wrote, and what columns of text hold."""
    of_desk = {message.id for message in catalogues.of_desk()}
    assert {*LISTS, *REASONS} <= of_desk
    for english, german in KEPT.items():
        again = understood(english)
        assert again == english
        assert in_words("de", again) == german
    for other in ("", "a case was nice", "Thank you; it works", "item Gold applies", "x" * 5_000):
        assert in_words("de", understood(other)) == other


KEPT = {
    "rule 'Gold' matched: account.tier eq 'gold'": "Regel „Gold“ passt: Stufe des Kunden ist 'gold'",
    "item 'Resolution' applies": "der Eintrag „Resolution“ gilt",
    "item 'A' failed: case.priority eq 'high' (was nothing); item 'B' always": (
        "Eintrag „A“ passt nicht: Priorität ist 'high' (war nichts); Eintrag „B“ immer"
    ),
    "no rule matched; rule 'A' failed: a.b eq 1 and a.c empty; rule 'B' matched: always": (
        "keine Regel passte; Regel „A“ passt nicht: B ist 1 und C ist leer; Regel „B“ passt: immer"
    ),
    "hold: sender-unknown": "zurückhalten: Absender unbekannt",
    "on hold: waiting-for-details": "angehalten: waiting-for-details",
    "the case was resolved": "der Fall war gelöst",
}


def test_a_refusal_is_said_in_german_with_the_words_within_it() -> None:
    refusal = said("The case is {state}.", state=word("cancelled"))
    assert in_words("de", refusal) == "Der Fall ist storniert."
    assert in_words("en", refusal) == "The case is cancelled."
    needed = joined((word("manager"), word("administrator")), " or ")
    assert in_words("de", said("this page needs the role {needed}", needed=needed)) == (
        "diese Seite braucht die Rolle Leitung oder Administrator"
    )


def test_instants_spans_and_fields_within_a_sentence_are_the_readers() -> None:
    words = said(
        "due {due} because {fail_after} {by} are over then, counted from {applicable_from} at {since}",
        due="2031-06-01T12:31:17.392576+00:00",
        fail_after=Span.parse("8 business hours").words,
        by=said("around the clock"),
        applicable_from=word("created_on"),
        since="2031-06-01T12:16:17+00:00",
    )
    assert str(words).startswith("due 2031-06-01T12:31:17.392576+00:00 because 8 business hours around")
    assert in_words("de", words, instant=lambda at: f"{at:%d.%m. %H:%M}") == (
        "fällig am 01.06. 12:31, weil dann 8 Arbeitsstunden rund um die Uhr vorbei sind, gezählt ab „Eröffnet“, 01.06. 12:16"
    )
    assert [in_words("de", Span.parse(text).words) for text in ("1 day", "15m", "3 business days")] == [
        "1 Tag",
        "15 Minuten",
        "3 Arbeitstage",
    ]


def test_a_field_is_named_as_the_page_names_it() -> None:
    wrong = Invalid("data.status_reason", said("is blank"))
    assert wrong.detail == "data.status_reason: is blank"
    assert in_words("de", wrong.detail) == "Statusgrund: Bitte füllen Sie dieses Feld aus."
    assert in_words("en", wrong.detail) == "Status reason: Please fill this in."
    taken = Conflict("already-exists", said("there is already an article {slug!r}", slug="faq"), field="slug")
    assert taken.detail == "slug: there is already an article 'faq'"
    assert in_words("de", taken.detail) == "Kennung: es gibt schon einen Artikel „faq“"


def test_nobody_on_a_page_is_told_to_send_a_header() -> None:
    stale = Stale(7)
    assert "version 7" in stale.detail
    for language in languages():
        assert "7" not in in_words(language, stale.detail)


def test_numbers_are_grouped_as_the_language_does() -> None:
    long = said("has at most {longest:,} characters", longest=20_000)
    assert in_words("de", long) == "hat höchstens 20.000 Zeichen"
    assert in_words("en", long) == long == "has at most 20,000 characters"


def test_why_a_condition_decided_is_said_in_words_that_its_form_has_in_every_language() -> None:
    clause = ClauseResult(field="case.priority", op=Op.EQ, wanted="high", found="low", held=False, decisive=True)
    why = Explanation(holds=False, clauses=(clause,)).why()
    assert why == "failed: case.priority eq 'high' (was 'low')"
    assert in_words("en", why) == "failed: Priority is 'high' (was 'low')"
    assert in_words("de", said("rule {rule!r} {why}", rule="Gold", why=why)) == (
        "Regel „Gold“ passt nicht: Priorität ist 'high' (war 'low')"
    )


def test_the_status_that_a_condition_names_is_said_as_pages_say_it_and_a_word_of_the_organisation_stays() -> None:
    clause = ClauseResult(field="case.status", op=Op.NE, wanted="cancelled", found="resolved", held=True, decisive=True)
    assert in_words("de", Explanation(holds=True, clauses=(clause,)).why()).endswith("Status ist nicht 'storniert'")
    clause = ClauseResult(field="case.type", op=Op.EQ, wanted="cancelled", found=None, held=True, decisive=True)
    assert "'cancelled'" in in_words("de", Explanation(holds=True, clauses=(clause,)).why())


def test_a_word_that_rooms_use_for_different_things_is_the_one_of_the_page() -> None:
    assert in_words("de", "Reply", room="case_pages") == "Antwort"
    assert in_words("de", "Reply", room="composing") == "Antworten"


def test_what_another_release_said_stays_english_and_is_never_filled() -> None:
    strange = Said("The case is gone.", "The case is {0.__class__} gone.", {"x": "y"})
    assert in_words("de", strange) == "The case is gone."
    other = Said("The case is resolved.", "The case is {state}.", {"status": "resolved"})
    assert in_words("de", other) == "The case is resolved."
    assert in_words("de", "A sentence that nobody knows.") == "A sentence that nobody knows."
    assert in_words("de", "The case is in no queue.") == "Der Fall ist in keiner Warteschlange."
    assert in_words("de", of_field("title", "a rule of another release")).endswith(": a rule of another release")
    assert in_words("de", "") == ""
