"""What an evidence pack holds, and that it can be read anywhere."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from evidence_packs import DAY, NOW, PLAN, TINY, applied, journal, material
from pypdf import PdfReader

import sanso
from deploy.evidence.chapters import book, pages
from deploy.evidence.material import Material, intended_material, running_material
from deploy.evidence.pack import pack_files, write_pack
from deploy.evidence.print import PrintingError, pdf
from deploy.planning import Survey
from inventory.loader import load_city
from network.compiled import compile_city
from network.documents import FolderError, documents
from network.parse import parse

MINI = TINY.parent / "mini"
LOADS = re.compile(
    r"(?:src|action|srcset|poster|data)\s*=|@import|url\(|<script|<iframe|<object|<link|https?://", re.IGNORECASE
)


@pytest.fixture(scope="module")
def tiny() -> Material:
    return applied()


@pytest.fixture(scope="module")
def files(tiny: Material) -> dict[str, bytes]:
    return pack_files(tiny)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.rsplit("</style>", maxsplit=1)[-1]))


def test_it_holds_every_chapter_and_the_data_behind_it(files: dict[str, bytes]) -> None:
    chapters = {f"{name}.html" for name in ("index", "proof", "register", "controls", "journal", "configurations")}
    data = {"city.json", "proof.json", "controls.json", "register.csv", "journal.jsonl", "manifest.json"}
    assert {name for name in files if "/" not in name} == chapters | data | {"evidence.pdf", "MANIFEST.sha256"}


def test_the_sheets_and_configurations_are_those_of_compile(files: dict[str, bytes]) -> None:
    compiled = compile_city(load_city(TINY, DAY), DAY)
    expected = documents(compiled.fabric, compiled.states, compiled.texts)
    found = {name.removeprefix("parameters/"): text.decode() for name, text in files.items() if "parameters/" in name}
    assert found == expected
    for name, text in compiled.texts.items():
        assert files[f"configurations/{name}.conf"].decode() == text


def test_no_page_loads_anything(files: dict[str, bytes]) -> None:
    own = {name: text.decode() for name, text in files.items() if name.endswith(".html") and "/" not in name}
    assert own
    assert {name: LOADS.findall(text) for name, text in own.items() if LOADS.search(text)} == {}
    for name, text in own.items():
        for target in re.findall(r'href="([^"#]+)"', text):
            assert target in files, (name, target)


def test_the_cover_says_what_it_is_about_and_what_came_out(files: dict[str, bytes]) -> None:
    said = words(files["index.html"].decode())
    for part in (
        "極小試験町",
        "2026-11-20",
        "2026-11-21 00:30:00(日本時間)",
        "2025-03",
        "αモデル",
        "分離の証明 ○ 証明できた",
    ):
        assert part in said
    assert hashlib.sha256(files["city.json"]).hexdigest() in said
    assert "sanso evidence verify" in said
    assert "控え" in said


def test_every_control_is_shown_with_its_basis_and_evidence(files: dict[str, bytes]) -> None:
    page = files["controls.html"].decode()
    judged = json.loads(files["controls.json"])["controls"]
    assert len(judged) == 58
    said = words(page)
    for control in judged:
        assert f'id="{control["id"]}"' in page
        assert all(item["what"]["ja"] in said for item in control["evidence"] if "&" not in item["what"]["ja"])
    assert "K と P は国の基準ではありません" in said
    for status in ("適合", "不適合", "対象外", "判定不可"):
        assert status in said


def test_the_register_is_shown_and_can_be_read_by_a_spreadsheet(files: dict[str, bytes]) -> None:
    flow = load_city(TINY, DAY).flows["f001"]
    said = words(files["register.html"].decode())
    assert all(text in said for text in ("f001", flow.title, flow.reason, flow.owner, flow.approver, flow.document))
    rows = list(csv.DictReader(io.StringIO(files["register.csv"].decode("utf-8-sig"))))
    assert [row["番号"] for row in rows] == ["f001"]


def test_the_journal_is_told_in_japans_time_and_exported_whole(
    files: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = words(files["journal.html"].decode())
    assert "2026-11-19 22:00:01" in said
    for part in ("sato", "suzuki", f"{PLAN}-1", "変更後の設定で完了", "全機器の設定が一致", "○ 完全"):
        assert part in said
    assert f"証明 {'d' * 12}: 分離 証明済み" in said
    assert "是正猶予 single (2027-03-31 まで): 指摘 2 件" in said
    export = tmp_path / "journal.jsonl"
    export.write_bytes(files["journal.jsonl"])
    assert sanso.run(["--lang", "en", "history", "--file", str(export), "--verify"]) == 0
    assert "is whole: 6 rows" in capsys.readouterr().err


def test_a_configuration_is_found_again_in_the_journal(tiny: Material, files: dict[str, bytes]) -> None:
    said = words(files["configurations.html"].decode())
    assert f"○ 変更 {PLAN}-1 の結果と一致" in said
    assert said.count("記録なし") == len(tiny.configurations) - 1
    assert "とは異なる本文" in words(pages(material(journal()))["configurations.html"])


def test_a_city_without_a_journal_says_so() -> None:
    made = pages(material(None))
    assert "変更記録がありません" in words(made["journal.html"])


def test_a_broken_journal_is_told_and_only_what_stands_before_the_break() -> None:
    rows = journal()
    rows[3] = replace(rows[3], body={"side": "old"})
    said = words(pages(material(rows))["journal.html"])
    assert "4 行目で壊れています" in said
    assert "2026-11-19 22:00:02" in said
    assert "2026-11-19 22:00:05" not in said


def test_a_waived_finding_is_told_with_its_waiver() -> None:
    made = intended_material(load_city(MINI, DAY), DAY, NOW, None)
    said = words(pages(made)["proof.html"])
    assert made.proof.findings
    assert all(finding.what.ja in said and finding.key in said for finding in made.proof.findings)
    assert "指摘(0 件) 是正猶予中のもの(次の表)のほかにはありません" in said
    waiver = made.city.waivers["single"]
    assert f"single: {waiver.expires_on} まで" in said
    assert waiver.reason in said
    assert "△ 是正猶予のほかは成り立つ" in words(pages(made)["index.html"])


def test_what_devices_run_is_told_with_counterexample_and_without_secrets() -> None:
    city = load_city(MINI, DAY)
    compiled = compile_city(city, DAY)
    texts = dict(compiled.texts)
    wrong = texts["hall-core1"].replace("interface eth3.201 vrf lgwan", "interface eth3.201 vrf internet")
    texts["hall-core1"] = f"{wrong}password geheim\n!\n"
    parsed = {name: parse(compiled.fabric.devices[name].spec.platform, name, text) for name, text in texts.items()}
    made = running_material(Survey(compiled.fabric, compiled.states, texts, parsed, {}, {}), DAY, NOW, None)
    assert "geheim" not in "".join(made.configurations.values())
    assert len(made.configurations["hall-core1"].splitlines()) == len(texts["hall-core1"].splitlines())
    told = pages(made)
    assert "geheim" not in "".join(told.values())
    said = words(told["proof.html"])
    assert "稼働中の機器から読み取った設定" in said
    assert "× 成り立ちません" in said
    assert "tcp 10.24.16.100:49152 → 10.32.16.100:443" in said
    assert "該当行hall-core1:" in said
    assert "× C53" in words(told["controls.html"])


def test_the_pdf_has_every_chapter_in_japanese_with_page_numbers(files: dict[str, bytes]) -> None:
    reader = PdfReader(io.BytesIO(files["evidence.pdf"]))
    texts = [page.extract_text() for page in reader.pages]
    whole = "".join(texts).replace("\n", "")
    for part in (
        "極小試験町三層ネットワーク",
        "分離・疎通・単一障害点の証明",
        "通信登録簿",
        "管理策の判定",
        "パラメータシートhall-fw1",
    ):
        assert part in whole.replace(" ", "")
    assert [f"{number} / {len(texts)}" in text for number, text in enumerate(texts, start=1)] == [True] * len(texts)
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get_object()["/Font"].get_object().values()  # type: ignore[index]  # pypdf's own
    }
    assert any("IPAexGothic" in font for font in fonts), fonts


def test_the_same_material_gives_the_same_bytes(tiny: Material, files: dict[str, bytes]) -> None:
    assert pdf(book(tiny)) == files["evidence.pdf"]
    assert pages(applied()) == {name: files[name].decode() for name in pages(tiny)}
    later = replace(tiny, created=NOW + dt.timedelta(minutes=1))
    assert pages(later)["index.html"] != pages(tiny)["index.html"]


def test_text_from_the_inventory_cannot_break_a_page(tiny: Material) -> None:
    flow = tiny.city.flows["f001"].model_copy(update={"title": "<script>alert(1)</script>"})
    city = tiny.city.model_copy(update={"flows": {"f001": flow}, "title": "<b>町</b>"})
    fabric = replace(tiny.fabric, city=city)
    changed = replace(tiny, subject=replace(tiny.subject, fabric=fabric))
    assert "<script>" not in "".join(pages(changed).values())
    assert "<b>町" not in book(changed)


def test_without_a_japanese_font_no_pdf_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PrintingError, match="no Japanese font"):
        pdf("<p>あ</p>")


def test_only_a_pack_is_replaced(files: dict[str, bytes], tmp_path: Path) -> None:
    target = tmp_path / "pack"
    small = {name: files[name] for name in ("manifest.json", "MANIFEST.sha256")}
    write_pack(target, {**small, "old.txt": b"old"})
    write_pack(target, small)
    assert sorted(path.name for path in target.iterdir()) == sorted(small)
    (target / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FolderError, match="was not written by sanso evidence"):
        write_pack(target, small)
    assert (target / "manifest.json").read_text(encoding="utf-8") == "{}"


SMALL = {
    **dict.fromkeys(("a.html", "b/c.html", "MANIFEST.sha256"), b"new " * 1000),
    "manifest.json": b'{"format": "sanso-evidence-1"}',
}


def written_and_struck(target: Path, strike: signal.Signals, nth: int) -> int:
    """Write a small pack in a process that gets a signal before its nth call to the disk; how it ended."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    left = nth

    def watched(real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == -1:
                os.kill(os.getpid(), strike)
            return real(*given, **named)

        return call

    for name in ("fsync", "rename", "open", "mkdir"):
        setattr(os, name, watched(getattr(os, name)))
    code = 1
    try:
        write_pack(target, SMALL)
        code = 0
    except KeyboardInterrupt:
        code = 2
    finally:
        os._exit(code)


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("strike", [signal.SIGKILL, signal.SIGINT])
def test_a_strike_at_any_moment_leaves_no_half_pack(tmp_path: Path, strike: signal.Signals, older: bool) -> None:  # noqa: FBT001 a case
    struck = 0
    for nth in range(100):
        place = tmp_path / f"{nth}"
        target = place / "pack"
        place.mkdir()
        if older:
            write_pack(target, {**SMALL, "a.html": b"old"})
        status = written_and_struck(target, strike, nth)
        there = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*.*")}
        assert there in ({}, {**SMALL, "a.html": b"old"}, SMALL)
        if strike is signal.SIGINT:
            assert bool(there) or not older
            left = [path for path in place.rglob("*") if path.is_file() and target not in path.parents]
            # Once the new pack is in place, all that an interrupt can leave is a part of the old one.
            assert left == [] or there == SMALL
        if status == 0:
            break
        struck += 1
    assert struck > 10
    assert [path.name for path in place.iterdir()] == ["pack"]
