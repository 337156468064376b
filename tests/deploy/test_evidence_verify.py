"""`sanso evidence`: packs made and verified from the command line; whatever is changed is noticed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from evidence_packs import TINY, applied

import sanso
from deploy import chain
from deploy.evidence.manifest import manifest_text
from deploy.evidence.pack import pack_files, write_pack


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence") / "pack"
    write_pack(folder, pack_files(applied()))
    return folder


@pytest.fixture
def pack(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "pack"))


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANSO_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "400")


def told(capsys: pytest.CaptureFixture[str], code: int, *words: str, lang: str = "en") -> str:
    assert sanso.run(["--lang", lang, "evidence", *words]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def verified(capsys: pytest.CaptureFixture[str], code: int, pack: Path, *words: str, lang: str = "en") -> str:
    return told(capsys, code, "verify", str(pack), *words, lang=lang)


def manifest_digest(pack: Path) -> str:
    return hashlib.sha256((pack / "MANIFEST.sha256").read_bytes()).hexdigest()


def forge(pack: Path) -> None:
    """Make a manifest that fits what the folder holds now."""
    there = {path.relative_to(pack).as_posix(): path for path in pack.rglob("*") if path.is_file()}
    del there["MANIFEST.sha256"]
    text = manifest_text({name: path.read_bytes() for name, path in there.items()})
    (pack / "MANIFEST.sha256").write_text(text, encoding="utf-8")


def test_a_pack_is_whole_and_says_what_that_does_not_show(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = verified(capsys, 0, pack)
    assert "none is missing, none was added" in said
    assert "compare this digest with the one noted" in said
    assert "欠落も追加もありません" in verified(capsys, 0, pack, lang="ja")
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "MANIFEST.sha256"], cwd=pack, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


FILES = (
    "index.html", "proof.html", "register.html", "controls.html", "journal.html", "configurations.html",
    "evidence.pdf", "proof.json", "controls.json", "register.csv", "journal.jsonl", "city.json", "manifest.json",
    "configurations/hall-fw1.conf", "parameters/sheets/hall-fw1.html", "parameters/network.svg",
    "parameters/style.css", "parameters/addresses.csv", "parameters/hosts",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_one_changed_byte_is_noticed(pack: Path, capsys: pytest.CaptureFixture[str], name: str, place: float) -> None:
    content = bytearray((pack / name).read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    (pack / name).write_bytes(content)
    assert f"{name}: changed; its SHA-256 is {hashlib.sha256(content).hexdigest()}" in verified(capsys, 1, pack)
    assert f"{name}: 変更されています" in verified(capsys, 1, pack, lang="ja")


def test_a_changed_byte_of_the_manifest_is_noticed_wherever_it_is(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = pack / "MANIFEST.sha256"
    whole = manifest.read_bytes()
    for place in range(0, len(whole), 97):
        manifest.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert "NOT as it was made" in verified(capsys, 1, pack), place


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pack: (pack / "proof.html").unlink(), "proof.html: missing"),
        (lambda pack: (pack / "notes.txt").write_text("x"), "notes.txt: added"),
        (lambda pack: (pack / "configurations" / "x.conf").write_text("x"), "configurations/x.conf: added"),
        (lambda pack: (pack / "empty").mkdir(), "empty: added"),
        (lambda pack: (pack / "link").symlink_to("index.html"), "link: added"),
    ],
)
def test_what_is_missing_or_added_is_named(
    pack: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], object], said: str
) -> None:
    change(pack)
    assert said in verified(capsys, 1, pack)


def test_a_file_replaced_by_a_link_to_its_like_is_noticed(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "proof.html").rename(pack.parent / "proof.html")
    (pack / "proof.html").symlink_to(pack.parent / "proof.html")
    assert "proof.html: not a plain file" in verified(capsys, 1, pack)


def test_swapped_and_strange_manifest_lines_are_named(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = pack / "MANIFEST.sha256"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join([lines[1], lines[0], *lines[2:]]), encoding="utf-8")
    assert "MANIFEST.sha256 line 2" in verified(capsys, 1, pack)
    manifest.write_text("".join([*lines, f"{'0' * 64}  ../outside\n"]), encoding="utf-8")
    assert f"MANIFEST.sha256 line {len(lines) + 1} is no digest and path" in verified(capsys, 1, pack)
    manifest.write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    assert "out of order" in verified(capsys, 1, pack)
    manifest.write_text("".join(lines).replace("\n", "\r\n"), encoding="utf-8")
    assert "not spelt" in verified(capsys, 1, pack)


def test_hashes_swapped_between_two_lines_are_noticed(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = pack / "MANIFEST.sha256"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[0], lines[1] = lines[1][:64] + lines[0][64:], lines[0][:64] + lines[1][64:]
    manifest.write_text("".join(lines), encoding="utf-8")
    assert "2 finding(s)" in verified(capsys, 1, pack)


def cut_the_journal(pack: Path) -> None:
    lines = (pack / "journal.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (pack / "journal.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")


def rewrite_the_journal(pack: Path) -> None:
    text = (pack / "journal.jsonl").read_text(encoding="utf-8")
    (pack / "journal.jsonl").write_text(text.replace('"by":"suzuki"', '"by":"tanaka"'), encoding="utf-8")


def drop_the_journal(pack: Path) -> None:
    (pack / "journal.jsonl").unlink()


def turn_the_proof(pack: Path) -> None:
    told = json.loads((pack / "proof.json").read_text(encoding="utf-8"))
    told["claims"]["separation"] = "findings"
    (pack / "proof.json").write_text(json.dumps(told), encoding="utf-8")


def pass_a_control(pack: Path) -> None:
    told = json.loads((pack / "controls.json").read_text(encoding="utf-8"))
    next(item for item in told["controls"] if item["status"] == "fail")["status"] = "pass"
    (pack / "controls.json").write_text(json.dumps(told), encoding="utf-8")


def add_a_row(pack: Path) -> None:
    text = (pack / "register.csv").read_bytes()
    (pack / "register.csv").write_bytes(text + text.splitlines(keepends=True)[-1])


def edit_the_city(pack: Path) -> None:
    text = (pack / "city.json").read_text(encoding="utf-8")
    (pack / "city.json").write_text(text.replace("2025-03", "2024-10", 1), encoding="utf-8")


def swap_a_configuration(pack: Path) -> None:
    (pack / "configurations" / "hall-fw1.conf").write_text("table inet x {\n}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cut_the_journal, "`journal`"),
        (rewrite_the_journal, "journal.jsonl: the journal's chain is broken at row 1"),
        (drop_the_journal, "`journal`"),
        (turn_the_proof, "`proof`"),
        (pass_a_control, "`controls`"),
        (add_a_row, "`register`"),
        (edit_the_city, "`city`"),
        (swap_a_configuration, "`configurations`"),
    ],
)
def test_a_forger_who_mends_the_manifest_is_still_noticed(
    pack: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], None], said: str
) -> None:
    noted = manifest_digest(pack)
    change(pack)
    forge(pack)
    assert said in verified(capsys, 1, pack)
    assert "not the one that was noted" in verified(capsys, 1, pack, "--digest", noted)


def test_only_the_noted_digest_shows_that_all_was_replaced(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noted = manifest_digest(pack)
    (pack / "index.html").write_text("<p>すべて適合</p>", encoding="utf-8")
    forge(pack)
    assert "none was added" in verified(capsys, 0, pack)
    assert "not the one that was noted" in verified(capsys, 1, pack, "--digest", noted)


def test_a_digest_is_taken_as_it_is_copied_from_paper(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noted = manifest_digest(pack)
    grouped = " ".join(noted[place : place + 8] for place in range(0, 64, 8)).upper()
    assert "the digest that was noted" in verified(capsys, 0, pack, "--digest", grouped)
    assert "控えのハッシュ値と一致します" in verified(capsys, 0, pack, "--digest", noted, lang="ja")
    assert "is no SHA-256" in verified(capsys, 64, pack, "--digest", noted[:-1])


def test_a_journal_that_was_broken_already_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = applied()
    assert whole.journal is not None
    rows = list(whole.journal)
    rows[2] = replace(rows[2], body={"x": 1})
    files = pack_files(replace(whole, journal=rows))
    write_pack(tmp_path / "pack", files)
    assert "chain is broken at row 3" in verified(capsys, 1, tmp_path / "pack")
    assert chain.export_lines(rows).encode() == files["journal.jsonl"]


def test_what_is_no_pack_could_not_be_verified(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no evidence pack" in verified(capsys, 2, tmp_path / "none")
    assert "は証跡一式ではありません" in verified(capsys, 2, tmp_path, lang="ja")
    (pack / "MANIFEST.sha256").unlink()
    assert "it has no MANIFEST.sha256" in verified(capsys, 2, pack)


def test_facts_of_another_format_are_told(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "manifest.json").write_text("[]", encoding="utf-8")
    forge(pack)
    assert "manifest.json: not the facts" in verified(capsys, 1, pack)


def test_a_pack_is_made_by_the_command_as_of_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out"
    said = told(capsys, 0, "-o", str(target), str(TINY), "--on", "2026-11-20")
    assert f"Note this digest of the manifest outside of the pack: {manifest_digest(target)}" in said
    facts = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    assert facts["proof"]["day"] == "2026-11-20"
    assert facts["journal"] is None
    verified(capsys, 0, target)
    assert sorted(os.listdir(tmp_path)) == ["out"]  # noqa: PTH208 names only


def test_somebody_elses_folder_is_refused_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "theirs.txt").write_text("precious", encoding="utf-8")
    said = told(capsys, 2, "no-such-city", "-o", str(tmp_path))
    assert "was not written by sanso evidence" in said


def test_the_help_names_both_uses(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, 0, "--help")
    assert "CITY" in said
    assert "verify" in said
    assert "./verify" in told(capsys, 0, "yasu", "--help")
    assert "Missing" in told(capsys, 64, "yasu")
