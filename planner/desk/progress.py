"""How far a run is: bars on a terminal, plain lines elsewhere.

Texts come from the glossary, both languages on one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from planner.desk.problems import both, told_problem

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

OUTCOME_STYLES = {"done": "green", "refused": "yellow", "failed": "red"}


class Progress(Protocol):
    """Who is told how far a run is; called from several threads."""

    def begin(self, sellers: int) -> None:
        """Begin to show a run of so many sellers."""

    def finish(self) -> None:
        """Show no more."""

    def step(self, seller: str, step: int, done: int, of: int) -> None:
        """Tell that a seller's part `done + 1` of `of` begins; step 0 is the making of pages."""

    def end(self, seller: str, outcome: str, message: str) -> None:
        """Tell how a seller ended."""


class Silence:
    """Shows nothing."""

    def begin(self, sellers: int) -> None:
        """Show nothing."""

    def finish(self) -> None:
        """Show nothing still."""

    def step(self, seller: str, step: int, done: int, of: int) -> None:
        """Say nothing."""

    def end(self, seller: str, outcome: str, message: str) -> None:
        """Say nothing."""


class Lines(Silence):
    """One plain line for each part begun and each seller ended."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def step(self, seller: str, step: int, done: int, of: int) -> None:
        """Write where a seller is."""
        plain_line(self._console, f"{seller}  {done + 1}/{of}  {step_name(step)}")

    def end(self, seller: str, outcome: str, message: str) -> None:
        """Write how a seller ended."""
        plain_line(self._console, told_end(seller, outcome, message))


class Bars:
    """One bar for all sellers and one for each that runs."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._bars = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._all = self._bars.add_task(both("cli.all_sellers"), total=None)
        self._tasks: dict[str, TaskID] = {}

    def begin(self, sellers: int) -> None:
        """Begin to draw."""
        self._bars.update(self._all, total=sellers)
        self._bars.start()

    def finish(self) -> None:
        """Draw for the last time."""
        self._bars.stop()

    def step(self, seller: str, step: int, done: int, of: int) -> None:
        """Move a seller's bar."""
        if seller not in self._tasks:
            self._tasks[seller] = self._bars.add_task(seller, total=of)
        text = f"{seller}  {step_name(step)}"
        self._bars.update(self._tasks[seller], completed=done, description=text)

    def end(self, seller: str, outcome: str, message: str) -> None:
        """Put a line in the place of a seller's bar."""
        if seller in self._tasks:
            self._bars.remove_task(self._tasks.pop(seller))
        self._bars.advance(self._all)
        plain_line(self._bars.console, told_end(seller, outcome, message), OUTCOME_STYLES[outcome])


def shown_on(console: Console) -> Progress:
    """Return bars for a terminal, lines for anything else."""
    return Bars(console) if console.is_terminal else Lines(console)


def plain_line(console: Console, text: str, style: str | None = None) -> None:
    """Write one line as it stands: no markup, no wrapping, no control characters."""
    safe = "".join(sign if sign.isprintable() else " " for sign in text)
    console.print(safe, style=style, markup=False, highlight=False, soft_wrap=True)


def step_name(step: int) -> str:
    """Return what a step does, in both languages; step 0 is the making of pages."""
    return both(f"cli.step_{step}")


def told_end(seller: str, outcome: str, message: str) -> str:
    """Return how a seller ended, in one line."""
    text = f"{seller}  {both(f'cli.{outcome}')}"
    return f"{text}: {told_problem(message)}" if message else text
