"""One server's BMC as a backend: sushy-tools' application under an OEM's tree, and live."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from fleetd_emulators.hardware import Server
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.problems import bad_json, json_response, parse_object
from fleetd_emulators.servers.actions import offered
from fleetd_emulators.servers.answers import Answers
from fleetd_emulators.servers.application import serve, threads
from fleetd_emulators.servers.documents import ROOT, Document
from fleetd_emulators.servers.drivers import bench
from fleetd_emulators.servers.extension import merged
from fleetd_emulators.servers.habits import Habits
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Created, Outcome, Reply
from fleetd_emulators.servers.refusal import Refused
from fleetd_emulators.servers.routes import Routes, overlay
from fleetd_emulators.servers.schedule import Clock
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.standard import standard
from fleetd_emulators.servers.state import MONITORS_PATH
from fleetd_emulators.servers.tasks import TASKS_PATH, Task
from fleetd_emulators.servers.vendors import vendor

ALLOW: Final = ("GET", "HEAD")


def server_backend(
    server: Server,
    *,
    pace: float = 1.0,
    clock: Clock = time.monotonic,
    habits: Habits | None = None,
    certificate: bytes | None = None,
) -> ServerBackend:
    """The BMC of a server.

    Args:
        server: The hardware; its ``powered_on`` is the state at the start.
        pace: How many seconds one emulated second takes; 0 makes everything happen at once.
        clock: Monotonic seconds.
        habits: Other than its vendor's.
        certificate: What its web server serves at the start, in PEM.
    """
    return ServerBackend(Machine(server, clock, pace, habits=habits, certificate=certificate))


class ServerBackend:
    """Answers requests to one BMC, one at a time; the work is done in sushy-tools' threads.

    Like ``exchange.MayBeAway`` it tells whether the BMC is reachable.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._site = Site(machine, bench(machine))
        self._routes = Routes(machine.layout)
        self._does = merged(standard(machine), vendor(machine))
        self._say = Answers(machine)
        self._lock = asyncio.Lock()
        # A request whose client gives up leaves the first lock, but not its thread.
        self._busy = threading.Lock()
        self._answers: dict[str, Callable[[Request, str], Response]] = {
            "GET": self._get,
            "PATCH": self._patch,
            "POST": self._post,
            "DELETE": self._delete,
        }

    @property
    def available(self) -> bool:
        """Whether the BMC answers at all; it does not while it restarts."""
        return not self.machine.is_away

    @property
    def certificate(self) -> bytes | None:
        """The certificate and key to serve, once one was installed."""
        return self.machine.tls.chain

    @property
    def writable(self) -> frozenset[str]:
        """Paths of the resources that take PATCH."""
        return frozenset(self._does.changes)

    async def handle(self, request: Request) -> Response:
        """Answer one request; while the BMC restarts the answer is 503."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(threads(), self._answer, request)

    async def close(self) -> None:
        """Nothing runs by itself: time passes only when somebody looks."""

    def _answer(self, request: Request) -> Response:
        with self._busy:
            self.machine.schedule.settle()
            return self._answer_settled(request)

    def _answer_settled(self, request: Request) -> Response:
        if self.machine.is_away:
            return self._say.away()
        path = self._spelled(unquote(request.path).rstrip("/"))
        try:
            answer = self._answers.get(request.method)
            if answer is None:
                raise self._not_allowed(request.method, path)
            if request.method != "GET":
                for guard in self._does.guards:
                    guard(self._site, request.method, path)
            return answer(request, path)
        except Refused as refused:
            return self._say.refusal(refused)

    def _spelled(self, path: str) -> str:
        """The path as the tree has it; iLO takes letters of either case."""
        documents = self.machine.documents
        if not self.machine.layout.any_case or path in documents:
            return path
        return next((known for known in documents if known.lower() == path.lower()), path)

    def _get(self, request: Request, path: str) -> Response:
        if path.startswith(f"{MONITORS_PATH}/"):
            return self._say.monitor(self._task(path))
        return self._say.document(self._document(path))

    def _document(self, path: str) -> Document:
        """The resource as it is now.

        Raises:
            Refused: There is none; or it only takes other methods.
        """
        document = self._static(path)
        found = self._routes.find(path)
        if found is not None:
            target, route = found
            try:
                served = serve(self._site.bench, "GET", target).document
            except Refused as refused:
                # A GPU is a processor in the tree, and sushy-tools has no GPUs.
                if refused.status != HTTPStatus.NOT_FOUND:
                    raise
            else:
                document = overlay(document, served, route)
        complete = self._does.overlays.get(path)
        return document if complete is None else complete(self.machine, document)

    def _static(self, path: str) -> Document:
        document = self.machine.documents.get(path)
        if document is not None:
            return document
        for find in self._does.finders:
            found = find(self.machine, path)
            if found is not None:
                return found
        raise self._missing(path)

    def _missing(self, path: str) -> Refused:
        if path in offered(self.machine.documents) or path in self._does.uploads:
            return Refused(405, "OperationNotAllowed", f"{path} takes only POST.", allow="POST")
        return Refused(404, "ResourceMissingAtURI", f"The resource at {path} was not found.")

    def _patch(self, request: Request, path: str) -> Response:
        present = self._document(path)
        change = self._does.changes.get(path)
        if change is None:
            raise self._not_allowed("PATCH", path)
        body = parse_object(request.body)
        if body is None:
            return bad_json()
        return self._answer_to(change(self._site, path, present, body))

    def _post(self, request: Request, path: str) -> Response:
        upload = self._does.uploads.get(path)
        if upload is not None:
            return self._answer_to(upload(self._site, request))
        order = offered(self.machine.documents).get(path)
        create = self._does.creations.get(path)
        if order is None and create is None:
            self._document(path)
            raise self._not_allowed("POST", path)
        body = parse_object(request.body or b"{}")
        if body is None:
            return bad_json()
        if create is not None:
            return self._answer_to(create(self._site, path, body))
        resource, name = order or ("", "")
        act = self._does.actions.get(name)
        if act is None:
            # The front has it, as the test event of the event service.
            raise Refused(404, "ResourceMissingAtURI", f"{path} is not served here.")
        return self._answer_to(act(self._site, resource, body))

    def _delete(self, request: Request, path: str) -> Response:
        delete = self._does.deletions.get(path.rpartition("/")[0])
        outcome = delete(self._site, path) if delete is not None else False
        if outcome is True or outcome is None:
            return Response(status=204)
        if outcome is not False:
            return self._answer_to(outcome)
        self._document(path)
        raise self._not_allowed("DELETE", path)

    def _answer_to(self, outcome: Outcome) -> Response:
        match outcome:
            case None:
                return self._say.done()
            case Task():
                return self._say.accepted(outcome)
            case Created():
                return self._say.created(outcome.path, self._document(outcome.path))
            case Reply():
                return json_response(
                    outcome.document, status=outcome.status, headers=outcome.headers
                )

    def _task(self, path: str) -> Task:
        task = self.machine.tasks.find(path.rpartition("/")[2])
        if task is None:
            raise self._missing(path)
        return task

    def _not_allowed(self, method: str, path: str) -> Refused:
        allow = [*ALLOW]
        if path in self._does.changes:
            allow.append("PATCH")
        if path in self._does.creations:
            allow.append("POST")
        if path.rpartition("/")[0] in self._does.deletions:
            allow.append("DELETE")
        if path == ROOT or path in self.machine.documents or path.startswith(TASKS_PATH):
            return Refused(
                405,
                "OperationNotAllowed",
                f"The HTTP method {method} is not allowed on {path}.",
                allow=", ".join(allow),
            )
        return self._missing(path)
