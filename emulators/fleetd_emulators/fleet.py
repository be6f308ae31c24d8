"""FLEET.yaml: which BMCs to emulate, where, with which credentials, limits and faults."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from fleetd_emulators.hardware import Personality
from fleetd_emulators.protocol.features import Expand, IfMatch
from fleetd_emulators.servers.habits import Habits
from fleetd_emulators.weather import AnyFault

LOOPBACK: Final = IPv4Network("127.0.0.0/8")

Kind = Literal[
    "server", "storage", "switch", "pdu", "transfer-switch", "power-shelf", "cdu", "enclosure"
]


class BadFleet(Exception):
    """FLEET.yaml cannot be used; the message is one line for an operator."""


class Section(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CredentialRule(Section):
    """Credentials for the BMCs that fit; the first fitting rule decides.

    Without a password (or file of one) each BMC gets its own, made from the fleet's seed.
    """

    kind: str = "*"
    personality: str = "*"
    name: str = "*"
    network: IPv4Network | None = None
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None

    @field_validator("password_file")
    @classmethod
    def _readable(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None:
            return None
        path = Path((info.context or {}).get("directory", ".")) / path
        if not path.is_file():
            raise ValueError(f"no file {path}")
        return path

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("give password or password_file, not both")
        return self

    def fits(self, bmc: BmcPlan) -> bool:
        """Whether the rule speaks of this BMC."""
        return (
            fnmatchcase(bmc.kind, self.kind)
            and fnmatchcase(bmc.personality or "", self.personality)
            and fnmatchcase(bmc.name, self.name)
            and (self.network is None or IPv4Address(bmc.address) in self.network)
        )

    def secret(self) -> str | None:
        """The password given, if any."""
        if self.password_file is not None:
            return self.password_file.read_text().rstrip("\n")
        return None if self.password is None else self.password.get_secret_value()


class ServerGroup(Section):
    """Equal servers, or with ``name`` or ``address`` a single one."""

    personality: Personality
    count: int = Field(default=1, ge=1)
    name: str | None = None
    address: IPv4Address | None = None
    gpus: int | None = Field(default=None, ge=0)
    powered_on: bool = False
    tls: Literal["self-signed", "off"] | None = None

    @model_validator(mode="after")
    def _single(self) -> Self:
        if self.count > 1 and (self.name is not None or self.address is not None):
            raise ValueError("name and address are for a group with count 1")
        return self


class ProtocolRule(Section):
    """Other limits and abilities for the BMCs whose name fits; what is left out stays."""

    bmc: str = "*"
    expand: Expand | None = None
    page: int | None = Field(default=None, ge=1)
    basic: bool | None = None
    session_limit: int | None = Field(default=None, ge=1)
    session_timeout_s: float | None = Field(default=None, gt=0)
    lockout_attempts: int | None = Field(default=None, ge=1)
    lockout_s: float | None = Field(default=None, gt=0)
    if_match: IfMatch | None = None
    if_match_status: Literal[412, 428] | None = None
    actions_refuse_if_match: bool | None = None
    password_change_required: bool | None = None

    def fits(self, bmc: BmcPlan) -> bool:
        """Whether the rule speaks of this BMC."""
        return fnmatchcase(bmc.name, self.bmc)

    def changes(self) -> dict[str, Any]:
        """The given settings, by the names of ``Features``."""
        return self.model_dump(exclude={"bmc"}, exclude_none=True)


class HabitRule(BaseModel):
    """Other habits (``servers.habits.Habits``) for the servers whose name fits; the rest stays."""

    model_config = ConfigDict(extra="allow", frozen=True)

    bmc: str = "*"

    @model_validator(mode="after")
    def _known(self) -> Self:
        given = self.model_extra or {}
        unknown = given.keys() - {field.name for field in fields(Habits)}
        if unknown:
            raise ValueError(f"there is no habit {min(unknown)}")
        self.changed(Habits())
        return self

    def fits(self, bmc: BmcPlan) -> bool:
        """Whether the rule speaks of this BMC."""
        return fnmatchcase(bmc.name, self.bmc)

    def changed(self, habits: Habits) -> Habits:
        """The habits with the given ones in their place."""
        return TypeAdapter(Habits).validate_python({**asdict(habits), **(self.model_extra or {})})


class Light(Section):
    """Light-weight BMCs for load: documents only, 30 resources each, in one network."""

    count: int = Field(ge=0, le=60_000)
    personality: Personality = Personality.GENERIC
    network: IPv4Network = IPv4Network("127.64.0.0/16")
    latency_ms: float = Field(default=0, ge=0)
    tls: Literal["self-signed", "off"] = "off"

    @field_validator("network")
    @classmethod
    def _on_loopback(cls, network: IPv4Network) -> IPv4Network:
        return _loopback(network)


def _light(value: object) -> object:
    return {"count": value} if isinstance(value, int) else value


def _loopback(network: IPv4Network) -> IPv4Network:
    if not network.subnet_of(LOOPBACK):
        raise ValueError(f"{network} is not within {LOOPBACK}")
    return network


class BmcPlan(Section):
    """One BMC to be: its name, kind, place and, for a server, its number in the catalogue."""

    name: str
    kind: Kind
    address: str
    tls: bool
    personality: Personality | None = None
    number: int = 0
    gpus: int | None = None
    powered_on: bool = False


class Fleet(Section):
    """The whole of FLEET.yaml."""

    seed: int = Field(default=0, ge=0, le=1000)
    network: IPv4Network = IPv4Network("127.42.0.0/24")
    port: int = Field(default=0, ge=0, le=65535)
    tls: Literal["self-signed", "off"] = "self-signed"
    pace: float = Field(default=1.0, gt=0)
    credentials: tuple[CredentialRule, ...] = ()
    servers: tuple[ServerGroup, ...] = ()
    storage: int = Field(default=0, ge=0)
    switches: int = Field(default=0, ge=0)
    pdus: int = Field(default=0, ge=0)
    transfer_switches: int = Field(default=0, ge=0)
    power_shelves: int = Field(default=0, ge=0)
    cdus: int = Field(default=0, ge=0)
    enclosures: int = Field(default=0, ge=0)
    ssdp: bool = False
    protocol: tuple[ProtocolRule, ...] = ()
    habits: tuple[HabitRule, ...] = ()
    faults: tuple[AnyFault, ...] = ()
    light: Annotated[Light | None, BeforeValidator(_light)] = None

    @field_validator("network")
    @classmethod
    def _on_loopback(cls, network: IPv4Network) -> IPv4Network:
        return _loopback(network)

    @model_validator(mode="after")
    def _plannable(self) -> Self:
        plans = self.plan()
        for what in ("name", "address"):
            values = [getattr(plan, what) for plan in plans]
            twice = {value for value in values if values.count(value) > 1}
            if twice:
                raise ValueError(f"{what} {min(twice)} is given twice")
        if self.light is not None and self.light.count > self.light.network.num_addresses - 2:
            raise ValueError(f"light.network {self.light.network} is too small")
        return self

    def plan(self) -> tuple[BmcPlan, ...]:
        """Every BMC but the light ones, with addresses given out in order."""
        fixed = {str(group.address) for group in self.servers if group.address is not None}
        free = (str(host) for host in self.network.hosts() if str(host) not in fixed)
        plans: list[BmcPlan] = []
        # Far apart, so that fleets of two seeds share no machine.
        number = self.seed * 1000
        try:
            for group in self.servers:
                for _ in range(group.count):
                    plans.append(self._server(group, number, len(plans) + 1, free))
                    number += 1
            counts: tuple[tuple[Kind, int], ...] = (
                ("storage", self.storage),
                ("switch", self.switches),
                ("pdu", self.pdus),
                ("transfer-switch", self.transfer_switches),
                ("power-shelf", self.power_shelves),
                ("cdu", self.cdus),
                ("enclosure", self.enclosures),
            )
            for kind, count in counts:
                plans += [
                    BmcPlan(
                        name=f"{kind}-{index + 1}",
                        kind=kind,
                        address=next(free),
                        tls=self.tls == "self-signed",
                        number=self.seed * 1000 + index,
                    )
                    for index in range(count)
                ]
        except (StopIteration, RuntimeError) as error:
            raise ValueError(f"network {self.network} has too few addresses") from error
        return tuple(plans)

    def _server(self, group: ServerGroup, number: int, nth: int, free: Any) -> BmcPlan:
        tls = group.tls or self.tls
        return BmcPlan(
            name=group.name or f"server-{nth:03d}",
            kind="server",
            address=str(group.address) if group.address is not None else next(free),
            tls=tls == "self-signed",
            personality=group.personality,
            number=number,
            gpus=group.gpus,
            powered_on=group.powered_on,
        )

    def credentials_of(self, bmc: BmcPlan) -> tuple[str, str]:
        """Username and password of a BMC, by the first rule that fits."""
        rule = next((rule for rule in self.credentials if rule.fits(bmc)), None)
        username = rule.username if rule is not None else None
        secret = rule.secret() if rule is not None else None
        return (
            username or USERNAMES.get(bmc.personality, "admin"),
            secret or generated_password(self.seed, bmc.name),
        )


# The administrators that the vendors ship.
USERNAMES: Final[dict[Personality | None, str]] = {
    Personality.DELL: "root",
    Personality.HPE: "Administrator",
    Personality.SUPERMICRO: "ADMIN",
    Personality.LENOVO: "USERID",
    Personality.OPENBMC: "root",
    Personality.NVIDIA: "root",
    Personality.HUAWEI: "Administrator",
}


def generated_password(seed: int, name: str) -> str:
    """The password that a BMC of this name always has in a fleet of this seed."""
    return hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=9).hexdigest()


def load(path: Path) -> Fleet:
    """Read FLEET.yaml.

    Raises:
        BadFleet: The file cannot be read, is no YAML, or says what no fleet can be.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except OSError as error:
        raise BadFleet(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BadFleet(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    try:
        return Fleet.model_validate(content or {}, context={"directory": path.parent})
    except ValidationError as error:
        raise BadFleet(f"{path}: {_one_line(error)}") from error


def changed(fleet: Fleet, **changes: object) -> Fleet:
    """The fleet with other values for some keys.

    Raises:
        BadFleet: They are not allowed.
    """
    try:
        return Fleet.model_validate({**fleet.model_dump(), **changes})
    except ValidationError as error:
        raise BadFleet(_one_line(error)) from error


def _one_line(error: ValidationError) -> str:
    """Every mistake with its place; never the value, which may be a password."""
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'fleet'}: {item['msg']}"
        for item in error.errors(include_input=False, include_url=False)
    )
