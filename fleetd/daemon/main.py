"""The command ``fleetd``: serve, migrate, check-config, demo, secret.

Each command imports what it needs itself: the whole daemon takes a second or two to import, and
checking a configuration should not wait for it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from fleetd import __version__
from fleetd.config.load import DEFAULT_PATH, load
from fleetd.config.secret_file import generate_key
from fleetd.config.secrets import SecretReader
from fleetd.config.settings import Settings
from fleetd.domain.errors import ConfigError, FleetError, SecretUnavailable

_FAILED: Final = 1
_BAD_INPUT: Final = 2
_INTERRUPTED: Final = 130

app = typer.Typer(
    name="fleetd",
    help="Turns a data centre's management network into cloud capacity.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
secret_app = typer.Typer(help="fleetd's own encrypted secrets.", no_args_is_help=True)
app.add_typer(secret_app, name="secret")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help=f"fleetd.yaml (default: {DEFAULT_PATH} where it exists)."),
]


def main() -> None:
    """Run the command line; errors are one line each on stderr, and 2 means bad input."""
    try:
        code = app(standalone_mode=False)
    except (ConfigError, SecretUnavailable) as error:
        code = _complain(str(error), _BAD_INPUT)
    except FleetError as error:
        code = _complain(str(error), _FAILED)
    except typer.TyperException as error:
        code = _misused(error)
    except typer.Abort:
        code = _INTERRUPTED
    raise SystemExit(code or 0)


def _misused(error: typer.TyperException) -> int:
    words = getattr(error, "format_message", None)
    message = str(words() if callable(words) else error)
    if message.startswith("Usage:"):  # nothing was asked for, so the help is the answer
        print(message, file=sys.stderr)
        return _BAD_INPUT
    return _complain(message, _BAD_INPUT)


def _complain(message: str, code: int) -> int:
    for line in message.splitlines():
        print(f"fleetd: {line}", file=sys.stderr)
    return code


def _version(wanted: bool) -> None:
    if wanted:
        print(f"fleetd {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


@app.command()
def serve(config: ConfigOption = None) -> None:
    """Run the daemon until SIGTERM; SIGHUP reloads the configuration."""
    from fleetd.daemon.compose import Origin
    from fleetd.daemon.notify import Notifier
    from fleetd.daemon.run import run_daemon
    from fleetd.telemetry.logs import set_up_logging
    from fleetd.telemetry.redact import Redactor

    path = _path(config)

    def read() -> Settings:
        return load(path, os.environ)

    settings = read()
    redactor = Redactor()
    set_up_logging(settings.logging, environment=os.environ, redactor=redactor)
    origin = Origin(
        settings=settings,
        read=read,
        environment=os.environ,
        notifier=Notifier(os.environ),
        redactor=redactor,
    )
    _run(lambda: run_daemon(origin))


@app.command()
def migrate(config: ConfigOption = None) -> None:
    """Bring the database's schema to this version; do it while fleetd is stopped."""
    from fleetd.daemon.state_directory import held
    from fleetd.store.database import open_database

    settings = load(_path(config), os.environ)
    secrets = _secrets(settings)

    async def work() -> None:
        password = await secrets.read(settings.store.password) if settings.store.password else None
        directory = settings.daemon.state_directory
        async with open_database(settings.store, directory, password) as database:
            await database.upgrade()

    with held(settings.daemon.state_directory):
        _run(work)
    print("the database is at this version's schema")


@app.command("check-config")
def check_config(
    path: Annotated[
        Path | None, typer.Argument(help=f"fleetd.yaml (default: {DEFAULT_PATH}).")
    ] = None,
) -> None:
    """Check the configuration and every file it names; each error with file, line and key."""
    chosen = _path(path)
    load(chosen, os.environ)
    print(f"{chosen or 'the embedded defaults'}: the configuration is good")


@app.command()
def demo(
    servers: Annotated[int, typer.Option(min=1, max=400, help="How many servers.")] = 10,
    once: Annotated[bool, typer.Option("--once", help="Stop when the job is done.")] = False,
    json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
    no_ironic: Annotated[bool, typer.Option("--no-ironic", help="Inventory only.")] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the state here, for another run on it.")
    ] = None,
    lab: Annotated[Path, typer.Option(help="Where Ironic is installed.")] = Path(".lab"),
) -> None:
    """Run the main job on an emulated fleet and a real Ironic, then stay up."""
    from fleetd.daemon.demo.command import Options, run_demo

    options = Options(
        servers=servers, once=once, json=json, ironic=not no_ironic, keep=keep, lab=lab
    )
    codes: list[int] = []

    async def work() -> None:
        codes.append(await run_demo(options))

    _run(work)
    raise typer.Exit(codes[0])


@secret_app.command("generate-key")
def secret_generate_key() -> None:
    """Print a new key; keep it where ``secrets.key`` points, readable by fleetd only."""
    print(generate_key())


@secret_app.command("set")
def secret_set(name: str, config: ConfigOption = None) -> None:
    """Keep a secret, read from standard input (its last newline left out)."""
    value = sys.stdin.read().removesuffix("\n")
    if not value:
        raise ConfigError("nothing came on standard input, so nothing was kept")
    _secrets(load(_path(config), os.environ)).secret_file().set(name, value)


@secret_app.command("list")
def secret_list(config: ConfigOption = None) -> None:
    """Print the names of the kept secrets."""
    for name in _secrets(load(_path(config), os.environ)).secret_file().names():
        print(name)


@secret_app.command("delete")
def secret_delete(name: str, config: ConfigOption = None) -> None:
    """Forget a secret."""
    _secrets(load(_path(config), os.environ)).secret_file().delete(name)


@secret_app.command("rotate")
def secret_rotate(config: ConfigOption = None) -> None:
    """Encrypt every secret anew with the first of the keys, so that older ones can go."""
    count = _secrets(load(_path(config), os.environ)).secret_file().rotate()
    print(f"{count} secrets encrypted anew")


def _path(given: Path | None) -> Path | None:
    if given is not None:
        return given
    return DEFAULT_PATH if DEFAULT_PATH.exists() else None


def _secrets(settings: Settings) -> SecretReader:
    return SecretReader(
        settings.secrets,
        environment=os.environ,
        state_directory=settings.daemon.state_directory,
        credentials=settings.discovery.credentials,
    )


def _run(work: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await work()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
    except ExceptionGroup as group:
        known, unknown = group.split(FleetError)
        if unknown is not None or known is None:
            raise
        raise known.exceptions[0] from None


if __name__ == "__main__":
    main()
