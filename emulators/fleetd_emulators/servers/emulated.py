"""One server's BMC as a backend: sushy-tools' application under an OEM's tree, and live."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import orjson

from fleetd_emulators.hardware import Server
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.problems import bad_json, json_response, parse_object, problem
from fleetd_emulators.servers.actions import create_volume, offered, perform
from fleetd_emulators.servers.application import serve, threads
from fleetd_emulators.servers.changes import Site, changes
from fleetd_emulators.servers.documents import ROOT, Document
from fleetd_emulators.servers.drivers import bench
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.multipart import Upload, read_upload
from fleetd_emulators.servers.refusal import Refused
from fleetd_emulators.servers.routes import Routes, overlay
from fleetd_emulators.servers.schedule import Clock
from fleetd_emulators.servers.state import MONITORS_PATH, entry, log_path, overlays
from fleetd_emulators.servers.tasks import TASKS_PATH, Task

RETRY_AFTER_S: Final = 1


def server_backend(
    server: Server, *, pace: float = 1.0, clock: Clock = time.monotonic
) -> ServerBackend:
    """The BMC of a server.

    Args:
        server: The hardware; its ``powered_on`` is the state at the start.
        pace: How many seconds one emulated second takes; 0 makes everything happen at once.
        clock: Monotonic seconds.
    """
    return ServerBackend(Machine(server, clock, pace))


class ServerBackend:
    """Answers requests to one BMC, one at a time; the work is done in sushy-tools' threads.

    Like ``exchange.MayBeAway`` it tells whether the BMC is reachable.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._site = Site(machine, bench(machine))
        self._routes = Routes(machine.layout)
        self._overlays = overlays(machine.layout)
        self._changes = changes(machine.layout)
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
    def writable(self) -> frozenset[str]:
        """Paths of the resources that take PATCH."""
        return frozenset(self._changes)

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
            return problem(
                503,
                "ServiceTemporarilyUnavailable",
                "The service is temporarily unavailable.",
                headers={"retry-after": str(RETRY_AFTER_S)},
            )
        path = self._spelled(unquote(request.path).rstrip("/"))
        try:
            answer = self._answers.get(request.method)
            if answer is None:
                raise self._not_allowed(request.method, path)
            return answer(request, path)
        except Refused as refused:
            headers = {"allow": refused.allow} if refused.allow else None
            return problem(refused.status, refused.message_id, refused.message, headers=headers)

    def _spelled(self, path: str) -> str:
        """The path as the tree has it; iLO takes letters of either case."""
        documents = self.machine.documents
        if not self.machine.layout.any_case or path in documents:
            return path
        return next((known for known in documents if known.lower() == path.lower()), path)

    def _get(self, request: Request, path: str) -> Response:
        if path.startswith(f"{MONITORS_PATH}/"):
            return self._monitor(self._task(path))
        return self._tagged(self._document(path))

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
        complete = self._overlays.get(path)
        return document if complete is None else complete(self.machine, document)

    def _static(self, path: str) -> Document:
        document = self.machine.documents.get(path)
        if document is not None:
            return document
        parent, _, identity = path.rpartition("/")
        if parent == TASKS_PATH:
            return self.machine.tasks.document(self._task(path))
        if parent == self.machine.layout.jobs:
            return self.machine.tasks.job(self._task(path), path)
        if parent == f"{log_path(self.machine.layout)}/Entries":
            for record in self.machine.log:
                if str(record.number) == identity:
                    return entry(self.machine, parent, record)
        raise self._missing(path)

    def _missing(self, path: str) -> Refused:
        if path in offered(self.machine.documents) or path in self._push_uris:
            return Refused(405, "OperationNotAllowed", f"{path} takes only POST.", allow="POST")
        return Refused(404, "ResourceMissingAtURI", f"The resource at {path} was not found.")

    def _patch(self, request: Request, path: str) -> Response:
        present = self._document(path)
        change = self._changes.get(path)
        if change is None:
            raise self._not_allowed("PATCH", path)
        body = parse_object(request.body)
        if body is None:
            return bad_json()
        task = change(self._site, path, present, body)
        if task is not None:
            return self._accepted(task)
        return self._done()

    def _post(self, request: Request, path: str) -> Response:
        if path in self._push_uris:
            return self._push(request)
        action = offered(self.machine.documents).get(path)
        is_volumes = path.endswith("/Volumes") and path in self.machine.documents
        if action is None and not is_volumes:
            self._document(path)
            raise self._not_allowed("POST", path)
        body = parse_object(request.body or b"{}")
        if body is None:
            return bad_json()
        if action is None:
            return self._created(create_volume(self._site, path, body))
        task = perform(self._site, *action, body)
        return self._done() if task is None else self._accepted(task)

    def _delete(self, request: Request, path: str) -> Response:
        parent, _, identity = path.rpartition("/")
        if parent == TASKS_PATH:
            self.machine.tasks.remove(self._task(path).identity)
            return Response(status=204)
        self._document(path)
        storage = parent.split("/")[-2]
        if parent.endswith("/Volumes") and self.machine.volumes.remove(storage, identity):
            return Response(status=204)
        raise self._not_allowed("DELETE", path)

    @property
    def _push_uris(self) -> frozenset[str]:
        layout = self.machine.layout
        return frozenset(uri for uri in (layout.push_uri, layout.multipart_uri) if uri)

    def _push(self, request: Request) -> Response:
        upload: Upload = read_upload(request.headers.get("content-type", ""), request.body)
        return self._accepted(self.machine.update(upload.file_name, upload.targets))

    def _task(self, path: str) -> Task:
        task = self.machine.tasks.find(path.rpartition("/")[2])
        if task is None:
            raise Refused(404, "ResourceMissingAtURI", f"The resource at {path} was not found.")
        return task

    def _monitor(self, task: Task) -> Response:
        """DSP0266 'Asynchronous operations': 202 until the work has ended, then its result."""
        if task.finished is None:
            return self._accepted(task)
        return json_response(self.machine.tasks.document(task))

    def _accepted(self, task: Task) -> Response:
        return json_response(
            self.machine.tasks.document(task),
            status=202,
            headers={
                "location": f"{MONITORS_PATH}/{task.identity}",
                "retry-after": str(RETRY_AFTER_S),
            },
        )

    def _created(self, path: str) -> Response:
        return json_response(
            self._document(path),
            status=201,
            headers={"location": self.machine.layout.href(path)},
        )

    def _done(self) -> Response:
        """The answer to a change or an action that is finished, as the OEM gives it."""
        if not self.machine.layout.patch_answers:
            return Response(status=204)
        message: dict[str, Any] = {
            "MessageId": "Base.1.18.Success",
            "Message": "The request completed successfully.",
            "MessageArgs": [],
            "Severity": "OK",
            "Resolution": "None",
        }
        return json_response({"@Message.ExtendedInfo": [message]})

    def _not_allowed(self, method: str, path: str) -> Refused:
        allow = ["GET", "HEAD"]
        if path in self._changes:
            allow.append("PATCH")
        if path.endswith("/Volumes"):
            allow.append("POST")
        if path.rpartition("/")[0].endswith(("/Volumes", "/Tasks")):
            allow.append("DELETE")
        if path == ROOT or path in self.machine.documents or path.startswith(TASKS_PATH):
            return Refused(
                405,
                "OperationNotAllowed",
                f"The HTTP method {method} is not allowed on {path}.",
                allow=", ".join(allow),
            )
        return self._missing(path)

    def _tagged(self, document: Document) -> Response:
        """The document with its ETag, where the OEM writes one."""
        style = self.machine.layout.etags
        if style is None:
            return json_response(document)
        digest = hashlib.blake2b(
            orjson.dumps(document, option=orjson.OPT_SORT_KEYS), digest_size=4
        ).hexdigest()
        tag = f'W/"{digest.upper()}"' if style == "weak" else f'"{digest}"'
        return json_response({**document, "@odata.etag": tag}, headers={"etag": tag})
