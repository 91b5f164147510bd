"""What the user sees: a line for everything that is started, played or checked."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.text import Text

GOOD, BAD = ("✔", "✘") if (sys.stdout.encoding or "").lower().startswith("utf") else ("ok", "FAILED")


def plain(text: str) -> str:
    """A text of somebody else, without characters that a terminal would take for commands."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


class Show:
    """Lines on standard output. Text is never cut or wrapped, because addresses in it are there to be copied."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    @contextmanager
    def starting(self, what: str) -> Iterator[list[str]]:
        """Take the time of a part of the start. What is put into the list is printed behind it."""
        began = time.monotonic()
        said: list[str] = []
        yield said
        seconds = time.monotonic() - began
        where = f"  {escape(' '.join(said))}" if said else ""
        self.console.print(f"  [green]{GOOD}[/] {escape(what):<34}[dim]{seconds:5.1f} s[/]{where}")

    def title(self, text: str) -> None:
        self.console.print(f"\n[bold]{escape(text)}[/]")

    def say(self, text: str) -> None:
        self.console.print(Text(text))

    def step(self, number: int, text: str) -> None:
        self.console.print(f"\n[bold cyan]{number:2}[/] [bold]{escape(text)}[/]  [dim]{self._clock()}[/]")

    def why(self, text: str) -> None:
        self.console.print(f"     [yellow]why[/]    {escape(text)}")

    def where(self, text: str) -> None:
        self.console.print(f"     [dim]where[/]  {escape(text)}")

    def good(self, text: str) -> None:
        self.console.print(f"     [green]{GOOD}[/]      {escape(text)}")

    def bad(self, text: str, expected: object, found: object) -> None:
        self.console.print(f"     [bold red]{BAD}[/]      {escape(text)}")
        self.console.print(f"            expected: {escape(str(expected))}")
        self.console.print(f"            found:    {escape(str(found))}")

    def table(self, rows: Mapping[str, str]) -> None:
        width = max(map(len, rows), default=0)
        for name, value in rows.items():
            self.console.print(f"  {escape(name):<{width}}  {escape(value)}")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:.1f} s"
