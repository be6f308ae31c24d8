"""What a demo keeps in its directory: the fleet, its passwords, and fleetd's settings over them."""

from __future__ import annotations

import os
import secrets
import socket
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from fleetd.config.daemon import (
    ApiSection,
    DaemonSection,
    IronicAuth,
    IronicSection,
    LoggingSection,
)
from fleetd.config.discovery import CredentialEntry, CredentialRule, DiscoverySection, RangeEntry
from fleetd.config.redfish import RedfishSection, TlsSection, Trust
from fleetd.config.settings import Settings

NETWORK: Final = "127.42.0.0/23"
PREFERRED_API_PORT: Final = 8650
_PACE: Final = 0.05
_RACK_SIZE: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """One maker of the demo's servers: its emulator's name, its vendor, its administrator.

    OpenBMC's service root names no vendor before the login, so no rule can know it by that.
    """

    personality: str
    vendor: str | None
    username: str

    @property
    def credential(self) -> str:
        """The name of its credential, and of the file that holds the password."""
        return self.personality if self.vendor else OTHERS


OTHERS: Final = "others"
SERVERS: Final = (
    Maker(personality="dell", vendor="Dell", username="root"),
    Maker(personality="hpe", vendor="HPE", username="Administrator"),
    Maker(personality="supermicro", vendor="Supermicro", username="ADMIN"),
    Maker(personality="lenovo", vendor="Lenovo", username="USERID"),
    Maker(personality="openbmc", vendor=None, username="root"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The demo's directory; it's readable by its owner only."""

    directory: Path

    @property
    def fleet(self) -> Path:
        """FLEET.yaml for the emulators."""
        return self.directory / "fleet.yaml"

    @property
    def ready(self) -> Path:
        """What the emulators write once they listen."""
        return self.directory / "ready.json"

    @property
    def ironic(self) -> Path:
        """The lab Ironic's state."""
        return self.directory / "ironic"

    @property
    def log(self) -> Path:
        """fleetd's own log."""
        return self.directory / "fleetd.log"

    @property
    def deployed(self) -> Path:
        """Marks that the deployment was shown on this state."""
        return self.directory / "deployed"

    def secret(self, name: str) -> Path:
        """Where a password lies."""
        return self.directory / "secrets" / name

    def write_secret(self, name: str, value: str) -> None:
        """Keep a password, readable by the owner only from the first byte on."""
        path = self.secret(name)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value)

    def prepare(self, servers: int) -> None:
        """Lay out a fleet of so many servers, or keep the one of an earlier run as it is."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.fleet.exists():
            return
        for name in sorted({maker.credential for maker in SERVERS}):
            self.write_secret(name, secrets.token_urlsafe(12))
        self.fleet.write_text(yaml.safe_dump(self._fleet(servers)), encoding="utf-8")

    def _fleet(self, servers: int) -> dict[str, object]:
        makers = [SERVERS[number % len(SERVERS)].personality for number in range(servers)]
        racks = max(1, -(-servers // _RACK_SIZE))
        rules: list[dict[str, str]] = [
            {
                "personality": maker.personality,
                "username": maker.username,
                "password_file": str(self.secret(maker.credential).absolute()),
            }
            for maker in SERVERS
        ]
        rules.append({"username": "root", "password_file": str(self.secret(OTHERS).absolute())})
        return {
            "network": NETWORK,
            # Kept, so that a later run on this state finds every BMC where it was.
            "port": free_port(),
            "pace": _PACE,
            "credentials": rules,
            "servers": [
                {"personality": name, "count": count} for name, count in Counter(makers).items()
            ],
            "storage": 1,
            "switches": racks,
            "pdus": racks,
        }

    @property
    def port(self) -> int:
        """The port of every BMC."""
        return int(yaml.safe_load(self.fleet.read_text(encoding="utf-8"))["port"])


def settings(
    place: Place, *, ironic_url: str | None, ironic_username: str | None, stays: bool
) -> Settings:
    """fleetd's settings for the demo: the embedded defaults, and where the fleet is.

    One that ``stays`` listens where ``fleetctl`` looks by default, if nobody else does.
    """
    credentials = [
        CredentialEntry(
            name=maker.credential,
            username=maker.username,
            password=f"file:{place.secret(maker.credential).absolute()}",
        )
        for maker in SERVERS
    ]
    # In SERVERS' order, so that the rule without a vendor comes last and takes the rest.
    rules = [CredentialRule(credential=each.credential, vendor=each.vendor) for each in SERVERS]
    return Settings(
        daemon=DaemonSection(state_directory=place.directory.absolute(), site="demo"),
        api=ApiSection(port=_api_port() if stays else 0),
        logging=LoggingSection(level="info"),
        redfish=RedfishSection(tls=TlsSection(trust=Trust.PIN, learn=True)),
        discovery=DiscoverySection(
            ranges=(RangeEntry(cidr=NETWORK, ports=(place.port,)),),
            credentials=tuple(credentials),
            rules=tuple(rules),
        ),
        ironic=IronicSection()
        if ironic_url is None
        else IronicSection(
            enabled=True,
            url=ironic_url,
            auth=IronicAuth.HTTP_BASIC if ironic_username else IronicAuth.NONE,
            username=ironic_username,
            password=f"file:{place.secret('ironic').absolute()}" if ironic_username else None,
            # Emulated BMCs sign their own certificates; fleetd pins them, Ironic can't.
            bmc_verify=False,
        ),
    )


def _api_port() -> int:
    """The documented port where nobody has it, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PREFERRED_API_PORT))
        except OSError:
            return 0
    return PREFERRED_API_PORT


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
