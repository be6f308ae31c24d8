"""Log set-up: structlog for our own lines and for those of libraries, all of them redacted.

JSON where a machine reads (systemd's journal, a pipe), colours on a terminal. In the journal each
line begins with its priority (``<4>``, sd-daemon(3)), so ``journalctl -p warning`` works.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog

from fleetd.config.daemon import LogFormat, LoggingSection
from fleetd.telemetry.redact import Redactor

_PRIORITIES: Final = {
    "critical": 2,
    "exception": 3,
    "error": 3,
    "warning": 4,
    "info": 6,
    "debug": 7,
}
# What these say at info or below is about themselves, not about the fleet.
_CHATTY: Final = ("aiohttp.access", "alembic", "apscheduler", "ironicclient", "sushy", "urllib3")

_LEADING: Final = ("timestamp", "level", "event", "logger")  # what a reader looks for first

Event = MutableMapping[str, Any]


def set_up_logging(
    section: LoggingSection,
    *,
    environment: Mapping[str, str],
    redactor: Redactor,
    stream: TextIO = sys.stderr,
) -> None:
    """Send every log line of this process to the stream; it may be called again.

    Args:
        section: Level and format.
        environment: ``JOURNAL_STREAM`` tells whether the stream is systemd's journal.
        redactor: Masks what must not be logged.
        stream: Where lines go.
    """
    before: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=_rendering(section.format, stream, redactor) + _prefix(stream, environment),
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    set_level(section)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def set_level(section: LoggingSection) -> None:
    """Log from this level on, from now on."""
    level = logging.getLevelNamesMapping()[section.level.upper()]
    logging.getLogger().setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(level if level == logging.DEBUG else logging.WARNING)


def is_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """The stream goes to systemd's journal (systemd.exec(5), ``$JOURNAL_STREAM``)."""
    named = environment.get("JOURNAL_STREAM")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{status.st_dev}:{status.st_ino}"


def _rendering(
    form: LogFormat, stream: TextIO, redactor: Redactor
) -> list[structlog.types.Processor]:
    def redacted(_logger: Any, _method: str, event: Event) -> Event:
        return redactor.mapping({key: event[key] for key in (*_LEADING, *event) if key in event})

    chain: list[structlog.types.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,  # before redaction, which sees text only
        redacted,
    ]
    if form is LogFormat.CONSOLE or (form is LogFormat.AUTO and stream.isatty()):
        return [*chain, structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    return [*chain, structlog.processors.JSONRenderer()]


def _prefix(stream: TextIO, environment: Mapping[str, str]) -> list[structlog.types.Processor]:
    if not is_journal(stream, environment):
        return []

    def prefixed(_logger: Any, method: str, line: Any) -> str:
        return f"<{_PRIORITIES.get(method, 6)}>{line}"

    return [prefixed]
