"""Firmware that a client pushes: the raw image, or multipart with parameters beside it.

Source: DSP0266 'Software update details', UpdateFile and UpdateParameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.flash import Apply
from fleetd_emulators.servers.refusal import Refused, not_in_list

_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(rb'\bname="([^"]*)"')
_FILE_NAME: Final = re.compile(rb'\bfilename="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a multipart body."""

    name: str
    file_name: str | None
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What was pushed: the image's name, the parts that it is for, and what else was said."""

    file_name: str
    targets: list[str] = field(default_factory=list)
    apply: Apply | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    others: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_multipart: bool = False


def read_upload(content_type: str, body: bytes) -> Upload:
    """Read a push.

    Raises:
        Refused: There is no image in it, or the parameters are no JSON object.
    """
    if not body:
        raise Refused(400, "InsufficientStorage", "The request holds no image.")
    boundary = _BOUNDARY.search(content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        return Upload(file_name="image.bin")
    found = {part.name: part for part in parts(body, boundary.group(1))}
    image = found.pop("UpdateFile", None)
    if image is None:
        raise Refused(400, "PropertyMissing", "The part UpdateFile is required.")
    said = {name: _object(part) for name, part in found.items() if name.endswith("Parameters")}
    parameters = said.pop("UpdateParameters", {})
    return Upload(
        file_name=image.file_name or "image.bin",
        targets=_targets(parameters),
        apply=_apply(parameters),
        parameters=parameters,
        others=said,
        is_multipart=True,
    )


def boundary_of(request: Request) -> str:
    """What separates the parts of the request's body.

    Raises:
        Refused: 400; it is not a form.
    """
    found = _BOUNDARY.search(request.headers.get("content-type", ""))
    if found is None:
        raise Refused(400, "MalformedJSON", "The request is no multipart form.")
    return found.group(1)


def parts(body: bytes, boundary: str) -> Iterator[Part]:
    """The parts of a multipart body that have a name."""
    for part in body.split(b"--" + boundary.encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        given = _FILE_NAME.search(head)
        if name is not None:
            yield Part(
                name=name.group(1).decode(errors="replace"),
                file_name=given.group(1).decode(errors="replace") if given else None,
                content=content.removesuffix(b"\r\n"),
            )


def _object(part: Part) -> dict[str, Any]:
    try:
        content = json.loads(part.content.strip() or b"{}")
    except ValueError as broken:
        raise Refused(400, "MalformedJSON", f"{part.name} is not JSON.") from broken
    if not isinstance(content, dict):
        raise Refused(400, "MalformedJSON", f"{part.name} is no JSON object.")
    return content


def _targets(parameters: dict[str, Any]) -> list[str]:
    targets = parameters.get("Targets", [])
    if not isinstance(targets, list) or not all(isinstance(item, str) for item in targets):
        raise Refused(400, "PropertyValueTypeError", "Targets is a list of URIs.")
    return targets


def _apply(parameters: dict[str, Any]) -> Apply | None:
    wanted = parameters.get("@Redfish.OperationApplyTime")
    if wanted is None:
        return None
    try:
        return Apply(wanted)
    except ValueError:
        raise not_in_list("@Redfish.OperationApplyTime", wanted) from None
