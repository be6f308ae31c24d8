"""How each of DMTF's tools is run against one service."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleetd_emulators.conformance.findings import Outcome, Tool
from fleetd_emulators.conformance.parsing import (
    counts,
    protocol_findings,
    service_findings,
    use_case_findings,
)

TIMEOUT_S: Final = 900
_CONFIG: Final = """[Authentication]
user = {username}
password = {password}
[Connection]
rhost = {url}
"""
# Reads its arguments from its input, so that no password stands in the list of processes.
_LAUNCH: Final = (
    "import json, runpy, sys; sys.argv = json.load(sys.stdin); "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One emulated BMC to be checked; ``name`` is its personality or kind."""

    name: str
    url: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Target({self.name} at {self.url})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a program ended."""

    status: int
    printed: str

    @property
    def last_line(self) -> str:
        """What it said last."""
        lines = [line for line in self.printed.splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it printed nothing"


class Bench:
    """The installed tools, and a scratch folder for what they write."""

    def __init__(self, programs: Path, scratch: Path, schemas: Path | None) -> None:
        self._programs = programs
        self._scratch = scratch
        self._schemas = schemas

    async def service(self, target: Target) -> Outcome:
        """redfish-service-validator: every document against its schema."""
        if self._schemas is None:
            return Outcome(target=target.name, tool=Tool.SERVICE, broken="there are no schemas")
        folder = self._folder(target, Tool.SERVICE)
        ran = await self.run(
            folder,
            "rf_service_validator",
            *("--config", self._config(folder, target), "--logdir", str(folder)),
            *("--schema_directory", str(self._schemas), "--skipschema"),
        )
        counted = counts(ran.printed)
        if counted is None:
            return Outcome(target=target.name, tool=Tool.SERVICE, broken=ran.last_line)
        return Outcome(
            target=target.name,
            tool=Tool.SERVICE,
            passed=counted[0],
            not_tested=counted[1],
            findings=tuple(service_findings(_only(folder, "*Debug*.log"))),
        )

    async def protocol(self, target: Target) -> Outcome:
        """redfish-protocol-validator: methods, headers, sessions, accounts, events."""
        folder = self._folder(target, Tool.PROTOCOL)
        ran = await self.run(
            folder,
            "rf_protocol_validator",
            *("--config", self._config(folder, target), "--no-cert-check"),
            *("--report-dir", str(folder), "--report-type", "tsv", "--avoid-http-redirect"),
        )
        table = _only(folder, "*.tsv")
        if not table:
            return Outcome(target=target.name, tool=Tool.PROTOCOL, broken=ran.last_line)
        passed, not_tested, findings = protocol_findings(table)
        return Outcome(
            target=target.name,
            tool=Tool.PROTOCOL,
            passed=passed,
            not_tested=not_tested,
            findings=findings,
        )

    async def use_cases(self, target: Target) -> Outcome:
        """redfish-use-case-checkers: accounts, power, boot, interfaces and queries, for real."""
        folder = self._folder(target, Tool.USE_CASES)
        ran = await self.run(
            folder,
            "rf_use_case_checkers",
            *self.credentials(target),
            *("--report-dir", str(folder)),
        )
        counted = counts(ran.printed)
        if counted is None:
            return Outcome(target=target.name, tool=Tool.USE_CASES, broken=ran.last_line)
        return Outcome(
            target=target.name,
            tool=Tool.USE_CASES,
            passed=counted[0],
            not_tested=counted[1],
            findings=tuple(use_case_findings(_only(folder, "*Debug*.log"))),
        )

    async def run(self, folder: Path, program: str, *arguments: str) -> Ran:
        """Run one of the tools' programs in a folder, its arguments hidden from other users."""
        process = await asyncio.create_subprocess_exec(
            str(self._programs / "python"),
            *("-c", _LAUNCH),
            cwd=folder,
            env=_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        order = json.dumps([str(self._programs / program), *arguments]).encode()
        try:
            printed, _ = await asyncio.wait_for(process.communicate(order), TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            return Ran(status=-1, printed=f"{program} did not end within {TIMEOUT_S} s")
        return Ran(status=process.returncode or 0, printed=printed.decode(errors="replace"))

    @staticmethod
    def credentials(target: Target) -> Sequence[str]:
        """What every program of the checkers and the utilities is told."""
        return ("--user", target.username, "--password", target.password, "--rhost", target.url)

    def scratch(self, target: Target, tool: Tool) -> Path:
        """An empty folder for a tool's run."""
        return self._folder(target, tool)

    def _folder(self, target: Target, tool: Tool) -> Path:
        folder = self._scratch / target.name / tool
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _config(self, folder: Path, target: Target) -> str:
        path = folder / "config.ini"
        path.touch(mode=0o600)
        path.write_text(
            _CONFIG.format(username=target.username, password=target.password, url=target.url)
        )
        return str(path)


def _environment() -> dict[str, str]:
    """Ours without bundles of CAs, which requests would prefer to being told not to verify."""
    return {
        name: value for name, value in os.environ.items() if "CA_BUNDLE" not in name.upper()
    } | {"PYTHONWARNINGS": "ignore"}


def _only(folder: Path, pattern: str) -> str:
    """The text of the newest file that fits, below the folder; empty where none is."""
    found = sorted(folder.rglob(pattern), key=lambda path: path.stat().st_mtime)
    return found[-1].read_text(errors="replace") if found else ""
