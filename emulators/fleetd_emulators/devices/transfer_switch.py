"""An automatic transfer switch: PowerEquipment/TransferSwitches as DSP0268 has them.

Two mains, one of which feeds the outlets. Where the active one fails, the other takes over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.incidents import Incident
from fleetd_emulators.devices.resources import (
    OK,
    ROOT,
    Identity,
    Resources,
    add_equipment,
    add_frame,
    invalid,
    link,
    nameplate,
    placement,
)
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, json_response, problem

TRANSFER_SWITCH: Final = f"{ROOT}/PowerEquipment/TransferSwitches/1"
MAINS: Final = ("A", "B")
OUTLETS: Final = 4
VOLTS: Final = 230.0
TRANSFER_DELAY_S: Final = 0.02
RETRANSFER_DELAY_S: Final = 5

_DEAD: Final = {"State": "UnavailableOffline", "Health": "Critical"}
_CIRCUIT: Final = {"PhaseWiringType": "OnePhase3Wire", "NominalVoltage": "AC230V"}
_SWITCHES: Final = frozenset({"AutoTransferEnabled", "RetransferEnabled"})


class TransferSwitchBackend(Resources):
    """Chooses between its mains, by itself, when told, and after the preferred one came back."""

    def __init__(self, identity: Identity, *, pace: float = 1.0) -> None:
        super().__init__()
        self._pace = pace
        self._alive = dict.fromkeys(MAINS, True)
        add_frame(self, identity, chassis_type="RackMount", kind="Service")
        self._add_equipment(identity)
        self._add_circuits()
        self._settle()

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """Each of the mains may fail and come back."""
        return {
            f"{what}-{name}": partial(self._mains, name, alive=what == "restore")
            for name in MAINS
            for what in ("fail", "restore")
        }

    def _add_equipment(self, identity: Identity) -> None:
        add_equipment(self, "PowerEquipment.v1_2_1", "PowerDistribution", TRANSFER_SWITCH)
        target = f"{TRANSFER_SWITCH}/Actions/PowerDistribution.TransferControl"
        self.add(
            TRANSFER_SWITCH,
            "PowerDistribution.v1_3_2",
            identity.name,
            EquipmentType="AutomaticTransferSwitch",
            **nameplate(identity),
            UUID=identity.uuid,
            FirmwareVersion=identity.firmware,
            Location={"Placement": placement(identity)},
            Status=OK,
            TransferConfiguration={
                "ActiveMainsId": "A",
                "PreferredMainsId": "A",
                "AutoTransferEnabled": True,
                "RetransferEnabled": True,
                "RetransferDelaySeconds": RETRANSFER_DELAY_S,
                "TransferInhibit": False,
            },
            Mains=link(f"{TRANSFER_SWITCH}/Mains"),
            Outlets=link(f"{TRANSFER_SWITCH}/Outlets"),
            Links={
                "Chassis": [link(f"{ROOT}/Chassis/1")],
                "ManagedBy": [link(f"{ROOT}/Managers/1")],
            },
            Actions={"#PowerDistribution.TransferControl": {"target": target}},
        )
        self.on_post(target, self._told_to_transfer)
        self.on_patch(TRANSFER_SWITCH, self._configure)

    def _add_circuits(self) -> None:
        mains = [f"{TRANSFER_SWITCH}/Mains/{name}" for name in MAINS]
        self.collect(f"{TRANSFER_SWITCH}/Mains", "Circuit", mains)
        for path, name in zip(mains, MAINS, strict=True):
            self.add(
                path,
                "Circuit.v1_7_0",
                f"Mains {name}",
                CircuitType="Mains",
                PlugType="IEC_60309_316P6",
                RatedCurrentAmps=32,
                **_CIRCUIT,
            )
        outlets = [f"{TRANSFER_SWITCH}/Outlets/{number}" for number in range(1, OUTLETS + 1)]
        self.collect(f"{TRANSFER_SWITCH}/Outlets", "Outlet", outlets)
        for number, path in enumerate(outlets, start=1):
            self.add(
                path,
                "Outlet.v1_4_4",
                f"Outlet {number}",
                OutletType="IEC_60320_C19",
                RatedCurrentAmps=16,
                PowerEnabled=True,
                Status=OK,
                **_CIRCUIT,
            )

    @property
    def _choice(self) -> Json:
        chosen: Json = self.documents[TRANSFER_SWITCH]["TransferConfiguration"]
        return chosen

    def _settle(self) -> None:
        """Show what is energised now."""
        for name, alive in self._alive.items():
            self.documents[f"{TRANSFER_SWITCH}/Mains/{name}"].update(
                Voltage={"Reading": VOLTS if alive else 0.0}, Status=dict(OK if alive else _DEAD)
            )
        fed = self._alive[self._choice["ActiveMainsId"]]
        for number in range(1, OUTLETS + 1):
            self.documents[f"{TRANSFER_SWITCH}/Outlets/{number}"].update(
                PowerState="On" if fed else "Off", Voltage={"Reading": VOLTS if fed else 0.0}
            )

    async def _mains(self, name: str, *, alive: bool) -> None:
        self._alive[name] = alive
        self._settle()
        choice = self._choice
        if not alive and choice["ActiveMainsId"] == name and choice["AutoTransferEnabled"]:
            self.start(self._transfer_after(TRANSFER_DELAY_S, _other(name)), f"transfer off {name}")
        back = alive and choice["PreferredMainsId"] == name and choice["RetransferEnabled"]
        if back and choice["ActiveMainsId"] != name:
            delay_s = choice["RetransferDelaySeconds"]
            self.start(self._transfer_after(delay_s, name), f"transfer back to {name}")

    async def _transfer_after(self, delay_s: float, name: str) -> None:
        await asyncio.sleep(delay_s * self._pace)
        if self._alive[name]:
            self._choice["ActiveMainsId"] = name
            self._settle()

    async def _told_to_transfer(self, body: Json) -> Response:
        """PowerDistribution.TransferControl: to the alternative mains; it takes no parameters."""
        other = _other(self._choice["ActiveMainsId"])
        if not self._alive[other]:
            return problem(
                HTTPStatus.CONFLICT, "OperationNotAllowed", f"Mains {other} has no voltage."
            )
        self._choice["ActiveMainsId"] = other
        self._settle()
        return Response(status=HTTPStatus.NO_CONTENT)

    async def _configure(self, body: Json) -> Response:
        wanted = body.get("TransferConfiguration")
        if body.keys() != {"TransferConfiguration"} or not isinstance(wanted, dict):
            return invalid("TransferConfiguration", wanted)
        for name, value in wanted.items():
            preferred = name == "PreferredMainsId" and value in MAINS
            if not preferred and not (name in _SWITCHES and isinstance(value, bool)):
                return invalid(name, value)
        self._choice.update(wanted)
        return json_response(self.documents[TRANSFER_SWITCH])


def _other(name: str) -> str:
    return next(one for one in MAINS if one != name)
