"""The runbooks there are: each a definition beside its playbook, read and checked against each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from deploy.plan import digest
from inventory.document import Document, DocumentError, read_document
from inventory.errors import EXIT_USAGE, Finding, SansoError
from inventory.origin import Origin
from inventory.source import decoded
from inventory.text import Text
from inventory.words import did_you_mean, listed, nearest, one_of, same, shown
from inventory.yamltree import Node, read_yaml
from runbooks.procedures.model import Runbook

LIBRARY = Path(__file__).parents[1] / "library"
PLAYBOOK = ".playbook.yaml"
PLACES = re.compile(r"\{([a-z0-9-]+)\}")


class UnknownRunbookError(SansoError):
    """There is no runbook of this name."""

    exit_code = EXIT_USAGE

    def __init__(self, name: str, names: list[str]) -> None:
        row = listed(names)
        super().__init__(
            Text(f"There is no runbook {name}.", f"手順書 {name} はありません。"),
            did_you_mean(nearest(name, names)) or Text(f"There are: {row.en}", f"一覧: {row.ja}"),
        )


@dataclass(frozen=True, slots=True)
class Procedure:
    """A runbook that can be run: its name, what it says, and the playbook that does it."""

    name: str
    runbook: Runbook
    playbook: Path
    definition: Path

    @property
    def digest(self) -> str:
        """Of the exact bytes of definition and playbook."""
        return digest(self.definition.read_bytes() + b"\0" + self.playbook.read_bytes())


def names(library: Path = LIBRARY) -> list[str]:
    """Every runbook of the library."""
    return sorted(file.stem for file in library.glob("*.yaml") if not file.name.endswith(PLAYBOOK))


def procedure(name: str, library: Path = LIBRARY) -> Procedure:
    """A runbook of the library.

    Raises:
        UnknownRunbookError: there is none of this name.
        DocumentError: its definition or its playbook has errors; all of them.
    """
    if name not in names(library):
        raise UnknownRunbookError(name, names(library))
    definition, playbook = library / f"{name}.yaml", library / f"{name}{PLAYBOOK}"
    found = read_document(definition, Runbook)
    findings = [*found.findings]
    if found.value is not None:
        findings += _places(found, found.value)
        findings += _tasks(found, found.value, playbook)
    if found.value is None or findings:
        raise DocumentError(tuple(findings))
    return Procedure(name, found.value, playbook, definition)


def _places(found: Document[Runbook], runbook: Runbook) -> list[Finding]:
    """`{name}` in evidence has to be a parameter; so has no step's or evidence's name to come twice."""
    findings = []
    seen: dict[str, Origin] = {}
    for number, step in enumerate(runbook.steps):
        for key, origin in [(step.id, step.origin), *((item.name, item.origin) for item in step.evidence)]:
            if key in seen:
                findings.append(_twice(key, origin, seen[key]))
            seen.setdefault(key, origin)
        for index, item in enumerate(step.evidence):
            where = ("steps", str(number), "evidence", str(index), "equals")
            findings += [
                _no_parameter(name, runbook, found.place(*where))
                for name in PLACES.findall(item.equals)
                if name not in runbook.parameters
            ]
    return findings


def _twice(key: str, origin: Origin, first: Origin) -> Finding:
    return Finding(
        "name-twice",
        Text(f"`{key}` names two things", f"`{key}` が 2 回使われています"),
        Text("each step and each evidence under its own name", "手順と確認項目ごとに別の名前"),
        Text(f"first at {first}, again at {origin}", f"最初は {first}、次は {origin}"),
        Text("give one of them another name", "一方を別の名前にしてください"),
        origin,
    )


def _no_parameter(name: str, runbook: Runbook, origin: Origin) -> Finding:
    return Finding(
        "parameter-unknown",
        Text(f"`{{{name}}}` is no parameter of this runbook", f"`{{{name}}}` という引数はこの手順書にありません"),
        one_of(runbook.parameters),
        same(f"{{{name}}}"),
        did_you_mean(nearest(name, runbook.parameters)),
        origin,
    )


def _tasks(found: Document[Runbook], runbook: Runbook, playbook: Path) -> list[Finding]:
    """Every task of the playbook belongs to a step, and every step has a task."""
    text = decoded(playbook, playbook.name)
    if isinstance(text, Finding):
        return [text]
    reading = read_yaml(text, playbook.name)
    findings = list(reading.findings)
    root = reading.root
    if root is None or not isinstance(root.value, list):
        if not findings:
            findings.append(_no_plays(root, playbook))
        return findings
    steps = list(dict.fromkeys(step.id for step in runbook.steps))
    done: set[str] = set()
    for task in (task for play in root.value for task in _within(play)):
        name = task.table.get("name")
        said = name.value if name is not None and isinstance(name.value, str) else ""
        step = said.partition(" | ")[0]
        if step in steps:
            done.add(step)
        else:
            findings.append(_stray(task, said, steps))
    for number, missing in enumerate(steps):
        if missing not in done:
            findings.append(_undone(missing, playbook, found.place("steps", str(number))))
    return findings


def _within(node: Node) -> list[Node]:
    """The tasks of a play or block, blocks opened."""
    found = []
    for key in ("pre_tasks", "tasks", "block", "rescue", "always", "post_tasks"):
        tasks = node.table.get(key)
        for task in tasks.value if tasks is not None and isinstance(tasks.value, list) else ():
            found += _within(task) if "block" in task.table else [task]
    return found


def _no_plays(root: Node | None, playbook: Path) -> Finding:
    return Finding(
        "playbook-shape",
        Text("the playbook is no list of plays", "プレイブックの最上位がプレイのリストになっていません"),
        Text("a list of plays", "プレイのリスト"),
        shown(root),
        Text("begin with `- name:`", "`- name:` から始めてください"),
        root.origin if root is not None else Origin(playbook.name, 1),
    )


def _stray(task: Node, said: str, steps: list[str]) -> Finding:
    return Finding(
        "playbook-task",
        Text("a task belongs to no step of the runbook", "手順書のどの手順にも属さないタスクがあります"),
        Text("`name: STEP | …` where STEP is " + one_of(steps).en, "`name: 手順 | …`。手順は " + one_of(steps).ja),
        shown(said or None),
        did_you_mean(nearest(said.partition(" | ")[0], steps)),
        task.origin,
    )


def _undone(step: str, playbook: Path, origin: Origin) -> Finding:
    return Finding(
        "step-without-task",
        Text(f"step `{step}` has no task", f"手順 `{step}` を実行するタスクがありません"),
        Text(
            f"a task in {playbook.name} whose name begins with `{step} | `",
            f"{playbook.name} に `{step} | ` で始まる名前のタスク",
        ),
        Text("no such task", "該当するタスクなし"),
        None,
        origin,
    )
