"""A city's directory, read into one tree: its tables, whichever file they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from inventory.errors import Finding, SansoError
from inventory.origin import Origin
from inventory.shape import tables
from inventory.text import Text
from inventory.words import did_you_mean, listed, nearest, one_of, same, shown
from inventory.yamltree import Node, duplicate_key, read_yaml

CITIES = Path(__file__).parent / "cities"
NO_LETTER = re.compile("[\x80-\xa0\ue000-\uf8ff]")
"""Signs that a wrong guess of the encoding yields."""
SUFFIXES = frozenset({".yaml", ".yml"})


class CityNotFoundError(SansoError):
    """There is no such city, neither as a directory nor by name."""


@dataclass(frozen=True, slots=True)
class Source:
    """The top-level tables of a city as they stand in its files; `readable` is False when a file could not be read."""

    name: str
    top: dict[str, Node]
    findings: tuple[Finding, ...]
    readable: bool

    @property
    def root(self) -> Node:
        """All tables in one node; what is written nowhere is cited as missing from the first file."""
        first = next((node.origin.file for node in self.top.values()), self.name)
        return Node(self.top, Origin(first))

    def table(self, name: str) -> dict[str, Node]:
        """The entries of a top-level table; none when it is not there."""
        return self.top[name].table if name in self.top else {}


def find_city(name_or_path: str | Path) -> Path:
    """The directory of a city: a path, or a name under `inventory/cities`.

    Raises:
        CityNotFoundError: it is neither.
    """
    path = Path(name_or_path)
    try:
        known = sorted(entry.name for entry in CITIES.iterdir() if entry.is_dir()) if CITIES.is_dir() else []
        if str(name_or_path) in known:
            return CITIES / str(name_or_path)
        if path.is_dir():
            return path
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise CityNotFoundError(
            Text(
                f"the city {name_or_path!r} cannot be looked up: {error}",
                f"都市 {str(name_or_path)!r} を探せません: {error}",
            )
        ) from error
    if exists:
        raise CityNotFoundError(
            Text(
                f"{path} is a file; a city is a directory of YAML files",
                f"{path} はファイルです。都市は YAML ファイルを置いたディレクトリで指定します",
            ),
            Text(f"did you mean {path.parent}?", f"{path.parent} ではありませんか"),
        )
    row = listed(known)
    hint = did_you_mean(nearest(path.name, known)) or Text(f"known cities: {row.en}", f"使える都市: {row.ja}")
    raise CityNotFoundError(
        Text(
            f"there is no city `{name_or_path}`, neither a directory nor a name",
            f"都市 `{name_or_path}` が見つかりません (ディレクトリにも登録名にもありません)",
        ),
        hint,
    )


def read_source(directory: Path, folder: str = "") -> Source:
    """Read every YAML file of the directory, in the order of their names.

    Args:
        directory: where they are.
        folder: what stands before their names when a line of them is cited, such as "../yasu/".

    Raises:
        CityNotFoundError: the directory itself cannot be read.
    """
    top: dict[str, Node] = {}
    findings: list[Finding] = []
    readable = True
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        reason = _reason(error)
        raise CityNotFoundError(
            Text(f"{directory} cannot be read: {reason.en}", f"{directory} を読めません: {reason.ja}")
        ) from error
    files = [entry for entry in entries if entry.suffix in SUFFIXES]
    if not files:
        findings.append(_no_files(directory, entries))
        return Source(directory.name, {}, tuple(findings), readable=False)
    for file in files:
        text = decoded(file, folder + file.name)
        if isinstance(text, Finding):
            findings.append(text)
            readable = False
            continue
        reading = read_yaml(text, folder + file.name)
        findings.extend(reading.findings)
        if reading.root is None or reading.root.value is None:
            broken = any(finding.code.startswith("yaml-") for finding in reading.findings)
            readable = readable and not broken
            if not broken:
                findings.append(_empty(folder + file.name))
            continue
        if not isinstance(reading.root.value, dict):
            readable = False
            findings.append(_no_mapping(reading.root))
            continue
        findings.extend(_join(top, reading.root.value))
    return Source(directory.name, top, tuple(findings), readable)


def decoded(file: Path, name: str) -> str | Finding:
    """The text of a file, cited as `name`; a finding when it cannot be read or is not UTF-8."""
    try:
        data = file.read_bytes()
    except OSError as error:
        return Finding(
            "file-unreadable",
            Text("the file cannot be read", "ファイルを読めません"),
            Text("a readable file", "読み取れるファイル"),
            _reason(error),
            None,
            Origin(name),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Finding(
            "file-encoding",
            Text("the file is not UTF-8", "ファイルの文字コードが UTF-8 ではありません"),
            same("UTF-8"),
            _encoding(data),
            Text("save it again as UTF-8", "UTF-8 で保存し直してください"),
            Origin(name, line),
        )


def _reason(error: OSError) -> Text:
    if isinstance(error, IsADirectoryError):
        return Text("a directory", "ディレクトリ")
    if isinstance(error, PermissionError):
        return Text("no permission to read it", "読み取り権限がありません")
    return same(error.strerror or error)


def _encoding(data: bytes) -> Text:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return same("UTF-16")
    for name, codec in (("EUC-JP", "euc_jp"), ("Shift_JIS (CP932)", "cp932")):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if NO_LETTER.search(text):
            continue
        return Text(f"bytes that look like {name}", f"{name} と思われる文字")
    return Text("bytes that are no text", "文字として読めないデータ")


def _no_files(directory: Path, entries: list[Path]) -> Finding:
    return Finding(
        "city-empty",
        Text("the directory holds no YAML file", "ディレクトリに YAML ファイルがありません"),
        Text("at least one *.yaml", "*.yaml が 1 つ以上"),
        listed(entry.name for entry in entries),
        Text("start from a copy of a known city", "既存の都市をコピーして始めてください"),
        Origin(directory.name),
    )


def _empty(file: str) -> Finding:
    return Finding(
        "file-empty",
        Text("the file is empty", "ファイルが空です"),
        Text("tables such as `sites:`", "`sites:` などの表"),
        Text("nothing", "何も書かれていません"),
        Text("remove the file, or fill it", "ファイルを消すか、内容を書いてください"),
        Origin(file),
        severity="warning",
    )


def _no_mapping(root: Node) -> Finding:
    return Finding(
        "file-shape",
        Text("the file is no mapping of tables", "ファイルの最上位が表の並びになっていません"),
        one_of(["city", "templates", *tables()]),
        shown(root),
        Text("begin with a key such as `sites:`", "`sites:` などのキーから始めてください"),
        root.origin,
    )


def _join(top: dict[str, Node], found: dict[str, Node]) -> list[Finding]:
    """Add a file's tables to those of the files before it."""
    findings = []
    for key, node in found.items():
        if key not in top:
            top[key] = Node(dict(node.value), node.origin) if isinstance(node.value, dict) else node
            continue
        there = top[key].value
        if not isinstance(there, dict) or not isinstance(node.value, dict):
            findings.append(duplicate_key(key, node.origin, top[key].origin))
            continue
        for name, element in node.value.items():
            if name in there:
                findings.append(duplicate_key(name, element.origin, there[name].origin))
            else:
                there[name] = element
    return findings
