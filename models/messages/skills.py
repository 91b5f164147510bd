"""Skills: words of the organisation's list, each with a level; held by agents, needed by cases (domain 5.2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.messages.base import Slug

Level = Annotated[int, Field(ge=1, le=10)]
Skills = Annotated[dict[Slug, Level], Field(max_length=50)]
"""By skill: the level that somebody holds, or the least that is needed. 10 is the highest."""
