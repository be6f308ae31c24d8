"""The BMC's own settings on the network: time, names, protocols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, patch


class BmcSettings(Behaviour):
    """ManagerNetworkProtocol (DSP0268 'ManagerNetworkProtocol')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "Manager": (
            Follow("NetworkProtocol", "ManagerNetworkProtocol"),
            Follow("EthernetInterfaces", "ManagerInterface"),
        )
    }

    def time_servers(self, protocol: Resource, servers: tuple[str, ...]) -> tuple[Request, ...]:
        """The requests that have the BMC keep time by these servers; by none, where it's empty.

        Raises:
            Unsupported: The BMC can't.
        """
        if "NTP" not in protocol.body:
            raise Unsupported("there's no NTP here", endpoint="", uri=protocol.path)
        wanted = {"ProtocolEnabled": bool(servers), "NTPServers": list(servers)}
        return (patch(protocol.path, {"NTP": wanted}),)

    def protocol(self, protocol: Resource, name: str, *, enabled: bool) -> tuple[Request, ...]:
        """The requests that switch a protocol, such as ``IPMI`` or ``SSH``, on or off.

        Raises:
            Unsupported: The BMC has no such protocol.
        """
        if not isinstance(protocol.body.get(name), dict):
            raise Unsupported(f"there's no {name} here", endpoint="", uri=protocol.path)
        return (patch(protocol.path, {name: {"ProtocolEnabled": enabled}}),)

    def host_name(self, interface: Resource, name: str) -> tuple[Request, ...]:
        """The requests that name the BMC on its network."""
        return (patch(interface.path, {"HostName": name}),)
