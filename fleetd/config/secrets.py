"""Secrets by reference: ``file:``, ``env:``, ``credential:`` (systemd), ``secret:`` (our own)."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from fleetd.config.daemon import SecretsSection
from fleetd.config.discovery import CredentialEntry
from fleetd.config.secret_file import SecretFile, cipher
from fleetd.domain.errors import SecretUnavailable
from fleetd.domain.ports import Credential

MAX_BYTES: Final = 65_536
READ_TIMEOUT_S: Final = 10.0
"""A secret on a network file system that hangs must not hold a sweep for ever."""

Stamp = tuple[int, int, int]


def ignore(_: str) -> None:
    """Let nobody know of a secret."""


class SecretReader:
    """Resolves references, and is the domain's ``Credentials``; it never keeps the loop waiting.

    Files are read again only when they changed, so a password can be changed without a reload.
    """

    def __init__(
        self,
        section: SecretsSection,
        *,
        environment: Mapping[str, str],
        state_directory: Path,
        credentials: Iterable[CredentialEntry] = (),
        learned: Callable[[str], None] = ignore,
    ) -> None:
        """Prepare, without reading anything yet.

        Args:
            section: Where our own encrypted file and its key lie.
            environment: For ``env:`` and for systemd's ``CREDENTIALS_DIRECTORY``.
            state_directory: Where the encrypted file is unless the section says otherwise.
            credentials: ``discovery.credentials``; ``use`` replaces them.
            learned: Told every secret value that was read, such as the log's redaction.
        """
        self._section = section
        self._environment = environment
        self._file = section.file or state_directory / "secrets.json"
        self._credentials = {entry.name: entry for entry in credentials}
        self._learned = learned
        self._cache: dict[Path, tuple[Stamp, str]] = {}

    def use(self, credentials: Iterable[CredentialEntry]) -> None:
        """Take other credentials, after a reload."""
        self._credentials = {entry.name: entry for entry in credentials}

    async def credential(self, name: str) -> Credential:
        entry = self._credentials.get(name)
        if entry is None:
            raise SecretUnavailable(f"credential {name!r} is not under discovery.credentials")
        password = await self.read(entry.password)
        return Credential(name=name, username=entry.username, password=password)

    async def read(self, reference: str) -> str:
        """The secret that the reference names.

        Raises:
            SecretUnavailable: It can't be had; the message names the reference, not the secret.
        """
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                return await asyncio.to_thread(self.read_now, reference)
        except TimeoutError as error:
            message = f"{reference}: could not be read within {READ_TIMEOUT_S:g} s"
            raise SecretUnavailable(message) from error

    def read_now(self, reference: str) -> str:
        """As ``read``, blocking: for the command line.

        Raises:
            SecretUnavailable: It can't be had.
        """
        scheme, _, rest = reference.partition(":")
        match scheme:
            case "file":
                value = self._from_file(Path(rest).expanduser(), reference, private=True)
            case "env":
                value = self._environment.get(rest, "")
            case "credential":
                value = self._from_systemd(rest, reference)
            case "secret":
                value = self.secret_file().get(rest)
            case _:
                raise SecretUnavailable("a secret is named by file:, env:, credential: or secret:")
        if not value:
            raise SecretUnavailable(f"{reference}: is empty or not set")
        self._learned(value)
        return value

    def secret_file(self) -> SecretFile:
        """Our own encrypted file with its key, for ``fleetd secret``; blocks.

        Raises:
            SecretUnavailable: The key can't be had.
        """
        reference = self._section.key
        if reference is None:
            return SecretFile(self._file)
        return SecretFile(self._file, cipher(self.read_now(reference), reference=reference))

    def _from_systemd(self, name: str, reference: str) -> str:
        directory = self._environment.get("CREDENTIALS_DIRECTORY")
        if directory is None:
            raise SecretUnavailable(f"{reference}: systemd passed no credentials to this process")
        if "/" in name or name in {".", ".."}:
            raise SecretUnavailable(f"{reference}: a credential's name has no slash")
        # systemd keeps these private by an access control list, whose mask shows as group bits.
        return self._from_file(Path(directory) / name, reference, private=False)

    def _from_file(self, path: Path, reference: str, *, private: bool) -> str:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise SecretUnavailable(f"{reference}: cannot be read: {error.strerror}") from error
        try:
            status = os.fstat(descriptor)
            _require_safe(status, reference, private=private)
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            with suppress(KeyError):
                known, value = self._cache[path]
                if known == stamp:
                    return value
            value = _text(os.read(descriptor, MAX_BYTES + 1), reference)
        except OSError as error:
            raise SecretUnavailable(f"{reference}: cannot be read: {error.strerror}") from error
        finally:
            os.close(descriptor)
        self._cache[path] = (stamp, value)
        return value


def _require_safe(status: os.stat_result, reference: str, *, private: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SecretUnavailable(f"{reference}: is not a regular file")
    mode = stat.S_IMODE(status.st_mode)
    if private and mode & 0o077:
        raise SecretUnavailable(
            f"{reference}: has mode {mode:04o}, so others than its owner can get at it: chmod 600"
        )
    if status.st_size > MAX_BYTES:
        raise SecretUnavailable(f"{reference}: is larger than {MAX_BYTES} bytes")


def _text(content: bytes, reference: str) -> str:
    try:
        # Editors end the last line; a newline in a password would have to be the second one.
        return content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:  # it carries the content, so it's not the cause
        raise SecretUnavailable(f"{reference}: is not UTF-8 text") from None
