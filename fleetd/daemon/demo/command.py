"""``fleetd demo``: the world around the daemon, the main job, and what it came to."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console

from fleetd.config.settings import Settings
from fleetd.daemon.compose import Origin
from fleetd.daemon.demo.deploy import deploy_and_release
from fleetd.daemon.demo.place import Place, settings
from fleetd.daemon.demo.watch import Progress, Rest, watch_enrollment, watch_inventory
from fleetd.daemon.demo.world import LabIronic, emulated_fleet, lab_ironic
from fleetd.daemon.notify import Notifier
from fleetd.daemon.run import run_daemon
from fleetd.daemon.supervise import Supervisor
from fleetd.telemetry.logs import set_up_logging
from fleetd.telemetry.redact import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for."""

    servers: int
    once: bool
    json: bool
    ironic: bool
    keep: Path | None
    lab: Path


@dataclass(slots=True)
class Outcome:
    """What the demo came to."""

    url: str = ""
    progress: Progress = field(default_factory=lambda: Progress(expected=Counter()))
    ironic: bool = False
    deployed: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "devices": {
                kind: self.progress.devices[kind] for kind in ("server", "storage", "switch", "pdu")
            },
            "inventoried": self.progress.devices.total(),
            "failed": len(self.progress.down),
            "ironic": dict(self.progress.standings) if self.ironic else {},
            "sweep_seconds": round(self.progress.sweep_seconds, 2),
            "api": self.url,
        }


class Demo:
    """One run of the demo."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._console = Console(stderr=True, highlight=False)
        self._started = time.monotonic()
        self.outcome = Outcome()

    async def run(self) -> bool:
        """Run it; True if every server reached what was asked for."""
        with _place(self._options.keep) as place:
            async with AsyncExitStack() as stack:
                place.prepare(self._options.servers)
                self._say(f"starting {self._options.servers} emulated servers and their rack")
                bmcs = await stack.enter_async_context(emulated_fleet(place))
                self.outcome.progress.expected = Counter(bmc["kind"] for bmc in bmcs)
                self._say(f"{len(bmcs)} BMCs answer over TLS, each at its own address")
                lab = await self._ironic(stack, place)
                await self._daemon(place, lab)
        return self._succeeded()

    async def _ironic(self, stack: AsyncExitStack, place: Place) -> LabIronic | None:
        if not self._options.ironic:
            return None
        self._say("starting a real OpenStack Ironic (the first time it's installed: a minute)")
        found = await stack.enter_async_context(lab_ironic(place, self._options.lab, self._say))
        if isinstance(found, str):
            self._say(f"[yellow]no Ironic, going on with inventory only:[/yellow] {found}")
            return None
        self._say(f"Ironic answers at {found.url}")
        self.outcome.ironic = True
        return found

    async def _daemon(self, place: Place, lab: LabIronic | None) -> None:
        chosen = settings(
            place,
            ironic_url=lab.url if lab else None,
            ironic_username=lab.username if lab else None,
            stays=not self._options.once,
        )
        redactor = Redactor()
        with place.log.open("a", encoding="utf-8") as log:
            set_up_logging(chosen.logging, environment=os.environ, redactor=redactor, stream=log)

            async def follow(url: str, supervisor: Supervisor) -> None:
                await self._follow(url, place, lab)
                if self._options.once:
                    supervisor.request_stop("the demo is over")
                else:
                    self._stay(url)

            await run_daemon(_origin(chosen, redactor), follower=follow)

    async def _follow(self, url: str, place: Place, lab: LabIronic | None) -> None:
        outcome, progress = self.outcome, self.outcome.progress
        outcome.url = url
        self._say(f"fleetd listens on {url}; discovering, reading, storing")
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            rest = Rest(url, session)
            with self._live() as show:
                async for _ in watch_inventory(rest, progress):
                    show(f"inventoried {progress.devices.total()}/{progress.expected.total()}")
            self._say(f"inventoried {_counts(progress.devices)} in {progress.sweep_seconds:.1f} s")
            for address, reason in progress.down.items():
                self._say(f"[red]not read:[/red] {address}: {reason}")
            if lab is None:
                return
            with self._live() as show:
                async for _ in watch_enrollment(rest, progress):
                    show(f"in Ironic: {_counts(progress.standings) or 'nothing yet'}")
            self._say(f"in Ironic: {_counts(progress.standings)}")
            for reason, count in progress.reasons.most_common(5):
                self._say(f"[red]{count} not available:[/red] {reason}")
            if progress.standings["available"] and not place.deployed.exists():
                await self._deploy(place, lab)

    async def _deploy(self, place: Place, lab: LabIronic) -> None:
        password = None
        if lab.username:
            password = place.secret("ironic").read_text(encoding="utf-8")
        self.outcome.deployed = await deploy_and_release(lab, password, self._say)
        self._say(f"{self.outcome.deployed}: available again")
        place.deployed.touch()

    def _succeeded(self) -> bool:
        progress = self.outcome.progress
        servers = progress.expected["server"]
        if not self._options.ironic:
            return progress.devices["server"] >= servers
        return self.outcome.ironic and progress.standings["available"] >= servers

    def report(self) -> None:
        """Print the result: one JSON object, or a sentence for people."""
        if self._options.json:
            print(json.dumps(self.outcome.as_json()), flush=True)
        elif self._succeeded():
            print("Every server is " + ("available in Ironic." if self.outcome.ironic else "read."))
        else:
            print("Not every server got there; see above.")

    def _stay(self, url: str) -> None:
        self.report()
        self._say("staying up; Ctrl-C stops everything. Try, in another terminal:")
        option = "" if url.endswith(":8650") else f"--url {url} "
        for command in ("devices", "endpoints", "enrollments", "metrics"):
            self._say(f"  [bold].venv/bin/fleetctl {option}{command}[/bold]")

    def _say(self, text: str) -> None:
        elapsed = time.monotonic() - self._started
        self._console.print(f"[dim]{elapsed:6.1f} s[/dim]  {text}", soft_wrap=True)

    @contextmanager
    def _live(self) -> Iterator[Any]:
        """A line that changes in place on a terminal; elsewhere nothing, the summary follows."""
        if not self._console.is_terminal:
            yield lambda _: None
            return
        with self._console.status("") as status:
            yield status.update


def _origin(chosen: Settings, redactor: Redactor) -> Origin:
    return Origin(
        settings=chosen,
        read=lambda: chosen,
        environment=os.environ,
        notifier=Notifier(os.environ),
        redactor=redactor,
    )


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.most_common())


@contextmanager
def _place(keep: Path | None) -> Iterator[Place]:
    if keep is not None:
        yield Place(directory=keep)
        return
    with tempfile.TemporaryDirectory(prefix="fleetd-demo-", ignore_cleanup_errors=True) as name:
        yield Place(directory=Path(name))


async def run_demo(options: Options) -> int:
    """Run the demo; 0 if every server got where it should."""
    demo = Demo(options)
    succeeded = await demo.run()
    if options.once:
        demo.report()
    sys.stdout.flush()
    return 0 if succeeded else 1
