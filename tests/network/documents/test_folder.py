"""A folder is written whole or not at all, and nothing of anybody else's is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.documents import FolderError, write_folder
from network.documents import folder as folder_module


def content(path: Path) -> dict[str, str]:
    files = (file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    return {str(file.relative_to(path)): file.read_text(encoding="utf-8") for file in files}


def test_it_holds_exactly_the_files(tmp_path: Path) -> None:
    write_folder(tmp_path / "new" / "out", {"a.txt": "一\n", "b/c.txt": "2\n"})
    assert content(tmp_path / "new" / "out") == {"a.txt": "一\n", "b/c.txt": "2\n"}


def test_a_second_run_replaces_the_first_as_a_whole(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", {"a.txt": "1", "gone.txt": "1"})
    write_folder(tmp_path / "out", {"a.txt": "2"})
    assert content(tmp_path / "out") == {"a.txt": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", {"a.txt": "1"})
    assert content(tmp_path / "out") == {"a.txt": "1"}


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_not_ours_stays_as_it_is(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out"
    if kind == "folder":
        target.mkdir()
        (target / "theirs.txt").write_text("precious", encoding="utf-8")
    elif kind == "file":
        target.write_text("precious", encoding="utf-8")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FolderError) as caught:
        write_folder(target, {"a.txt": "1"})
    assert caught.value.say("en") == (
        f"{target} exists and was not written by sanso compile; it stays as it is.\n"
        "  Hint: Choose a folder that does not exist yet, or remove this one yourself."
    )
    assert "手を付けません" in caught.value.say("ja")
    assert not (target / "a.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_that_fails_half_way_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path / "out", {"a.txt": "old"})

    def full(_path: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FolderError, match="No space left on device"):
        write_folder(tmp_path / "out", {"a.txt": "new"})
    assert content(tmp_path / "out") == {"a.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_interrupt_between_the_two_renames_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "out", {"a.txt": "old"})
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(folder_module.Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "out", {"a.txt": "new"})
    assert content(tmp_path / "out") == {"a.txt": "old"}
