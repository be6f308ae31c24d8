"""fleetctl's entry: the options that every command shares, and how any failure ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from fleetd import __version__
from fleetd.cli.commands import devices, discover, drivers, endpoints, enrollments, service
from fleetd.cli.connection import DEFAULT_URL, TOKEN_VARIABLE, URL_VARIABLE, connection
from fleetd.cli.extensions import ExtensibleGroup
from fleetd.cli.failures import ExitCode, Failure, ReaderGone

EPILOG: Final = (
    f"The token comes from the variable {TOKEN_VARIABLE} or --token-file. Exit codes: 0 done; "
    "1 failed or not reachable; 2 wrong usage or input; 3 no such thing; 4 not allowed; "
    "130 interrupted."
)

app: Final = typer.Typer(
    name="fleetctl",
    cls=ExtensibleGroup,
    help="Ask fleetd about the fleet, and have it look.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("devices")(devices.devices)
app.add_typer(devices.device_app, name="device")
app.add_typer(drivers.driver_app, name="driver")
app.add_typer(endpoints.endpoints_app, name="endpoints")
app.command("discover")(discover.discover)
app.command("enrollments")(enrollments.enrollments)
app.command("manifest")(service.manifest)
app.command("metrics")(service.metrics)
app.command("version")(service.show_version)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"fleetctl {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    url: Annotated[
        str, typer.Option(envvar=URL_VARIABLE, help="Where fleetd's API is.")
    ] = DEFAULT_URL,
    token_file: Annotated[
        Path | None, typer.Option(help="File that holds the token.", show_default=False)
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="PEM file of authorities to trust.", show_default=False)
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show fleetctl's version."
        ),
    ] = False,
) -> None:
    """Ask fleetd about the fleet, and have it look."""
    context.obj = connection(url, token_file=token_file, ca_file=ca_file)


def main() -> None:
    """Run fleetctl; never a traceback for what a user can cause."""
    try:
        code = app(standalone_mode=False)
    except ReaderGone as gone:
        # What is still buffered has nowhere to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = gone.exit_code
    except Failure as failure:
        code = _fail(str(failure), failure.exit_code)
    except typer.TyperException as error:
        code = _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        code = ExitCode.INTERRUPTED
    sys.exit(code or ExitCode.OK)


def _fail(message: str, code: ExitCode) -> ExitCode:
    line = " ".join(message.split())
    sys.stderr.write(f"fleetctl: {line}\n")
    return code


def _misused(error: typer.TyperException) -> ExitCode:
    words = getattr(error, "format_message", None)
    message = str(words() if callable(words) else error)
    if message.startswith("Usage:"):  # nothing was asked for, so the help is the answer
        sys.stderr.write(f"{message}\n")
        return ExitCode.USAGE
    return _fail(message, ExitCode.USAGE)
