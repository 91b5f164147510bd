"""The forty cases that the demo lays: whose they are, how long ago they came, and what was done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.messages.api_cases import AssignBody, HoldBody, NoteBody, ReplyBody, ResolveBody
from models.messages.base import Message
from models.messages.cases import CommandKind

K = CommandKind
QUESTIONS = (
    "The left speaker is quieter than the right one",
    "Which cable do I need for a turntable?",
    "Invoice 20417 names the wrong address",
    "Firmware update stops at 80 per cent",
    "Can I use two headphones at once?",
    "The power button does not click any more",
    "Warranty for a speaker that was a present",
    "A humming noise in the morning only",
    "Spare ear pads for the Northwind One",
    "The app does not find my room",
    "Delivery came with two left feet",
    "Volume jumps when a call comes in",
)
CUSTOMERS = ("tom", "maya", "noa", "klara", "yusuf")


class Deed(NamedTuple):
    agent: str
    kind: CommandKind
    body: Message | None = None
    target: str | None = None
    """Of an assignment: the agent's slug."""


@dataclass(frozen=True, slots=True)
class Sample:
    title: str
    text: str
    customer: str
    minutes: int
    """How long ago it was opened."""
    sla: str | None = None
    priority: str = "normal"
    deeds: Sequence[Deed] = ()
    family: tuple[str, ...] = ()
    merged_with: str | None = None
    incident: bool = False


def note_of(text: str) -> Deed:
    return Deed("grace", K.NOTE, NoteBody(text=text))


def reply(text: str) -> Deed:
    return Deed("grace", K.REPLY, ReplyBody(text=text))


def hold(reason: str | None = None) -> Deed:
    return Deed("grace", K.HOLD, HoldBody(status_reason=reason))


def resolve(resolution: str) -> Deed:
    return Deed("grace", K.RESOLVE, ResolveBody(resolution=resolution))


PICK = Deed("grace", K.PICK)
SAMPLES = (
    Sample(
        "No sound in the concert hall", "The whole hall is silent, and doors open tonight.", "maya", 55, "gold", "high"
    ),
    Sample(
        "Bluetooth drops every few minutes",
        "It drops whenever somebody walks past.",
        "maya",
        31,
        "gold",
        "high",
        (PICK,),
    ),
    Sample("Rattling bass in studio 2", "From 80 Hz down it rattles.", "tom", 24, "gold"),
    Sample("Headphones charge no more", "The light stays red.", "maya", 12, "gold"),
    Sample("Microphone is muted in calls", "Others do not hear me.", "noa", 11, "gold", "high", (PICK,)),
    Sample("Order 5531 has not come", "It was to come last week.", "tom", 9, "gold"),
    Sample(
        "Measurements for the acoustics lab",
        "We send the curves as soon as we have them.",
        "tom",
        300,
        deeds=(
            PICK,
            reply("Please send us the measurements."),
            hold("waiting-for-details"),
        ),
    ),
    Sample(
        "Loan device for the time of the repair",
        "We need one for the festival.",
        "maya",
        1500,
        deeds=(PICK, hold(), note_of("The loan device is back on Thursday.")),
    ),
    Sample(
        "Whole office without sound",
        "All twelve rooms are silent since the update.",
        "noa",
        180,
        priority="high",
        deeds=(PICK, note_of("The update of last night is to blame; rooms as child cases.")),
        family=("Room 1 is silent", "Room 7 is silent"),
    ),
    Sample(
        "Kopfhörer koppeln nicht mehr",
        "Seit dem letzten Update werden sie nicht mehr gefunden.",
        "klara",
        95,
    ),
    Sample(
        "Rechnungsadressänderungsmitteilung für die Zweigniederlassung",
        "Bitte ändern Sie unsere Rechnungsadresse.",
        "klara",
        240,
        deeds=(PICK,),
    ),
    Sample(
        "السماعات لا تتصل بالهاتف",
        "مرحبا، السماعات Northwind One لا تظهر في قائمة Bluetooth منذ الأمس.",
        "yusuf",
        40,
        "gold",
    ),
    Sample("הרמקול לא נדלק", "שלום, הרמקול לא נדלק מאז הבוקר. מה לעשות?", "noa", 130),
    Sample("🎧 broken after a fall 😢", "It fell from the table. 🙈", "tom", 75),
    Sample("Speaker hums", "It hums, all day.", "tom", 200, merged_with="The speaker still hums"),
    Sample("A step of this case has failed", "For operators to look at.", "tom", 20, incident=True),
    Sample(
        "How do I reset the speaker?",
        "I have lost the manual.",
        "maya",
        2900,
        deeds=(
            PICK,
            reply("Hold both buttons for ten seconds."),
            resolve("Reset by both buttons."),
        ),
    ),
    Sample(
        "Thank you for the quick help",
        "That was all.",
        "klara",
        4400,
        deeds=(PICK, resolve("Nothing to do.")),
    ),
)


def samples() -> list[Sample]:
    """Those above, and everyday ones up to forty cases, family and merged cases counted."""
    found = list(SAMPLES)
    count = sum(1 + len(each.family) + (each.merged_with is not None) for each in found)
    for at in range(40 - count):
        title, customer = QUESTIONS[at % len(QUESTIONS)], CUSTOMERS[at % len(CUSTOMERS)]
        again = "" if at < len(QUESTIONS) else " (again)"
        who = ("", "grace", "sam")[at % 3]
        deeds = (Deed("mona", K.ASSIGN, AssignBody(agent=who), who),) if who else ()
        found.append(Sample(title + again, f"{title}. What can be done?", customer, 35 + 47 * at, deeds=deeds))
    return found
