"""Installing into the lab, with a wheel made on the spot in place of Ironic from the index."""

from __future__ import annotations

import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fleetd_emulators.lab import LabError, install, is_installed
from fleetd_emulators.lab.main import main


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A distribution whose ``ironic`` command starts and ends."""
    path = tmp_path / "standin-1.0-py3-none-any.whl"
    info = "standin-1.0.dist-info"
    files = {
        "standin.py": "def main():\n    print('1.0')\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: standin\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nironic = standin:main\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, text)
    return path


def test_an_install_is_made_once_with_progress(tmp_path: Path, wheel: Path) -> None:
    told: list[str] = []

    first = install(tmp_path / "lab", requirements=[str(wheel)], progress=told.append)
    stages = len(told)
    second = install(tmp_path / "lab", requirements=[str(wheel)], progress=told.append)

    assert first == second
    assert (first / "bin" / "ironic").exists()
    assert [line[:3] for line in told[:stages]] == ["1/3", "2/3", "3/3"]
    assert len(told) == stages
    assert is_installed(tmp_path / "lab", requirements=[str(wheel)])
    assert not is_installed(tmp_path / "lab", requirements=["ironic>=999"])


def test_a_half_finished_install_is_made_anew_by_one_of_two_at_once(
    tmp_path: Path, wheel: Path
) -> None:
    left_over = tmp_path / "lab" / "ironic" / "left-over"
    left_over.parent.mkdir(parents=True)
    left_over.touch()
    told: list[str] = []

    def one() -> Path:
        return install(tmp_path / "lab", requirements=[str(wheel)], progress=told.append)

    with ThreadPoolExecutor(2) as both:
        first, second = both.submit(one), both.submit(one)

    assert first.result() == second.result()
    assert sum(line.startswith("2/3") for line in told) == 1
    assert is_installed(tmp_path / "lab", requirements=[str(wheel)])
    assert not left_over.exists()


def test_what_cannot_be_installed_is_said_in_one_sentence(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing-1.0-py3-none-any.whl")

    with pytest.raises(LabError, match=r"^cannot install Ironic: ERROR: [^\n]*missing") as failure:
        install(tmp_path / "lab", requirements=[missing], progress=lambda _: None)

    assert "\n" not in str(failure.value)
    assert not is_installed(tmp_path / "lab", requirements=[missing])


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(LabError, match="cannot write below"):
        install(file / "lab", progress=lambda _: None)


def test_nothing_is_up_where_nothing_was_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--directory", str(tmp_path), "status"])

    assert code == 1
    assert '"installed": false' in capsys.readouterr().out
