"""fleetd's own encrypted file of secrets, for references of the form ``secret:NAME``.

Each value is a Fernet token of its own (AES-128-CBC with HMAC-SHA-256), so names can be listed
without the key. The name is sealed in with the value: a token moved to another name is refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from fleetd.domain.errors import SecretUnavailable

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_VERSION: Final = 1


def generate_key() -> str:
    """A new key, as text for a file or a systemd credential."""
    return Fernet.generate_key().decode()


def cipher(key_text: str, *, reference: str) -> MultiFernet:
    """The cipher of one key a line: the first encrypts, all decrypt, so keys can be rotated.

    Raises:
        SecretUnavailable: ``reference`` holds no key, or something else than keys.
    """
    lines = [line.strip() for line in key_text.splitlines() if line.strip()]
    try:
        keys = [Fernet(line) for line in lines]
    except ValueError:
        keys = []
    if not keys:
        raise SecretUnavailable(
            f"{reference}: is not a key as `fleetd secret generate-key` makes it"
        )
    return MultiFernet(keys)


class SecretFile:
    """The encrypted secrets of one file; all of it blocks, so callers on a loop use a thread."""

    def __init__(self, path: Path, keys: MultiFernet | None = None) -> None:
        self._path = path
        self._keys = keys

    def names(self) -> tuple[str, ...]:
        """What secrets there are; needs no key.

        Raises:
            SecretUnavailable: The file can't be read.
        """
        return tuple(sorted(self._read()))

    def get(self, name: str) -> str:
        """The secret of that name.

        Raises:
            SecretUnavailable: It isn't there, or the key isn't the one it was written with.
        """
        token = self._read().get(name)
        if token is None:
            raise SecretUnavailable(f"secret:{name}: {self._path} holds no secret of this name")
        return self._open(name, token)

    def set(self, name: str, value: str) -> None:
        """Write a secret, new or in place of the old one.

        Raises:
            SecretUnavailable: The name is invalid, or the file can't be read or written.
        """
        if not _NAME.fullmatch(name):
            raise SecretUnavailable(f"{name!r}: a name has letters, digits, dot, underscore, dash")
        if not value:
            raise SecretUnavailable(f"secret:{name}: an empty secret is refused")
        with self._locked():
            self._write({**self._read(), name: self._seal(name, value)})

    def delete(self, name: str) -> None:
        """Forget a secret.

        Raises:
            SecretUnavailable: It isn't there, or the file can't be read or written.
        """
        with self._locked():
            tokens = dict(self._read())
            if tokens.pop(name, None) is None:
                raise SecretUnavailable(f"secret:{name}: {self._path} holds no secret of this name")
            self._write(tokens)

    def rotate(self) -> int:
        """Encrypt every secret anew with the first key; the others can then be removed.

        Raises:
            SecretUnavailable: One of them can't be decrypted; the file stays as it was.
        """
        with self._locked():
            values = {name: self._open(name, token) for name, token in self._read().items()}
            self._write({name: self._seal(name, value) for name, value in values.items()})
        return len(values)

    def _cipher(self) -> MultiFernet:
        if self._keys is None:
            raise SecretUnavailable(f"{self._path}: secrets.key doesn't say where its key lies")
        return self._keys

    def _seal(self, name: str, value: str) -> str:
        return self._cipher().encrypt(json.dumps([name, value]).encode()).decode()

    def _open(self, name: str, token: str) -> str:
        try:
            sealed, value = json.loads(self._cipher().decrypt(token))
        except InvalidToken as error:
            raise SecretUnavailable(
                f"secret:{name}: the key of {self._path} is not the one it was written with"
            ) from error
        if sealed != name:
            raise SecretUnavailable(
                f"secret:{name}: {self._path} holds another secret in its place"
            )
        return str(value)

    def _read(self) -> Mapping[str, str]:
        try:
            document = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SecretUnavailable(f"{self._path}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise SecretUnavailable(f"{self._path}: is not a file of secrets") from error
        secrets = document.get("secrets") if isinstance(document, dict) else None
        if not isinstance(secrets, dict) or document.get("version") != _VERSION:
            raise SecretUnavailable(f"{self._path}: is not a file of secrets of version {_VERSION}")
        return secrets

    def _write(self, tokens: Mapping[str, str]) -> None:
        content = json.dumps(
            {"version": _VERSION, "secrets": dict(sorted(tokens.items()))}, indent=1
        )
        directory = self._path.parent
        try:
            # mkstemp makes it 0600; a crash leaves the old file or the new one, never half of one.
            descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=directory)
            try:
                with os.fdopen(descriptor, "w") as stream:
                    stream.write(content + "\n")
                    stream.flush()
                    os.fsync(stream.fileno())
                Path(name).replace(self._path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _sync_directory(directory)
        except OSError as error:
            raise SecretUnavailable(f"{self._path}: cannot be written: {error.strerror}") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._path.with_name(f".{self._path.name}.lock")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SecretUnavailable(f"{lock}: cannot be locked: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
