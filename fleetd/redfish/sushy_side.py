"""sushy, unchanged, over our connections: its models and its knowledge, our sockets and sessions.

sushy's connector keeps its own code for errors and vendors' pitfalls; only the place where it
would block is replaced. Requests that change something are sent once: what sushy would repeat
after a lost answer never reaches its repeat, as such errors are ours and pass through it.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import orjson
import sushy
import sushy.oem
from sushy import connector as sushy_connector
from sushy import exceptions as said
from sushy.resources.base import ResourceBase

from fleetd.domain.device import Json
from fleetd.domain.errors import DeviceError, Malformed, Refused, Unsupported
from fleetd.redfish.bridge import AwaitedTime, run_blocking, wait_for
from fleetd.redfish.channel import SAFE, Channel
from fleetd.redfish.errors import answer_error, redact
from fleetd.redfish.paths import ROOT, local_path
from fleetd.redfish.payload import Document
from fleetd.redfish.transport import Answer

T = TypeVar("T")
_REFUSALS: Final = frozenset(range(400, 600)) - {401}
_RETRY_DELAY_S: Final = 5  # of the writes that sushy knows an iDRAC or iLO takes a moment later


@functools.cache
def prepare() -> None:
    """Load all of sushy that loads lazily, and give it a ``time`` that doesn't block.

    Takes about 80 ms; call it in a thread. Extensions that are already imported before the
    change of ``time`` is made cannot bring the blocking one in later.
    """
    for found in pkgutil.walk_packages(sushy.oem.__path__, "sushy.oem."):
        importlib.import_module(found.name)
    packages = {"sushy"}
    for group in {name for name in entry_points().groups if name.startswith("sushy.resources.")}:
        for entry in entry_points(group=group):
            entry.load()
            packages.add(entry.module.partition(".")[0])
    awaited = AwaitedTime("time")
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages and getattr(module, "time", None) is time:
            module.time = awaited  # type: ignore[attr-defined]
    _standard_registries()


@functools.cache
def _standard_registries() -> Any:
    """The registries that come with sushy: dozens of files that it would read at every use."""
    return sushy.Sushy._get_standard_message_registry_collection(object.__new__(_Service))  # noqa: SLF001


async def call(channel: Channel, work: Callable[[sushy.Sushy], T]) -> T:
    """Run ``work`` with a sushy service root that talks over the channel.

    Raises:
        DeviceError: Any of its kinds; sushy's own errors are translated.
        TypeError: A sushy resource was returned; it would do I/O outside the bridge.
    """
    await channel.login.authenticate()
    root = channel.login.root or {}
    try:
        result = await run_blocking(lambda: work(_Service(channel, root)))
    except said.SushyError as error:
        raise _translated(error, channel) from None
    if isinstance(result, ResourceBase):
        raise TypeError(f"plain data must leave the bridge, not {type(result).__name__}")
    return result


class _Reply:
    """An answer in the shape in which sushy reads it."""

    def __init__(self, channel: Channel, answer: Answer, url: str) -> None:
        self.status_code = answer.status
        self.headers = answer.headers
        self.content = answer.body
        self.url = url
        self._read = functools.partial(channel.document, answer, urlsplit(url).path)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Document:
        try:
            return self._read()
        except Malformed as error:
            raise ValueError(error.reason) from error


class _Session:
    """Takes the place of the requests library's session in sushy's connector."""

    auth = None

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.headers: dict[str, str] = {}

    def request(
        self,
        method: str,
        url: str,
        json: Json = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> _Reply:
        """Send it over the channel; timeouts and trust are the channel's."""
        channel = self._channel
        path = local_path(url, channel.address)
        if method in SAFE:
            work = channel.read(path, headers)
        else:
            body = None if json is None else orjson.dumps(json)
            work = channel.ask(method, path, body=body, headers=headers, tolerated=_REFUSALS)
        return _Reply(channel, wait_for(work), url)

    def close(self) -> None:
        """Nothing here is this session's own."""


class _Connector(sushy_connector.Connector):  # type: ignore[misc]
    def __init__(self, channel: Channel) -> None:
        ceiling_s = channel.section.retry_ceiling.total_seconds()
        super().__init__(
            channel.address,
            server_side_retries=channel.section.retries,
            server_side_retries_delay=min(_RETRY_DELAY_S, ceiling_s),
            default_request_timeout=channel.section.request_timeout.total_seconds(),
        )
        self._session = _Session(channel)


class _NoLogin:
    """In place of sushy's authentication: the channel has logged in already."""

    def set_context(self, root: Any, connector: Any) -> None: ...

    def authenticate(self) -> None: ...

    def can_refresh_session(self) -> bool:
        return False

    def close(self) -> None: ...


class _NoInternet:
    """In place of the connector for registries at their publishers: a BMC's word opens no URL."""

    def get(self, path: str, **_: Any) -> Any:
        raise said.ConnectionError(url=path, error="the Internet is not asked")


class _Service(sushy.Sushy):  # type: ignore[misc]
    """sushy's service root over a channel; without the logout that its collector would send."""

    def __init__(self, channel: Channel, root: Document) -> None:
        self._known_root = root
        super().__init__(
            channel.address,
            auth=_NoLogin(),
            connector=_Connector(channel),
            public_connector=_NoInternet(),
        )

    def refresh(self, force: bool = True, json_doc: Document | None = None) -> None:  # noqa: FBT001, FBT002 - sushy's
        super().refresh(force=force, json_doc=json_doc or self._known_root)

    def __del__(self) -> None:
        """Log out of nothing."""

    def _get_standard_message_registry_collection(self) -> Any:
        return _standard_registries()


def _translated(error: said.SushyError, channel: Channel) -> DeviceError:
    secrets = channel.login.secrets
    if isinstance(error, said.HTTPError) and error.status_code is not None:
        text = redact(str(error.detail or error.code), secrets)
        return answer_error(
            error.status_code, (text,), endpoint=channel.address, uri=ROOT, retry_after=None
        )
    text = redact(str(error), secrets)
    if isinstance(error, (said.MissingActionError, said.OEMExtensionNotFoundError)):
        return Unsupported(text, endpoint=channel.address)
    if isinstance(error, (said.MissingAttributeError, said.MalformedAttributeError)):
        return Malformed(text, endpoint=channel.address)
    return Refused(text, endpoint=channel.address, messages=(text,))
