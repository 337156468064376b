"""The record of a drill: read by anybody, altered by nobody unnoticed, and made again with the same bytes."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from deploy.evidence.manifest import manifest_text
from deploy.evidence.verification import UnverifiableError
from runbooks.drills.record import verify_record
from sanso import run

TOWN = Path(__file__).parents[2] / "cities/town"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drill at the table, answered by nobody."""
    folder = tmp_path_factory.mktemp("drill")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANSO_STATE", str(folder / "state"))
        words = ["drill", "run", "data-center-lost", str(TOWN), "--tabletop", "--decide-automatically", "--as", "田中"]
        assert run([*words, "--participant", "commander=佐藤", "-o", str(folder / "record")]) == 0
        assert run(["drill", "report", "-o", str(folder / "again")]) == 0
    return folder / "record"


def test_it_is_whole_and_made_again_the_same(record: Path) -> None:
    found = verify_record(record)
    assert found.whole
    again = record.parent / "again"
    assert verify_record(again, found.digest).anchored


def test_one_changed_byte_of_any_file_is_noticed(record: Path) -> None:
    files = [path for path in record.rglob("*") if path.is_file()]
    assert len(files) > 10
    for file in files:
        content = file.read_bytes()
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        try:
            assert not verify_record(record).whole, file.name
        finally:
            file.write_bytes(content)
    assert verify_record(record).whole


def test_a_verdict_that_is_not_the_journals_is_noticed(record: Path, tmp_path: Path) -> None:
    for path in record.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(record)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    facts = json.loads((tmp_path / "manifest.json").read_text())
    facts["drill"]["verdict"] = "missed"
    (tmp_path / "manifest.json").write_text(json.dumps(facts))
    files = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256"
    }
    (tmp_path / "MANIFEST.sha256").write_text(manifest_text(files))
    assert ["`drill`" in problem.en for problem in verify_record(tmp_path).problems] == [True]


def test_what_is_no_record_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UnverifiableError, match="no drill's record"):
        verify_record(tmp_path)


def test_the_report_is_japanese_and_needs_no_network(record: Path) -> None:
    page = (record / "index.html").read_text(encoding="utf-8")
    for wanted in (
        "総合判定",
        "目標復旧時間",
        "目標開始時間",
        "課題と改善",
        "計画の改訂",
        "決",
        "佐藤",
        "田中",
        "机上訓練",
    ):
        assert wanted in page
    assert re.findall(r"(?:src|href)=\"(?!#)", page) == []
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    assert "<svg" in page


def test_the_pdf_says_the_same_in_an_embedded_font(record: Path) -> None:
    pdf = PdfReader(io.BytesIO((record / "report.pdf").read_bytes()))
    text = "".join(part.extract_text() for part in pdf.pages)
    assert "訓練実施報告書" in text
    assert "証明書の発行" in text
    fonts = {
        font.get_object()["/BaseFont"] for part in pdf.pages for font in part["/Resources"].get("/Font", {}).values()
    }
    assert any("IPA" in name or "CJK" in name or "Noto" in name for name in fonts)
