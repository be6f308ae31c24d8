"""sushy-tools' one Flask application, serving many BMCs in one process.

Its views name a module-global application whose drivers are properties of it. Ours looks the
drivers up in the request being served, so that every BMC has its own and none is copied.
"""

from __future__ import annotations

import functools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import flask
from sushy_tools.emulator import main
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response as FlaskResponse

from fleetd_emulators.servers.drivers import Bench
from fleetd_emulators.servers.refusal import Refused

THREADS: Final = 2
_BENCH: Final = "fleetd.bench"
_REFUSED: Final = "fleetd.refused"


class FleetApplication(main.Application):  # type: ignore[misc]  # sushy-tools carries no types
    """sushy-tools' application with the drivers of the BMC that the request is for."""

    @property
    def systems(self) -> Any:
        return self._bench.systems

    @property
    def managers(self) -> Any:
        return self._bench.managers

    @property
    def chassis(self) -> Any:
        return self._bench.chassis

    @property
    def indicators(self) -> Any:
        return self._bench.indicators

    @property
    def storage(self) -> Any:
        return self._bench.storage

    @property
    def drives(self) -> Any:
        return self._bench.drives

    @property
    def volumes(self) -> Any:
        return self._bench.volumes

    @property
    def vmedia(self) -> Any:
        return self._bench.vmedia

    def handle_user_exception(self, e: Exception) -> FlaskResponse:
        """Keep what a driver refused: the template of an error loses its message id."""
        if isinstance(e, Refused):
            flask.request.environ[_REFUSED] = e
        response: FlaskResponse = super().handle_user_exception(e)
        return response

    @property
    def _bench(self) -> Bench:
        bench: Bench = flask.request.environ[_BENCH]
        return bench


@functools.cache
def application() -> FleetApplication:
    """sushy-tools' application, turned into ours at the first use."""
    main.app.__class__ = FleetApplication
    app: FleetApplication = main.app
    return app


@functools.cache
def threads() -> ThreadPoolExecutor:
    """The threads in which the application runs; it is busy, never waiting."""
    application()
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="sushy-tools")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What sushy-tools answered; ``document`` is empty where it answered no JSON object."""

    status: int
    location: str | None
    document: dict[str, Any]


def serve(bench: Bench, method: str, path: str, body: dict[str, Any] | None = None) -> Served:
    """Ask sushy-tools' application, in this thread.

    Raises:
        Refused: A driver of ours refused it, or sushy-tools itself did.
    """
    builder = EnvironBuilder(path=path, method=method, json=body)
    environ = builder.get_environ()
    environ[_BENCH] = bench
    chunks, status_line, headers = run_wsgi_app(application(), environ)
    status = int(status_line.split(" ", 1)[0])
    document = _parse(b"".join(chunks))
    if status >= HTTPStatus.BAD_REQUEST:
        refused: Refused | None = environ.get(_REFUSED)
        raise refused or _refusal(status, document)
    return Served(status=status, location=headers.get("Location"), document=document)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body) if body else {}
    except json.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _refusal(status: int, document: dict[str, Any]) -> Refused:
    message = document.get("error", {}).get("message") or "The request failed."
    message_id = "ResourceMissingAtURI" if status == HTTPStatus.NOT_FOUND else "GeneralError"
    return Refused(status, message_id, message)
