"""If-Match: naming the version of a resource that a change was made for.

BMCs differ in whether they want it, and in which form; the ladder goes down one rung at each 412
or 428, which both say that nothing was changed. Source: DSP0266 "ETags".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

from fleetd.domain.errors import DeviceError
from fleetd.redfish.channel import Channel
from fleetd.redfish.traits import EtagPolicy
from fleetd.redfish.transport import Answer

GUARDED: Final = frozenset({"PATCH", "PUT"})
_UNMET: Final = frozenset({412, 428})


async def change(channel: Channel, method: str, path: str, body: bytes | None) -> Answer:
    """Send a change, with the precondition that the service accepts.

    Raises:
        DeviceError: Any of its kinds; the last refusal if no rung holds.
    """
    answer: Answer | None = None
    async for tag in _rungs(channel, path):
        headers = {"If-Match": tag} if tag else None
        answer = await channel.ask(method, path, body=body, headers=headers, tolerated=_UNMET)
        if answer.status not in _UNMET:
            return answer
    if answer is None:
        raise RuntimeError("every ETag policy has a rung")
    raise channel.error(answer, path)


async def _rungs(channel: Channel, path: str) -> AsyncIterator[str | None]:
    policy = channel.traits.etag
    if policy in {EtagPolicy.ON_DEMAND, EtagPolicy.NEVER}:
        yield None
    if policy is EtagPolicy.NEVER:
        return
    if policy is not EtagPolicy.STAR:
        for tag in await _tags(channel, path):
            yield tag
    yield "*"
    if policy is not EtagPolicy.ON_DEMAND:
        yield None


async def _tags(channel: Channel, path: str) -> list[str]:
    """The resource's present tag as it says it, then as a strong one without compression's mark."""
    answer = await channel.read(path)
    tag = _tag(answer.headers, channel, answer, path)
    if not tag:
        return []
    strong = tag.removeprefix("W/").replace('-gzip"', '"')
    return list(dict.fromkeys((tag, strong)))


def _tag(headers: Mapping[str, str], channel: Channel, answer: Answer, path: str) -> str | None:
    if headers.get("ETag"):
        return headers["ETag"]
    try:
        value = channel.document(answer, path).get("@odata.etag")
    except DeviceError:
        return None
    return value if isinstance(value, str) else None
