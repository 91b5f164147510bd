"""The process of a case as a bar: what is done, where it stands, what lies ahead, and what only may come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.case_pages.shown import Shown
from console.languages import N_
from models.messages.processes import ProcessStatus


class Place(StrEnum):
    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"
    MAYBE = "maybe"
    """Behind a condition that does not hold now."""


IN_WORDS = {
    Place.DONE: N_("done"),
    Place.CURRENT: N_("current"),
    Place.AHEAD: N_("ahead"),
    Place.MAYBE: N_("only if the case asks for it"),
}


@dataclass(frozen=True, slots=True)
class StageOfBar:
    slug: str
    name: str
    place: Place
    minutes: float
    """Spent in it so far."""

    @property
    def words(self) -> str:
        return IN_WORDS[self.place]


@dataclass(frozen=True, slots=True)
class Bar:
    stages: tuple[StageOfBar, ...]
    position: int
    """Of the current stage, from 1, on the way that the case takes."""
    length: int
    usual_minutes: float | None = None

    @property
    def current(self) -> StageOfBar | None:
        """None: the process is finished."""
        return next((stage for stage in self.stages if stage.place is Place.CURRENT), None)


def bar_of(found: Shown, now: datetime, usual_seconds: float | None = None) -> Bar | None:
    """None: the case follows no process."""
    process = found.process
    if process.definition is None:
        return None
    stages = []
    for stage in process.stages:
        place = Place.MAYBE
        if stage.active and process.status != ProcessStatus.FINISHED:
            place = Place.CURRENT
        elif stage.slug in process.path:
            place = Place.DONE
        elif stage.slug in process.ahead:
            place = Place.AHEAD
        seconds = stage.seconds
        if stage.active and process.status == "active" and process.stage_entered_on is not None:
            seconds += max(0.0, (now - process.stage_entered_on).total_seconds())
        stages.append(StageOfBar(stage.slug, stage.name, place, seconds / 60))
    return Bar(
        tuple(stages),
        len(process.path),
        len(process.path) + len(process.ahead),
        None if usual_seconds is None else usual_seconds / 60,
    )
