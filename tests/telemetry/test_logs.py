from __future__ import annotations

import io
import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from fleetd.config.daemon import LogFormat, LoggingSection
from fleetd.telemetry.logs import is_journal, set_level, set_up_logging
from fleetd.telemetry.redact import MASK, Redactor


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def set_up(**options: Any) -> tuple[io.StringIO, Redactor]:
    stream, redactor = io.StringIO(), Redactor()
    set_up_logging(LoggingSection(**options), environment={}, redactor=redactor, stream=stream)
    return stream, redactor


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_own_lines_are_json_off_a_terminal() -> None:
    stream, _ = set_up()

    structlog.get_logger("fleetd.test").info("sweep_finished", devices=3)

    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "sweep_finished",
        "devices": 3,
        "level": "info",
        "logger": "fleetd.test",
    }


def test_what_the_context_knows_is_on_every_line() -> None:
    stream, _ = set_up()

    with structlog.contextvars.bound_contextvars(device="d-1"):
        structlog.get_logger("fleetd.test").warning("retry")
        logging.getLogger("library").warning("late")

    assert [line["device"] for line in lines(stream)] == ["d-1", "d-1"]


def test_lines_of_libraries_have_the_same_shape() -> None:
    stream, _ = set_up()

    logging.getLogger("library").warning("%s failed", "it", extra={"attempt": 2})

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("it failed", "warning", "library")
    assert line["attempt"] == 2


def test_chatty_libraries_are_heard_when_they_warn_only() -> None:
    stream, _ = set_up()

    logging.getLogger("apscheduler.scheduler").info("added job")
    logging.getLogger("apscheduler.scheduler").warning("missed job")

    assert [line["event"] for line in lines(stream)] == ["missed job"]


def test_the_level_can_be_changed_while_running() -> None:
    stream, _ = set_up()
    log = structlog.get_logger("fleetd.test")

    log.debug("unseen")
    set_level(LoggingSection(level="debug"))
    log.debug("seen")

    assert [line["event"] for line in lines(stream)] == ["seen"]


def test_warnings_of_python_are_logged() -> None:
    stream, _ = set_up()

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old interface", DeprecationWarning, stacklevel=1)

    assert "old interface" in lines(stream)[0]["event"]


def test_secrets_are_masked_in_keys_texts_and_tracebacks() -> None:
    stream, redactor = set_up()
    redactor.learn("swordfish")

    try:
        int("swordfish at https://root:calvin@10.0.0.1")
    except ValueError:
        structlog.get_logger("fleetd.test").exception("failed", password="x1", body=[b"swordfish"])
    logging.getLogger("sushy").error("data: %s", {"Password": "calvin"})

    ours, theirs = lines(stream)
    text = stream.getvalue()
    assert not any(secret in text for secret in ("swordfish", "calvin", "x1"))
    assert (ours["password"], ours["body"]) == (MASK, [MASK])
    assert "ValueError: invalid literal" in ours["exception"]
    assert theirs["event"] == f"data: {{'Password': {MASK}}}"


def test_a_line_is_one_line_whatever_it_holds() -> None:
    stream, _ = set_up()

    structlog.get_logger("fleetd.test").info("seen", text='a\nb "c"\x1b[31m')

    assert lines(stream)[0]["text"] == 'a\nb "c"\x1b[31m'
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


@contextmanager
def journal(path: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    with path.open("w+") as stream:
        status = os.fstat(stream.fileno())
        yield stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}


def test_in_the_journal_each_line_begins_with_its_priority(tmp_path: Path) -> None:
    with journal(tmp_path / "journal") as (stream, environment):
        set_up_logging(
            LoggingSection(level="debug"),
            environment=environment,
            redactor=Redactor(),
            stream=stream,
        )
        log = structlog.get_logger("fleetd.test")
        log.debug("d")
        log.info("i")
        log.warning("w")
        log.error("e")
        logging.getLogger("library").critical("c")
        text = (tmp_path / "journal").read_text()

    assert [line[:4] for line in text.splitlines()] == ["<7>{", "<6>{", "<4>{", "<3>{", "<2>{"]


def test_another_stream_than_the_journals_has_no_priority(tmp_path: Path) -> None:
    with journal(tmp_path / "a") as (_, environment), (tmp_path / "b").open("w") as other:
        assert not is_journal(other, environment)
        assert not is_journal(io.StringIO(), environment)


def test_on_a_terminal_lines_are_for_people() -> None:
    leader, follower = os.openpty()
    with os.fdopen(leader, "rb", buffering=0) as screen, os.fdopen(follower, "w") as stream:
        set_up_logging(LoggingSection(), environment={}, redactor=Redactor(), stream=stream)
        structlog.get_logger("fleetd.test").info("sweep_finished", token="t0p")
        stream.flush()
        shown = screen.read(4096).decode()

    assert "sweep_finished" in shown
    assert "\x1b[" in shown
    assert "t0p" not in shown
    assert not shown.startswith("{")


def test_the_console_can_be_asked_for_without_colours() -> None:
    stream, _ = set_up(format=LogFormat.CONSOLE)

    structlog.get_logger("fleetd.test").info("sweep_finished")

    assert "sweep_finished" in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()
