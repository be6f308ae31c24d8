"""Faults by configuration: what can go wrong between a client and a BMC, as data.

A fault says where it strikes (BMC, path, method) and when (on each BMC after ``skip`` matching
requests, ``times`` times); its kind says what happens. A kind acts at up to three points:
``before`` the BMC serves the request, on the ``distort``-ed answer, and on its delivery over the
wire.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Annotated, Any, Literal, Protocol

import orjson
from pydantic import BaseModel, ConfigDict, Field

from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.problems import JSON_TYPE, not_found, problem


class Struck(Protocol):
    """What a fault may do to the BMC it strikes."""

    @property
    def dice(self) -> random.Random:
        """The fleet's source of chance."""
        ...

    def forget_sessions(self) -> None:
        """Drop every session."""
        ...

    def start_reboot(self, down_s: float) -> None:
        """Refuse connections for a while and lose the sessions."""
        ...


class Fault(BaseModel):
    """Where and when; alone it is fair weather."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bmc: str = "*"
    path: str = "*"
    method: str = "*"
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=1)

    def strikes(self, bmc: str, request: Request) -> bool:
        """Whether place and method fit."""
        return (
            fnmatchcase(bmc, self.bmc)
            and fnmatchcase(request.path, self.path)
            and fnmatchcase(request.method, self.method)
        )

    async def before(self, bmc: Struck, request: Request) -> Response | None:
        """Act before the BMC serves the request; a response is sent instead of the BMC's."""
        return None

    def distort(self, response: Response) -> Response:
        """Change the BMC's answer."""
        return response


class Latency(Fault):
    """The answer is late by ``ms`` plus up to ``jitter_ms``."""

    kind: Literal["latency"]
    ms: float = Field(ge=0)
    jitter_ms: float = Field(default=0, ge=0)

    async def before(self, bmc: Struck, request: Request) -> Response | None:
        await asyncio.sleep((self.ms + bmc.dice.uniform(0, self.jitter_ms)) / 1000)
        return None


class Unavailable(Fault):
    """503 (or another status) with Retry-After where ``retry_after_s`` is given."""

    kind: Literal["unavailable"]
    status: int = Field(default=503, ge=400, le=599)
    retry_after_s: int | None = Field(default=1, ge=0)

    async def before(self, bmc: Struck, request: Request) -> Response | None:
        headers = {} if self.retry_after_s is None else {"retry-after": str(self.retry_after_s)}
        return problem(
            self.status,
            "ServiceTemporarilyUnavailable",
            "The service is temporarily unavailable.",
            headers=headers,
            resolution="Wait for the indicated time and send the request again.",
        )


class Drop(Fault):
    """The connection is cut before the headers, inside them or inside the body."""

    kind: Literal["drop"]
    when: Literal["before_headers", "in_headers", "in_body"] = "before_headers"


class SlowBody(Fault):
    """The body trickles."""

    kind: Literal["slow_body"]
    bytes_per_s: float = Field(gt=0)


class ExpireSession(Fault):
    """The BMC has forgotten its sessions: a token that was good gets 401."""

    kind: Literal["expire_session"]

    async def before(self, bmc: Struck, request: Request) -> Response | None:
        bmc.forget_sessions()
        return None


class MalformedJson(Fault):
    """The body looks like JSON and is none."""

    kind: Literal["malformed_json"]

    def distort(self, response: Response) -> Response:
        return _with_body(response, response.body.replace(b":", b"=", 1))


class TruncatedJson(Fault):
    """The body ends early, with a Content-Length that agrees."""

    kind: Literal["truncated_json"]
    keep: float = Field(default=0.5, ge=0, lt=1)

    def distort(self, response: Response) -> Response:
        return _with_body(response, response.body[: int(len(response.body) * self.keep)])


class DeepJson(Fault):
    """An Oem section is nested ``depth`` objects deep."""

    kind: Literal["deep_json"]
    depth: int = Field(default=20_000, ge=1)

    def distort(self, response: Response) -> Response:
        nest = b'{"a":' * self.depth + b"1" + b"}" * self.depth
        return _with_member(response, b'"Oem":' + nest)


class HugeBody(Fault):
    """An Oem section makes the body at least ``size`` bytes long."""

    kind: Literal["huge_body"]
    size: int = Field(default=64 * 2**20, ge=1)

    def distort(self, response: Response) -> Response:
        return _with_member(response, b'"Oem":{"Padding":"' + b"x" * self.size + b'"}')


