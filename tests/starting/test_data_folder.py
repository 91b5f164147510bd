from __future__ import annotations

import stat
from pathlib import Path

import pytest

from starting.data_folder import FORMAT, INCOMPLETE, DataFolder, write_private
from starting.failures import Unusable


def made(path: Path) -> DataFolder:
    """A folder whose first start has succeeded."""
    folder = DataFolder(path)
    with folder.claim(), folder.making():
        (path / "caseloom.db").write_text("rows")
        folder.complete()
    return folder


def test_it_is_made_private_and_found_again(tmp_path: Path) -> None:
    folder = made(tmp_path / "a" / "data")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert folder.is_complete
    with folder.claim(), folder.making():
        assert (folder.path / "caseloom.db").read_text() == "rows"


def test_one_that_was_opened_is_closed_again(tmp_path: Path) -> None:
    folder = made(tmp_path)
    folder.path.chmod(0o755)
    with folder.claim():
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_only_one_instance_at_a_time(tmp_path: Path) -> None:
    folder = made(tmp_path)
    with folder.claim(), pytest.raises(Unusable, match=r"another Caseloom \(process \d+\) uses the data folder"):
        DataFolder(tmp_path).claim().__enter__()
    with folder.claim():
        pass


def test_half_of_one_is_refused_until_it_is_reset(tmp_path: Path) -> None:
    (tmp_path / FORMAT).write_text("1\n")
    (tmp_path / INCOMPLETE).touch()
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "old").touch()
    folder = DataFolder(tmp_path)
    with pytest.raises(Unusable, match=r"half-written.*--reset, or remove the folder"):
        folder.claim().__enter__()
    with folder.claim(reset=True), folder.making():
        assert not (tmp_path / "mail").exists()
        folder.complete()
    assert folder.is_complete


def test_a_first_start_that_fails_takes_back_what_it_made(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)

    def fail() -> None:
        with folder.claim(), folder.making():
            (tmp_path / "caseloom.db").touch()
            folder.logs.mkdir()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert {entry.name for entry in tmp_path.iterdir()} == {"lock", "logs"}
    made(tmp_path)


def test_a_later_start_that_fails_takes_nothing_back(tmp_path: Path) -> None:
    folder = made(tmp_path)
    with pytest.raises(RuntimeError), folder.claim(), folder.making():
        raise RuntimeError
    assert (tmp_path / "caseloom.db").exists()


@pytest.mark.parametrize("reset", [False, True])
def test_somebody_elses_folder_is_left_alone(tmp_path: Path, reset: bool) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(Unusable, match=r"holds other files \(thesis\.txt\)"):
        DataFolder(tmp_path).claim(reset=reset).__enter__()
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Unusable, match=r"cannot be made.*--data"):
        DataFolder(tmp_path / "data").claim().__enter__()


def test_a_format_of_the_future_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (tmp_path / FORMAT).write_text("2\n")
    with pytest.raises(Unusable, match="has format '2', and this version reads 1"):
        folder.claim().__enter__()


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "access.json"
    file.write_text("old and readable by all")
    write_private(file, "{}")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("{}", 0o600)
    assert list(tmp_path.iterdir()) == [file]
