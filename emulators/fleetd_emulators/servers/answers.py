"""The answers of one BMC, in its vendor's manner: to changes, to long work, and of resources."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import json_response, problem
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.habits import Pointer
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.refusal import Refused
from fleetd_emulators.servers.state import MONITORS_PATH
from fleetd_emulators.servers.tasks import Task

RETRY_AFTER_S: Final = 1


class Answers:
    """Makes responses for one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._layout = machine.layout

    def document(self, document: Document) -> Response:
        """A resource with its ETag, where the OEM writes one."""
        style = self._layout.etags
        if style is None:
            return json_response(document)
        digest = hashlib.blake2b(
            orjson.dumps(document, option=orjson.OPT_SORT_KEYS), digest_size=4
        ).hexdigest()
        tag = f'W/"{digest.upper()}"' if style == "weak" else f'"{digest}"'
        return json_response({**document, "@odata.etag": tag}, headers={"etag": tag})

    def monitor(self, task: Task) -> Response:
        """DSP0266 'Asynchronous operations': 202 until the work has ended, then its result."""
        habits = self._machine.habits
        if task.finished is None or habits.monitor_stays_open:
            return self.accepted(task)
        document = self._machine.tasks.document(task)
        if habits.monitor_read_once:
            self._machine.tasks.remove(task.identity)
        return json_response(task.result if task.result is not None else document)

    def accepted(self, task: Task) -> Response:
        """202; where the Location leads, if there is one, is the vendor's habit."""
        headers = {"retry-after": str(RETRY_AFTER_S)}
        match self._machine.habits.accepted_location:
            case Pointer.MONITOR:
                headers["location"] = f"{MONITORS_PATH}/{task.identity}"
            case Pointer.TASK:
                headers["location"] = task.path
        return json_response(self._machine.tasks.document(task), status=202, headers=headers)

    def created(self, path: str, document: Document) -> Response:
        """201 with the new resource."""
        return json_response(document, status=201, headers={"location": self._layout.href(path)})

    def done(self) -> Response:
        """The answer to a change or an action that is finished, as the OEM gives it."""
        if not self._layout.patch_answers:
            return Response(status=204)
        message: dict[str, Any] = {
            "MessageId": "Base.1.18.Success",
            "Message": "The request completed successfully.",
            "MessageArgs": [],
            "Severity": "OK",
            "Resolution": "None",
        }
        return json_response({"@Message.ExtendedInfo": [message]})

    def away(self) -> Response:
        """503 while the BMC restarts."""
        return problem(
            503,
            "ServiceTemporarilyUnavailable",
            "The service is temporarily unavailable.",
            headers={"retry-after": str(RETRY_AFTER_S)},
        )

    def refusal(self, refused: Refused) -> Response:
        """What is answered to a request that cannot be served."""
        headers = {"allow": refused.allow} if refused.allow else None
        return problem(refused.status, refused.message_id, refused.message, headers=headers)
