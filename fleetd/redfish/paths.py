"""Links of a BMC, brought to paths on that same BMC.

Captured trees hold fragments, double slashes, blanks, relative links, absolute URLs and empty
strings where DSP0266 wants an absolute path; what still names a place is followed, never elsewhere.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

from fleetd.domain.device import Json
from fleetd.domain.endpoint import normal_address
from fleetd.domain.errors import InvalidInput, Malformed, Refused

ROOT: Final = "/redfish/v1/"
_PLAIN = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%?/-]*\Z")
_SAFE: Final = "/%?:@!$&'()*+,;=~-._"
_CACHED_PATHS: Final = 16_384  # about 2 MB; a sweep asks for the same few paths at every BMC


def link_of(value: Json) -> str | None:
    """The target of a reference object, of a bare string used as one, or None."""
    if isinstance(value, dict):
        value = value.get("@odata.id")
    return value if isinstance(value, str) and value.strip() else None


def with_query(path: str, query: str) -> str:
    """The path with one more query parameter."""
    return f"{path}{'&' if '?' in path else '?'}{query}"


def local_path(link: str, endpoint: str) -> str:
    """The path, percent-encoded and without fragment, that a link names on its own service.

    Raises:
        Refused: It leads to another host.
        Malformed: It names no place.
    """
    if "://" in link:
        link = _without_origin(link, endpoint)
    path = _normal_path(link)
    if path is None:
        raise Malformed("a link names no resource", endpoint=endpoint, uri=ROOT)
    return path


def _without_origin(link: str, endpoint: str) -> str:
    parts = urlsplit(link.strip())
    try:
        origin = normal_address(f"{parts.scheme}://{parts.netloc}")
    except InvalidInput:
        origin = ""
    if parts.scheme and origin != endpoint:
        raise Refused("a link leads to another host, which is not followed", endpoint=endpoint)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path or '/'}{query}" if parts.scheme else link


@lru_cache(_CACHED_PATHS)
def _normal_path(link: str) -> str | None:
    path, _, query = link.partition("#")[0].strip().partition("?")
    if not path or not path.isprintable():
        return None
    path = re.sub("/{2,}", "/", f"/{path}")
    if "/." in path:
        path = posixpath.normpath(path)
    if query:
        path = f"{path}?{query}"
    return path if _PLAIN.match(path) else quote(path, safe=_SAFE)
