"""What commands show: summaries to stdout, progress and errors to stderr, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from waystation.errors import WaystationError

Progress = Callable[[str, int, int], None]


class Refusal(click.ClickException):
    """An error of the library, told in its one sentence; exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Write the sentence to stderr, without a traceback."""
        click.echo(f"Error: {self.format_message()}", file=file or sys.stderr)


class RefusingGroup(click.Group):
    """A group of commands whose library errors become refusals."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn an error of the library into a refusal."""
        try:
            return super().invoke(ctx)
        except WaystationError as error:
            raise Refusal(str(error)) from error


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``: one JSON document on stdout in place of the summary."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")(
        command
    )


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--quiet``: no progress and no summary."""
    return click.option("--quiet", is_flag=True, help="Print nothing but errors.")(command)


def show_json(document: object) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def show_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[object]], *, numbers: int = 0
) -> None:
    """Print a table that fits the terminal; the last ``numbers`` columns align right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(
        soft_wrap=False, highlight=False, width=None if sys.stdout.isatty() else 120
    )
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    for position, heading in enumerate(headings):
        is_number = position >= len(headings) - numbers
        table.add_column(
            Text(heading), justify="right" if is_number else "left", no_wrap=is_number
        )
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "not reported"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """Yield a function (what, done, of) that draws a bar on stderr once work takes a second."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _done, _of: None
        return
    import time

    from rich.console import Console
    from rich.progress import Progress as Bar

    start = time.monotonic()
    with Bar(console=Console(stderr=True), transient=True, disable=False) as bar:
        task = bar.add_task("", visible=False)

        def advance(what: str, done: int, of: int) -> None:
            visible = time.monotonic() - start > 1
            bar.update(task, description=what, completed=done, total=of, visible=visible)

        yield advance
