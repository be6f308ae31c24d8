"""Raw documents: all those of one device as one zstd frame of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import zstandard

from fleetd.domain.device import Json
from fleetd.store.values import digest, json_bytes

_LEVEL: Final = 3  # zstd's default: 31 KB of one BMC in 0.2 ms; higher levels save few per cent
_LARGEST: Final = 512 * 2**20  # bytes unpacked: far above what a sweep may read


def dump(documents: Mapping[str, Json]) -> tuple[bytes, bytes]:
    """The documents as bytes, and their hash."""
    plain = json_bytes(dict(documents))
    return plain, digest(plain)


def pack(plain: bytes) -> bytes:
    """Compress; takes a while for large ones, with the interpreter's lock released."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(plain)


def unpack(body: bytes) -> Any:
    """The documents again."""
    plain = zstandard.ZstdDecompressor().decompress(body, max_output_size=_LARGEST)
    return orjson.loads(plain)
