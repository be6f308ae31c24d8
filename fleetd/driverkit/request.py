"""What a behaviour wants sent to the BMC, as a value; whoever sends it does the I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleetd.domain.device import Json


class Method(StrEnum):
    """The methods by which Redfish changes something (DSP0266 'Supported methods')."""

    POST = "POST"
    PATCH = "PATCH"
    PUT = "PUT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a multipart body; ``json`` of None stands for the image's bytes."""

    name: str
    json: Mapping[str, Json] | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; several are sent in their order, and the next only after the one before.

    The body is JSON, or ``parts`` are a multipart body, or with ``sends_image`` it's the image
    itself. ``repeatable``: sent twice it does what it does once. The body isn't shown, as it may
    hold a password.
    """

    method: Method
    path: str
    body: Mapping[str, Json] | None = field(default=None, repr=False)
    parts: tuple[Part, ...] = ()
    sends_image: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeatable: bool = False


def patch(path: str, body: Mapping[str, Json]) -> Request:
    """Change properties of a resource: to say the same twice changes nothing more."""
    return Request(method=Method.PATCH, path=path, body=body, repeatable=True)


def post(path: str, body: Mapping[str, Json]) -> Request:
    """Run an action or create a member."""
    return Request(method=Method.POST, path=path, body=body)


def delete(path: str) -> Request:
    """Remove a resource: what is gone stays gone."""
    return Request(method=Method.DELETE, path=path, repeatable=True)
