"""The first, unauthenticated look at an address: is it Redfish, and whose."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from fleetd.domain.endpoint import Root
from fleetd.domain.errors import DeviceError, Malformed, NotRedfish, Refused, Unreachable
from fleetd.redfish.errors import answer_error, extended_messages, retry_after_s
from fleetd.redfish.paths import ROOT, local_path
from fleetd.redfish.payload import Document
from fleetd.redfish.transport import Answer, Line

_MAX_HOPS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ENTRIES: Final = ("RedfishVersion", "Systems", "Chassis", "Managers", "Storage", "Fabrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A Redfish service that was found; ``fingerprint`` is pinned or was learned just now."""

    root: Root
    document: Document
    fingerprint: str | None


async def probe(line: Line, timeout_s: float) -> Probed:
    """Read the service root without a login (DSP0266 allows it to everybody).

    Raises:
        Unreachable: Nothing answers.
        NotRedfish: What answers is no Redfish service.
        CertificateRejected, Busy, Faulted, Unauthorised, Malformed: It may be one.
    """
    try:
        answer, path = await _fetch(line, timeout_s)
    except (Unreachable, Malformed) as error:
        if line.address.startswith("http://") and await _speaks_tls(line.address, timeout_s):
            raise _tls_only(line.address) from error
        if isinstance(error, NotRedfish) or not isinstance(error, Malformed):
            raise
        raise NotRedfish(error.reason, endpoint=line.address, uri=error.uri) from error
    document = _root_document(line, answer, path)
    return Probed(root=read_root(document), document=document, fingerprint=line.fingerprint)


def read_root(document: Document) -> Root:
    """What a service root says about its service (DSP0268 'ServiceRoot')."""
    oem = document.get("Oem")
    return Root(
        redfish_version=_text(document, "RedfishVersion") or "",
        uuid=_text(document, "UUID"),
        vendor=_text(document, "Vendor"),
        product=_text(document, "Product"),
        oem_keys=tuple(sorted(oem)) if isinstance(oem, dict) else (),
        expand=expand_query(document) is not None,
    )


def expand_query(document: Document) -> str | None:
    """The query that expands a collection's members by one level, where the service has one.

    Source: DSP0266 'The $expand query parameter'; ``.`` leaves links alone, ``*`` does not.
    """
    features = document.get("ProtocolFeaturesSupported")
    expand = features.get("ExpandQuery") if isinstance(features, dict) else None
    if not isinstance(expand, dict):
        return None
    levels = "($levels=1)" if expand.get("Levels") is True else ""
    if expand.get("NoLinks") is True:
        return f"$expand=.{levels}"
    return f"$expand=*{levels}" if expand.get("ExpandAll") is True else None


async def _fetch(line: Line, timeout_s: float) -> tuple[Answer, str]:
    path = ROOT
    for _ in range(_MAX_HOPS):
        answer = await line.exchange("GET", path, headers={}, timeout_s=timeout_s, fresh=True)
        if answer.status in _REDIRECTS:
            path = _next_hop(line.address, answer, path)
        elif answer.status == HTTPStatus.NOT_FOUND and path == ROOT:
            path = ROOT.rstrip("/")
        else:
            return answer, path
    raise NotRedfish("it redirects without end", endpoint=line.address, uri=ROOT)


def _next_hop(address: str, answer: Answer, path: str) -> str:
    location = answer.headers.get("Location", "")
    here, there = urlsplit(address), urlsplit(location)
    if (here.scheme, there.scheme) == ("http", "https") and there.hostname == here.hostname:
        raise _tls_only(address)
    try:
        return local_path(location, address)
    except (Refused, Malformed) as error:
        raise NotRedfish("it redirects to somewhere else", endpoint=address, uri=path) from error


def _root_document(line: Line, answer: Answer, path: str) -> Document:
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise _root_error(line, answer, path)
    try:
        document = line.document(answer, path)
    except Malformed as error:
        raise NotRedfish(error.reason, endpoint=line.address, uri=path) from error
    if not any(key in document for key in _ENTRIES):
        raise NotRedfish("its JSON is no service root", endpoint=line.address, uri=path)
    return document


def _root_error(line: Line, answer: Answer, path: str) -> DeviceError:
    """A service may be too busy for its root, or guard it against the rule; others have none."""
    try:
        messages = extended_messages(line.document(answer, path), ())
    except Malformed:
        messages = ()
    says_redfish = bool(messages) or "OData-Version" in answer.headers
    wait_s = retry_after_s(answer.headers.get("Retry-After"))
    passing = answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    if passing or (says_redfish and answer.status != HTTPStatus.NOT_FOUND):
        return answer_error(
            answer.status, messages, endpoint=line.address, uri=path, retry_after=wait_s
        )
    return NotRedfish(
        f"answered {answer.status} where a service root should be", endpoint=line.address, uri=path
    )


def _tls_only(address: str) -> NotRedfish:
    better = "https" + address.removeprefix("http")
    return NotRedfish(f"it speaks only TLS; address it as {better}", endpoint=address, uri=ROOT)


async def _speaks_tls(address: str, timeout_s: float) -> bool:
    """Whether a TLS handshake succeeds where plain HTTP did not."""
    parts = urlsplit(address)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 80, ssl=context)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True


def _text(document: Document, key: str) -> str | None:
    value = document.get(key)
    return value.strip() or None if isinstance(value, str) else None
