"""Firmware that a client pushes: the raw image, or multipart with parameters beside it.

Source: DSP0266 'Software update details', UpdateFile and UpdateParameters.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

from fleetd_emulators.servers.refusal import Refused

_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(rb'\bname="([^"]*)"')
_FILE_NAME: Final = re.compile(rb'\bfilename="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What was pushed: the image's name and the parts that it is for."""

    file_name: str
    targets: list[str] = field(default_factory=list)


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
    file_name, targets = None, []
    for part in body.split(b"--" + boundary.group(1).encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is None:
            continue
        if name.group(1) == b"UpdateParameters":
            targets = _targets(content)
        elif name.group(1) == b"UpdateFile":
            given = _FILE_NAME.search(head)
            file_name = given.group(1).decode(errors="replace") if given else "image.bin"
    if file_name is None:
        raise Refused(400, "PropertyMissing", "The part UpdateFile is required.")
    return Upload(file_name=file_name, targets=targets)


def _targets(content: bytes) -> list[str]:
    try:
        parameters = json.loads(content.strip() or b"{}")
    except json.JSONDecodeError as broken:
        raise Refused(400, "MalformedJSON", "UpdateParameters is not JSON.") from broken
    targets = parameters.get("Targets", []) if isinstance(parameters, dict) else None
    if not isinstance(targets, list) or not all(isinstance(item, str) for item in targets):
        raise Refused(400, "PropertyValueTypeError", "Targets is a list of URIs.")
    return targets