class DanglingLink(Fault):
    """A collection gains a member that does not exist; another resource's links lead nowhere."""

    kind: Literal["dangling_link"]

    def distort(self, response: Response) -> Response:
        document = _object(response)
        if document is None:
            return response
        if isinstance(document.get("Members"), list):
            gone = {"@odata.id": f"{document['@odata.id']}/gone"}
            changed = {**document, "Members": [*document["Members"], gone]}
            changed["Members@odata.count"] = len(changed["Members"])
        else:
            changed = {key: _astray(value) for key, value in document.items()}
        return _with_body(response, orjson.dumps(changed))


class Missing(Fault):
    """404, though links lead here."""

    kind: Literal["missing"]

    async def before(self, bmc: Struck, request: Request) -> Response | None:
        return not_found(request.path)


class WrongContentType(Fault):
    """The body is labelled as something else."""

    kind: Literal["wrong_content_type"]
    content_type: str = "text/html"

    def distort(self, response: Response) -> Response:
        headers = {**response.headers, "content-type": self.content_type}
        return Response(status=response.status, headers=headers, body=response.body)


class Reboot(Fault):
    """The BMC goes away in the middle of the request: refused for ``down_s``, sessions lost."""

    kind: Literal["reboot"]
    times: int | None = Field(default=1, ge=1)
    down_s: float = Field(default=1.0, ge=0)

    async def before(self, bmc: Struck, request: Request) -> Response | None:
        bmc.start_reboot(self.down_s)
        return None


class Overlay(Fault):
    """The answer is changed by a merge patch (RFC 7396): other hardware without another server."""

    kind: Literal["overlay"]
    merge: dict[str, Any]

    def distort(self, response: Response) -> Response:
        document = _object(response)
        if document is None or response.status != HTTPStatus.OK:
            return response
        return _with_body(response, orjson.dumps(merged(document, self.merge)))


AnyFault = Annotated[
    Latency
    | Unavailable
    | Drop
    | SlowBody
    | ExpireSession
    | MalformedJson
    | TruncatedJson
    | DeepJson
    | HugeBody
    | DanglingLink
    | Missing
    | WrongContentType
    | Reboot
    | Overlay,
    Field(discriminator="kind"),
]


class Weather:
    """The faults now in force, each with how often it has matched on each BMC so far."""

    def __init__(self, faults: Sequence[AnyFault] = (), *, seed: int = 0) -> None:
        # One source of chance, so that a seed repeats it.
        self.dice = random.Random(seed)  # noqa: S311 (jitter, not secrets)
        self.change(faults)

    @property
    def faults(self) -> tuple[AnyFault, ...]:
        """In the order in which they act."""
        return self._faults

    def change(self, faults: Sequence[AnyFault]) -> None:
        """Put other faults in force, counting from zero."""
        self._faults = tuple(faults)
        self._seen: Counter[tuple[int, str]] = Counter()

    def over(self, bmc: str, request: Request) -> tuple[AnyFault, ...]:
        """The faults that strike this request to a BMC; counts it for each fault that it fits."""
        return tuple(
            fault
            for index, fault in enumerate(self._faults)
            if fault.strikes(bmc, request) and self._due(index, fault, bmc)
        )

    def _due(self, index: int, fault: Fault, bmc: str) -> bool:
        nth = self._seen[index, bmc]
        self._seen[index, bmc] += 1
        return nth >= fault.skip and (fault.times is None or nth < fault.skip + fault.times)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396: null removes, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _with_body(response: Response, body: bytes) -> Response:
    return Response(status=response.status, headers=response.headers, body=body)


def _with_member(response: Response, member: bytes) -> Response:
    """Put a raw member first in the body's object, whatever its size or depth."""
    rest = response.body.removeprefix(b"{")
    if rest == response.body:
        return Response(status=200, headers={"content-type": JSON_TYPE}, body=b"{" + member + b"}")
    comma = b"" if rest.lstrip().startswith(b"}") else b","
    return _with_body(response, b"{" + member + comma + rest)


def _object(response: Response) -> dict[str, Any] | None:
    try:
        document = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _astray(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"@odata.id"}:
        return {"@odata.id": f"{value['@odata.id']}/gone"}
    return value
