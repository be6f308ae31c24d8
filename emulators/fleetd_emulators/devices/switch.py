"""An Ethernet switch: Fabrics, Switches and Ports as DSP0268 has them, with LLDP both ways."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.resources import (
    ROOT,
    Identity,
    Resources,
    add_frame,
    invalid,
    link,
    nameplate,
)
from fleetd_emulators.hardware import Neighbour, octets_of
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, json_response

SWITCH = f"{ROOT}/Fabrics/Ethernet/Switches/1"
PORTS = f"{SWITCH}/Ports"
# An idle server port still hears LLDP, ARP and the like.
IDLE_BYTES_PER_S = 4_096


def _received(neighbour: Neighbour | None) -> Json:
    """What LLDP heard: a server's NIC tells its MAC as both ids; silence is NotTransmitted."""
    if neighbour is None:
        return {"ChassisIdSubtype": "NotTransmitted", "PortIdSubtype": "NotTransmitted"}
    return {
        "ChassisId": neighbour.chassis_id,
        "ChassisIdSubtype": "MacAddr",
        "PortId": neighbour.port_id.upper(),
        "PortIdSubtype": "MacAddr",
        "SystemName": neighbour.system_name,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPort:
    """One front-panel port; ``name`` is what it tells its LLDP neighbours."""

    number: int
    name: str
    mac: str
    speed_mbps: int
    neighbour: Neighbour | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A top-of-rack switch; its LLDP chassis id is ``identity.mac``."""

    identity: Identity
    ports: tuple[SwitchPort, ...]


class SwitchBackend(Resources):
    """Ports can be shut and opened; counters of open ports with a neighbour grow.

    ``has_power`` tells of a neighbour by its name whether it can hold a link up.
    """

    def __init__(
        self, switch: Switch, *, has_power: Callable[[str], bool] = lambda _name: True
    ) -> None:
        super().__init__()
        self._switch = switch
        self._has_power = has_power
        self._started = time.monotonic()
        add_frame(self, switch.identity, chassis_type="RackMount", kind="ManagementController")
        self._add_fabric()
        for port in switch.ports:
            self._add_port(port)

    async def refresh(self) -> None:
        elapsed = time.monotonic() - self._started
        for port in self._switch.ports:
            self._link(port)
            if self.documents[f"{PORTS}/{port.number}"]["LinkStatus"] == "LinkUp":
                octets = int(elapsed * IDLE_BYTES_PER_S) + port.number
                self.documents[f"{PORTS}/{port.number}/Metrics"].update(
                    RXBytes=octets, TXBytes=2 * octets
                )

    def _add_fabric(self) -> None:
        identity = self._switch.identity
        self.documents[ROOT]["Fabrics"] = link(f"{ROOT}/Fabrics")
        self.collect(f"{ROOT}/Fabrics", "Fabric", [f"{ROOT}/Fabrics/Ethernet"])
        self.add(
            f"{ROOT}/Fabrics/Ethernet",
            "Fabric.v1_3_2",
            "Ethernet Fabric",
            FabricType="Ethernet",
            Switches=link(f"{ROOT}/Fabrics/Ethernet/Switches"),
            Status={"State": "Enabled", "Health": "OK"},
        )
        self.collect(f"{ROOT}/Fabrics/Ethernet/Switches", "Switch", [SWITCH])
        self.add(
            SWITCH,
            "Switch.v1_9_3",
            identity.name,
            SwitchType="Ethernet",
            SupportedProtocols=["Ethernet"],
            **nameplate(identity),
            UUID=identity.uuid,
            FirmwareVersion=identity.firmware,
            PowerState="On",
            TotalSwitchWidth=len(self._switch.ports),
            Status={"State": "Enabled", "Health": "OK"},
            Ports=link(PORTS),
            Links={
                "Chassis": link(f"{ROOT}/Chassis/1"),
                "ManagedBy": [link(f"{ROOT}/Managers/1")],
            },
        )
        self.documents[f"{ROOT}/Chassis/1"]["Links"]["Switches"] = [link(SWITCH)]
        self.documents[f"{ROOT}/Managers/1"]["Links"]["ManagerForSwitches"] = [link(SWITCH)]
        self.collect(PORTS, "Port", [f"{PORTS}/{port.number}" for port in self._switch.ports])

    def _add_port(self, port: SwitchPort) -> None:
        path = f"{PORTS}/{port.number}"
        identity = self._switch.identity
        up = port.neighbour is not None
        ethernet: Json = {
            "AssociatedMACAddresses": [port.mac],
            "LLDPEnabled": True,
            "LLDPTransmit": {
                "ChassisId": identity.mac,
                "ChassisIdSubtype": "MacAddr",
                "PortId": octets_of(port.name),
                "PortIdSubtype": "IfName",
                "SystemName": identity.name,
            },
            "LLDPReceive": _received(port.neighbour),
        }
        self.add(
            path,
            "Port.v1_12_0",
            port.name,
            PortId=str(port.number),
            PortProtocol="Ethernet",
            PortType="BidirectionalPort",
            PortMedium="Optical",
            InterfaceEnabled=True,
            LinkState="Enabled",
            LinkStatus="LinkUp" if up else "LinkDown",
            MaxSpeedGbps=port.speed_mbps / 1000,
            CurrentSpeedGbps=port.speed_mbps / 1000 if up else 0,
            Ethernet=ethernet,
            Status={"State": "Enabled" if up else "StandbyOffline", "Health": "OK"},
            Metrics=link(f"{path}/Metrics"),
            **({"SFP": _module(port, identity)} if up else {}),
        )
        self.add(f"{path}/Metrics", "PortMetrics.v1_6_0", "Port Metrics", RXBytes=0, TXBytes=0)

        async def patch(body: Json) -> Response:
            return self._set_enabled(port, body)

        self.on_patch(path, patch)

    def _set_enabled(self, port: SwitchPort, body: Json) -> Response:
        """InterfaceEnabled and LinkState are two ways to say it (DSP0268 'Port')."""
        name = next(iter(body), "InterfaceEnabled")
        wanted = body.get(name)
        states = _WAYS_TO_SHUT.get(name, {}) if len(body) == 1 else {}
        enabled = states.get(wanted) if isinstance(wanted, (bool, str)) else None
        if enabled is None:
            return invalid(name, wanted)
        document = self.documents[f"{PORTS}/{port.number}"]
        document.update(InterfaceEnabled=enabled, LinkState="Enabled" if enabled else "Disabled")
        self._link(port)
        return json_response(document, status=HTTPStatus.OK)

    def _link(self, port: SwitchPort) -> None:
        """A link takes an open port, a cable, and power at its other end."""
        document = self.documents[f"{PORTS}/{port.number}"]
        there = port.neighbour is not None and self._has_power(port.neighbour.system_name)
        up = document["InterfaceEnabled"] and there
        document.update(
            LinkStatus="LinkUp" if up else "LinkDown",
            CurrentSpeedGbps=port.speed_mbps / 1000 if up else 0,
        )
        document["Ethernet"]["LLDPReceive"] = _received(port.neighbour if up else None)


_WAYS_TO_SHUT: Final[dict[str, dict[bool | str, bool]]] = {
    "InterfaceEnabled": {True: True, False: False},
    "LinkState": {"Enabled": True, "Disabled": False},
}


def _module(port: SwitchPort, identity: Identity) -> Json:
    """The transceiver that a cable needs."""
    return {
        "Type": "SFP28",
        "Manufacturer": "Contoso Optics",
        "PartNumber": "CO-SR28",
        "SerialNumber": f"{identity.serial}T{port.number:02d}",
        "Status": {"State": "Enabled", "Health": "OK"},
    }
