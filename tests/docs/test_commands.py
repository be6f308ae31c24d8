"""Every ``console`` block of the documents is run, in order, and shows what the document says.

A line that begins with ``$`` is a command, ``>`` continues it, and the rest is its output, where
``...`` stands for anything. Each document is one shell in an empty directory. Commands that need
root, systemd or a package registry are in ``sh`` blocks; of these, the files they name must exist.
"""

from __future__ import annotations

import asyncio
import doctest
import os
import re
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_S = 280.0
BLOCK = re.compile(r"(?ms)^```(?P<kind>\w+)\n(?P<body>.*?)^```$")
OF_REPOSITORY = re.compile(r"(?<![\w/.])(?:systemd|config|docs)/[\w./-]+")
# The documents use these ports; each test takes free ones in their place.
PORTS = ("18443", "8650")


@dataclass(slots=True)
class Command:
    """A command and the output that the document shows for it."""

    text: str
    output: list[str] = field(default_factory=list)


def blocks(document: Path, kind: str) -> list[str]:
    found = BLOCK.finditer(document.read_text())
    return [match["body"] for match in found if match["kind"] == kind]


def commands(document: Path) -> list[Command]:
    found: list[Command] = []
    for line in "".join(blocks(document, "console")).splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif line.startswith("> ") and not found[-1].output:
            found[-1].text += f"\n{line[2:]}"
        else:
            found[-1].output.append(line)
    return found


DOCUMENTS = sorted(
    path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if blocks(path, "console")
)


def free_ports() -> dict[str, str]:
    holders = [socket.socket() for _ in PORTS]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    ports = [str(holder.getsockname()[1]) for holder in holders]
    for holder in holders:
        holder.close()
    return dict(zip(PORTS, ports, strict=True))


def script(found: list[Command], ports: dict[str, str]) -> str:
    lines = ["set -euo pipefail", "set -m"]
    for command in found:
        text = command.text
        for written, free in ports.items():
            text = text.replace(written, free)
        lines += ["printf '\\036'", text]
    return "\n".join(lines) + "\n"


async def run(text: str, directory: Path, ports: dict[str, str]) -> tuple[int | None, list[str]]:
    """Run a shell script; its exit code (None: it took too long) and each command's output."""
    transcript = directory / ".transcript"
    with transcript.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-c",
            text,
            cwd=directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            env={
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(directory),
                "COLUMNS": "200",
                "FLEETD_API__PORT": ports["8650"],
                "FLEETD_URL": f"http://127.0.0.1:{ports['8650']}",
            },
        )
    try:
        code = await asyncio.wait_for(process.wait(), timeout=DEADLINE_S)
    except TimeoutError:
        code = None
    finally:
        end_session(process.pid)
    await asyncio.wait_for(process.wait(), timeout=10)
    return code, transcript.read_text().split("\x1e")[1:]


def end_session(session: int) -> None:
    """Kill what the script left running: job control gives each job a group of its own."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            if os.getsid(int(entry.name)) == session:
                os.kill(int(entry.name), signal.SIGKILL)
        except ProcessLookupError:
            continue


def logs(directory: Path) -> str:
    """The ends of what the commands logged, to tell why one failed."""
    return "\n".join(
        f"{path.name}:\n{path.read_text()[-3_000:]}" for path in sorted(directory.glob("*.log"))
    )


def matches(expected: list[str], shown: str) -> bool:
    wanted = "\n".join(expected).strip()
    return not wanted or doctest.OutputChecker().check_output(
        f"{wanted}\n", f"{shown.strip()}\n", doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )


def test_there_are_documents_with_commands() -> None:
    assert ROOT / "docs/operator-guide.md" in DOCUMENTS


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.asyncio
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
async def test_commands_do_what_the_document_shows(document: Path, tmp_path: Path) -> None:
    found = commands(document)
    ports = free_ports()

    code, outputs = await run(script(found, ports), tmp_path, ports)

    last = found[len(outputs) - 1].text if outputs else ""
    assert code == 0, f"{code} at: {last}\n{outputs[-1:]}\n{logs(tmp_path)}"
    assert len(outputs) == len(found)
    for command, shown in zip(found, outputs, strict=True):
        assert matches(command.output, shown), f"$ {command.text}\n{shown}\n{logs(tmp_path)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_other_commands_name_are_there(document: Path) -> None:
    named = OF_REPOSITORY.findall("".join(blocks(document, "sh")))

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    links = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
        for target in links.findall(path.read_text())
        if not (path.parent / target).exists()
    ]

    assert broken == []
