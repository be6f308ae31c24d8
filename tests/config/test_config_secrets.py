from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from fleetd.config.daemon import SecretsSection
from fleetd.config.discovery import CredentialEntry
from fleetd.config.secret_file import SecretFile, cipher, generate_key
from fleetd.config.secrets import MAX_BYTES, SecretReader
from fleetd.domain.errors import SecretUnavailable
from fleetd.domain.ports import Credentials

SECRET = "correct horse"


def reader(
    directory: Path,
    *,
    environment: Mapping[str, str] | None = None,
    key: str | None = None,
    learned: list[str] | None = None,
) -> SecretReader:
    return SecretReader(
        SecretsSection(key=key),
        environment=environment or {},
        state_directory=directory,
        learned=(learned if learned is not None else []).append,
    )


def private(path: Path, text: str = f"{SECRET}\n") -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.mark.asyncio
async def test_a_secret_comes_from_a_private_file(tmp_path: Path) -> None:
    path = private(tmp_path / "password")

    assert await reader(tmp_path).read(f"file:{path}") == SECRET


@pytest.mark.asyncio
async def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    assert await reader(tmp_path, environment={"BMC": SECRET}).read("env:BMC") == SECRET


@pytest.mark.asyncio
async def test_a_secret_comes_from_systemds_credentials(tmp_path: Path) -> None:
    private(tmp_path / "bmc").chmod(0o440)
    given = reader(tmp_path, environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert await given.read("credential:bmc") == SECRET
    with pytest.raises(SecretUnavailable, match="has no slash"):
        await given.read("credential:../bmc")
    with pytest.raises(SecretUnavailable, match="systemd passed no credentials"):
        await reader(tmp_path).read("credential:bmc")


@pytest.mark.asyncio
async def test_a_secret_comes_from_our_own_encrypted_file(tmp_path: Path) -> None:
    key = private(tmp_path / "key", generate_key())
    given = reader(tmp_path, key=f"file:{key}")
    given.secret_file().set("bmc", SECRET)

    assert await given.read("secret:bmc") == SECRET
    assert SECRET not in (tmp_path / "secrets.json").read_text()
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
async def test_a_file_that_others_can_get_at_is_refused(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "password")
    path.chmod(mode)

    with pytest.raises(SecretUnavailable, match="chmod 600") as caught:
        await reader(tmp_path).read(f"file:{path}")

    assert str(caught.value).startswith(f"file:{path}: has mode {mode:04o}")


@pytest.mark.asyncio
async def test_what_is_no_readable_secret_is_refused_by_its_reference(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", mode=0o600)
    private(tmp_path / "empty", "\n")
    private(tmp_path / "large", "x" * (MAX_BYTES + 1))
    private(tmp_path / "binary").write_bytes(b"secret\xff")
    given = reader(tmp_path)

    for reference, reason in {
        f"file:{tmp_path}/missing": "No such file",
        f"file:{tmp_path}/pipe": "not a regular file",
        f"file:{tmp_path}": "not a regular file",
        f"file:{tmp_path}/empty": "is empty",
        f"file:{tmp_path}/large": "is larger",
        f"file:{tmp_path}/binary": "is not UTF-8",
        "env:MISSING": "not set",
        "secret:bmc": "holds no secret of this name",
    }.items():
        with pytest.raises(SecretUnavailable, match=reason) as caught:
            await given.read(reference)
        assert str(caught.value).startswith(reference)


@pytest.mark.asyncio
async def test_a_reference_that_is_a_secret_by_mistake_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable) as caught:
        await reader(tmp_path).read("hunter2:x")

    assert "hunter2" not in str(caught.value)


@pytest.mark.asyncio
async def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = private(tmp_path / "password", "old")
    given = reader(tmp_path)
    before = await given.read(f"file:{path}")

    private(tmp_path / "next", "new").replace(path)

    assert (before, await given.read(f"file:{path}")) == ("old", "new")


@pytest.mark.asyncio
async def test_reading_leaves_the_event_loop_free(tmp_path: Path) -> None:
    path = private(tmp_path / "password")
    threads: list[int] = []
    given = SecretReader(
        SecretsSection(),
        environment={},
        state_directory=tmp_path,
        learned=lambda _: threads.append(threading.get_ident()),
    )

    await asyncio.gather(*(given.read(f"file:{path}") for _ in range(5)))

    assert threading.get_ident() not in threads
    assert len(threads) == 5


@pytest.mark.asyncio
async def test_who_redacts_hears_of_every_secret(tmp_path: Path) -> None:
    heard: list[str] = []
    key = private(tmp_path / "key", generate_key())
    given = reader(tmp_path, key=f"file:{key}", learned=heard)
    given.secret_file().set("bmc", SECRET)

    await given.read("secret:bmc")

    assert {key.read_text(), SECRET} == set(heard)


@pytest.mark.asyncio
async def test_a_credential_is_found_by_its_name_also_after_a_reload(tmp_path: Path) -> None:
    entry = CredentialEntry(name="factory", username="root", password="env:BMC")
    given = reader(tmp_path, environment={"BMC": SECRET})
    credentials: Credentials = given

    with pytest.raises(SecretUnavailable, match="'factory' is not under"):
        await credentials.credential("factory")
    given.use([entry])
    found = await credentials.credential("factory")

    assert (found.username, found.password) == ("root", SECRET)
    assert SECRET not in repr(found)


def test_the_wrong_key_is_told_without_the_content(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    SecretFile(path, cipher(generate_key(), reference="env:A")).set("bmc", SECRET)
    other = SecretFile(path, cipher(generate_key(), reference="env:B"))

    with pytest.raises(SecretUnavailable) as caught:
        other.get("bmc")

    assert str(caught.value).startswith("secret:bmc: the key of")
    assert other.names() == ("bmc",)


def test_keys_are_rotated_by_putting_the_new_one_first(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    old, new = generate_key(), generate_key()
    SecretFile(path, cipher(old, reference="k")).set("bmc", SECRET)

    rotated = SecretFile(path, cipher(f"{new}\n{old}\n", reference="k")).rotate()

    assert rotated == 1
    assert SecretFile(path, cipher(new, reference="k")).get("bmc") == SECRET
    with pytest.raises(SecretUnavailable):
        SecretFile(path, cipher(old, reference="k")).get("bmc")


def test_a_token_moved_to_another_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = SecretFile(path, cipher(generate_key(), reference="k"))
    secrets.set("guest", SECRET)
    path.write_text(path.read_text().replace('"guest"', '"admin"'))

    with pytest.raises(SecretUnavailable, match="another secret in its place"):
        secrets.get("admin")


def test_a_deleted_secret_is_gone(tmp_path: Path) -> None:
    secrets = SecretFile(tmp_path / "secrets.json", cipher(generate_key(), reference="k"))
    secrets.set("bmc", SECRET)

    secrets.delete("bmc")

    assert secrets.names() == ()
    with pytest.raises(SecretUnavailable, match="no secret of this name"):
        secrets.delete("bmc")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = SecretFile(path, cipher(generate_key(), reference="k"))
    secrets.set("bmc", SECRET)
    before = path.read_bytes()
    path.with_name(".secrets.json.lock").unlink()
    path.with_name(".secrets.json.lock").mkdir()

    with pytest.raises(SecretUnavailable, match="cannot be locked"):
        secrets.set("bmc", "other")

    assert path.read_bytes() == before


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    keys = cipher(generate_key(), reference="k")
    path = tmp_path / "secrets.json"
    names = [f"bmc-{number}" for number in range(12)]
    threads = [
        threading.Thread(target=SecretFile(path, keys).set, args=(name, SECRET)) for name in names
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert SecretFile(path, keys).names() == tuple(sorted(names))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        ".secrets.json.lock",
        "secrets.json",
    ]


@pytest.mark.parametrize("text", ["", "not a key", "AAAA", "passphrase " * 9])
def test_what_is_no_key_is_refused_by_its_reference(text: str) -> None:
    with pytest.raises(SecretUnavailable, match="env:KEY: is not a key") as caught:
        cipher(text, reference="env:KEY")

    assert "passphrase" not in str(caught.value)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"version": 2, "secrets": {}}', '{"version": 1, "secrets": []}']
)
def test_what_is_no_file_of_secrets_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)

    with pytest.raises(SecretUnavailable, match="is not a file of secrets"):
        SecretFile(path).names()


@pytest.mark.parametrize("name", ["", "a/b", "-a", "a" * 64])
def test_a_secrets_name_is_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(SecretUnavailable, match="letters, digits"):
        SecretFile(tmp_path / "s", cipher(generate_key(), reference="k")).set(name, SECRET)
