"""`sanso check` and `sanso schema` as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from inventory.schema import schema_text
from tests.inventory.mutation import MINI

ROOT = Path(__file__).parents[2]
CITY = str(MINI.parent)


def sanso(*arguments: str, locale: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    code = "import sys; from inventory import console; from inventory.cli import app\n"
    code += "from inventory.errors import SansoError\n"
    code += "try: sys.exit(app(args=sys.argv[1:], standalone_mode=False))\n"
    code += "except SansoError as e: print(e.say(console.language()), file=sys.stderr); sys.exit(e.exit_code)"
    environment = {"LC_ALL": locale, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_a_sound_city() -> None:
    done = sanso("check", CITY, "--today", "2026-11-01")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "mini: 3 sites, 9 devices, 8 VLANs, 4 flows; no error, 0 warning(s)\n"


def test_a_japanese_locale_is_answered_in_japanese() -> None:
    done = sanso("check", CITY, "--today", "2031-04-01", locale="ja_JP.UTF-8")
    assert done.returncode == 0
    told = "mini.yaml:156: 警告: 通信 f001: 承認の期限が切れています。次の計画で遮断されます [flow-expired]"
    assert told in done.stdout
    assert done.stdout.endswith("エラーなし、警告 4 件\n")


def test_json_for_programs() -> None:
    done = sanso("check", CITY, "--json", "--today", "2031-04-01")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["ok"] is True
    assert told["findings"][0] == {
        "code": "flow-expired",
        "severity": "warning",
        "file": "mini.yaml",
        "line": 156,
        "path": ["flows", "f001", "expires_on"],
        "what": "flow f001: its approval has expired; the next plan closes it",
        "expected": "2031-04-01 or after",
        "found": "2031-03-31",
        "hint": "have it approved again, or remove the row",
    }


def test_no_such_city() -> None:
    done = sanso("check", "yasuu")
    assert done.returncode == 2
    assert "did you mean `yasu`?" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_schema(tmp_path: Path) -> None:
    assert sanso("schema").stdout == schema_text()
    file = tmp_path / "deep" / "city.schema.json"
    assert sanso("schema", "-o", str(file)).returncode == 0
    assert file.read_text(encoding="utf-8") == schema_text()
    assert sanso("schema", "-o", str(tmp_path)).returncode == 2
