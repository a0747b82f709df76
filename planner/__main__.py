"""The command line: names the commands, runs one, tells how it ended.

A command is a function in `planner.commands`; it parses, calls the desk and prints,
and does no arithmetic. Heavy packages are imported by the command that needs them, so
that help and lists come at once. Whatever an analyst can mend ends in one line on stderr.
"""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable
from typing import Any

import typer

from planner.commands import campaigns, freezing, inputs, meetings, memory, own_sales, registers
from planner.commands.options import EXIT_BROKEN, EXIT_REFUSED, note
from planner.errors import PlannerError, RunError

COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("run", campaigns.run),
    ("list", campaigns.list_),
    ("check", inputs.check),
    ("new-seller", inputs.new_seller),
    ("forecast", own_sales.forecast),
    ("backtest", own_sales.backtest),
    ("decisions", inputs.decisions),
    ("overview", meetings.overview),
    ("slides", meetings.slides),
    ("freeze", freezing.freeze),
    ("verify", campaigns.verify),
    ("schema", inputs.schema),
)
"""Every command, in the order of the help."""

app = typer.Typer(
    name="planner",
    help="大促备货工作台 / Plans stock for big TikTok Shop promotions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
rules_app = typer.Typer(help="规则表 / Registers of dated facts.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
memory_app = typer.Typer(help="经验共享 / What reviews remember.", no_args_is_help=True)
app.add_typer(memory_app, name="memory")

for name, command in COMMANDS:
    app.command(name)(command)
rules_app.command("diff")(registers.rules_diff)
memory_app.command("share")(memory.share)


def main() -> None:
    """Run a command; tell a mistake in one line, a fault in one line and a log.

    Notes
    -----
    A console or pipe that cannot show Chinese gets question marks in its place, not a fault.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(_guarded(lambda: app(prog_name="planner")))


def _guarded(command: Callable[[], Any]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_BROKEN
    except PlannerError as problem:
        _tell("cli.broken_run" if isinstance(problem, RunError) else "cli.refused_input", problem)
        return EXIT_BROKEN if isinstance(problem, RunError) else EXIT_REFUSED
    except Exception as problem:
        from planner.desk.files import log_fault

        _tell("cli.fault", f"{type(problem).__name__}: {problem}", log=log_fault())
        return EXIT_BROKEN
    return 0


def _tell(term: str, problem: object, **facts: object) -> None:
    from planner.desk.problems import both, told_problem

    note(f"{both(term, **facts)}: {told_problem(problem)}")


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
