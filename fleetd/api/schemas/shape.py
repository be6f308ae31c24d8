"""What all schemas have in common: frozen, no unknown members, documented by their docstrings."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from fleetd.domain.endpoint import normal_address
from fleetd.domain.errors import InvalidInput

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
PAGE_LIMIT_MAX = 10_000
IDENTIFIER = re.compile(ID_PATTERN)

Text = Annotated[
    str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""One line of text; a database would refuse NUL."""
Marker = Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[!-~]+$")]
"""Opaque: what the page before gave."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
Identifier = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


_GROUP = r"[0-9A-Fa-f]{1,4}"
_IPV6 = rf"(({_GROUP}:){{7}}{_GROUP}|({_GROUP}(:{_GROUP}){{0,2}})?::({_GROUP}(:{_GROUP}){{0,3}})?)"
_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
_PORT = r"(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
ADDRESS_PATTERN = rf"^(https?://)?({_HOST}|\[{_IPV6}\])(:{_PORT})?$"


_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
# At most 131,072 addresses, as in the configuration.
NETWORK_PATTERN = (
    rf"^(https?://)?({_OCTET}(\.{_OCTET}){{3}}/(1[5-9]|2[0-9]|3[0-2])|{_IPV6}/(11[1-9]|12[0-8]))"
    rf"(:{_PORT})?$"
)
_NETWORK = re.compile(rf"(?P<scheme>https?://)?(?P<network>[^/]+/\d{{1,3}})(?P<port>:{_PORT})?")


def _address(text: str) -> str:
    try:
        return normal_address(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def _target(text: str) -> str:
    """An address in its normal form, or ``[scheme://]network[:port]``."""
    match = _NETWORK.fullmatch(text)
    if match is None:
        return _address(text)
    network = ipaddress.ip_network(match["network"], strict=False)
    return f"{match['scheme'] or ''}{network}{match['port'] or ''}"


Address = Annotated[
    Text,
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "maxLength": 256, "pattern": ADDRESS_PATTERN}),
]
Target = Annotated[
    Text,
    AfterValidator(_target),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 256, "pattern": ADDRESS_PATTERN},
                {"type": "string", "pattern": NETWORK_PATTERN},
            ]
        }
    ),
]


def _decimal(value: object) -> object:
    """Plain decimal digits only: pydantic would also take ``1_0``, ``+1`` and spaces."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number in decimal digits")
    return value


class Shape(BaseModel):
    """A JSON object of the API."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        # An enumeration's own name and docstring serve as its schema's.
        json_schema_serialization_defaults_required=True,
    )


class Nothing(Shape):
    """No members."""


class Paging(Shape):
    """Which page of a listing."""

    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT_MAX), BeforeValidator(_decimal)] = 100
    """The most items in the answer; the server's own limit may be lower."""
    marker: Marker | None = None
    """The ``marker`` of the page before; absent, the first page."""


T = TypeVar("T", bound=Shape)


class PageOf(Shape, Generic[T]):
    """One page of a listing."""

    items: tuple[T, ...]
    marker: str | None
    """Give it back as ``marker`` to get the next page; null on the last."""
