"""Runs DMTF's tools against the emulated fleet and says whether it is as it should be."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fleetd_emulators.conformance.findings import Outcome, Tool
from fleetd_emulators.conformance.install import NotInstallable, install, schemas, version_of
from fleetd_emulators.conformance.report import document, markdown
from fleetd_emulators.conformance.targets import names, running, steps_for
from fleetd_emulators.conformance.tools import Bench, Target
from fleetd_emulators.conformance.utilities import utilities
from fleetd_emulators.conformance.verdict import Verdict, judge, load

NO_TOOLS: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where all is as it should be, 1 where not, 2 without the tools."""
    options = _parser().parse_args(arguments)
    try:
        programs = install(options.directory)
    except NotInstallable as error:
        _say(f"DMTF's tools cannot be installed: {error}")
        return NO_TOOLS
    found = schemas(programs, options.schemas or options.directory / "schemas")
    if found is None:
        _say("no schemas: DMTF's DSP8010 cannot be fetched; give --schemas to check documents")
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(programs, options.keep or Path(scratch), found)
        outcomes = asyncio.run(_all(bench, options.only or names(), options.tools or tuple(Tool)))
    expected = load()
    verdict = judge(outcomes, expected)
    bundle = "none" if found is None else f"DSP8010, {version_of(found)}"
    _write(options.json, json.dumps(document(outcomes, verdict, bundle), indent=1))
    whole = options.only is None and options.tools is None and found is not None
    if whole and options.report is not None:
        _write(options.report, markdown(outcomes, expected, bundle))
    _tell(verdict)
    return 0 if verdict.good else 1


async def _all(bench: Bench, targets: Sequence[str], tools: Sequence[Tool]) -> list[Outcome]:
    """Every tool on every target, one after another; each meets a fresh BMC."""
    outcomes = []
    for name in targets:
        for tool in tools:
            async with running(name) as target:
                outcome = await _one(bench, target, tool)
            _say(f"{name} {tool.value}: {_summary(outcome)}")
            outcomes.append(outcome)
    return outcomes


async def _one(bench: Bench, target: Target, tool: Tool) -> Outcome:
    match tool:
        case Tool.SERVICE:
            return await bench.service(target)
        case Tool.PROTOCOL:
            return await bench.protocol(target)
        case Tool.USE_CASES:
            return await bench.use_cases(target)
        case Tool.UTILITIES:
            return await utilities(bench, target, steps_for(target.name))


def _summary(outcome: Outcome) -> str:
    if outcome.broken is not None:
        return f"not run: {outcome.broken}"
    return (
        f"{outcome.passed} passed, {len(outcome.warnings)} warnings, "
        f"{len(outcome.failures)} failed, {outcome.not_tested} not tested"
    )


def _tell(verdict: Verdict) -> None:
    for outcome, finding in verdict.unexplained:
        _say(
            f"FAIL {outcome.target} {outcome.tool.value} {finding.check} "
            f"at {finding.place}: {finding.message}"
        )
    for rule in verdict.dead:
        _say(f"DEAD {rule.target} {rule.tool.value} {rule.check}: it no longer happens")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fleetd_emulators.conformance", description=__doc__
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=Path(".conformance"),
        help="where the tools are installed (default: .conformance)",
    )
    parser.add_argument(
        "--schemas",
        type=Path,
        metavar="DIR",
        help="DSP8010's CSDL files; left out they are fetched from DMTF",
    )
    parser.add_argument("--only", nargs="+", choices=names(), help="only these targets")
    parser.add_argument("--tools", nargs="+", type=Tool, choices=list(Tool), help="only these")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep what the tools write here")
    parser.add_argument("--json", type=Path, default=Path("build/conformance.json"))
    parser.add_argument("--report", type=Path, help="the page to write after a whole run")
    return parser
