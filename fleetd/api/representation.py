"""How an answer is written: JSON, entity tags (RFC 9110 'ETag') and gzip for large ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.http import HttpVersion11
from pydantic import BaseModel

COMPRESS_FROM_BYTES: Final = 1_024
"""Below, gzip's headers and the CPU cost more than they save."""
_CODED: Final = "-gzip"
_TAG: Final = re.compile(r'(?:W/)?"([^"]*)"')


def to_json(model: BaseModel) -> bytes:
    """The JSON of an answer."""
    return model.model_dump_json().encode()


def tag_of(model: BaseModel) -> str:
    """The entity tag (without quotes) of a resource's present state."""
    return _tag(to_json(model))


def matches(header: str, tag: str) -> bool:
    """Whether an If-Match or If-None-Match header names the tag, whatever the content coding."""
    return header.strip() == "*" or any(
        found.removesuffix(_CODED) == tag for found in _TAG.findall(header)
    )


def write(
    request: web.Request,
    content: bytes,
    *,
    status: HTTPStatus,
    media_type: str,
    headers: Mapping[str, str],
    conditional: bool,
) -> web.Response:
    """Write an answer, or 304 where it is conditional and the client has it already."""
    coded = len(content) >= COMPRESS_FROM_BYTES and _accepts_gzip(request)
    answer_headers = {"Content-Type": media_type, **headers, "Vary": "Accept-Encoding"}
    if conditional:
        tag = _tag(content)
        # A strong tag is one of the bytes sent, so the coded form has another (RFC 9110 8.8.3.3).
        answer_headers["ETag"] = f'"{tag}{_CODED if coded else ""}"'
        known = request.headers.get("If-None-Match")
        if known is not None and matches(known, tag):
            del answer_headers["Content-Type"]
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=answer_headers)
    response = web.Response(body=content, status=status.value, headers=answer_headers)
    if coded and request.version >= HttpVersion11:
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _accepts_gzip(request: web.Request) -> bool:
    offers = request.headers.get("Accept-Encoding", "").lower().split(",")
    for offer in offers:
        coding, _, parameters = offer.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return parameters.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
