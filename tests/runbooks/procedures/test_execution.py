"""A run of a playbook: nothing of it outlives it, and nothing counts as success but what was seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runbooks.procedures.execution import Order, Run, execute
from runbooks.procedures.model import Runbook
from runbooks.procedures.verdict import objections

ROOT = Path(__file__).parents[3]
LOCAL = {"ansible_connection": "local"}
NOWHERE = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_connection": "ssh"}


def inventory(**hosts: Mapping[str, Any]) -> dict[str, Any]:
    return {"all": {"children": {"some": {"hosts": hosts}}}}


def playbook(folder: Path, tasks: str) -> Path:
    file = folder / "try.playbook.yaml"
    file.write_text(
        f"- hosts: some\n  gather_facts: false\n  tasks:\n{textwrap.indent(textwrap.dedent(tasks), '    ')}"
    )
    return file


def run(folder: Path, tasks: str, limit_s: float = 60, **hosts: Mapping[str, Any]) -> Run:
    return execute(
        Order(playbook(folder, tasks), inventory(**(hosts or {"here": LOCAL})), limit_s), lambda _event: None
    )


def book(evidence: str = "") -> Runbook:
    words = {"ja": "あ", "en": "a"}
    seen = [{"name": evidence, "title": words, "equals": "yes"}] if evidence else []
    step = {"id": "one", "title": words, "minutes": 1, "hand": "x", "evidence": seen}
    return Runbook.model_validate({"title": words, "purpose": words, "limit_minutes": 1, "steps": [step]})


def processes_with(mark: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in line:
                found.append(int(entry.name))
    return found


def sleeping(mark: str) -> str:
    """A task that has processes of its own sessions alive: they are what a killed runner leaves behind."""
    return f"""
        - name: one | sleep
          ansible.builtin.shell: setsid sleep {mark} & exec sleep {mark}
        """


def wait_for(mark: str, *, there: bool) -> list[int]:
    end = time.monotonic() + 60
    while bool(found := processes_with(mark)) != there and time.monotonic() < end:
        time.sleep(0.1)
    return found


def test_a_run_that_does_all_it_should_is_a_success(tmp_path: Path) -> None:
    done = run(tmp_path, "- name: one | tell\n  ansible.builtin.set_stats: {data: {seen: 'yes'}}\n")
    assert objections(book("seen"), {}, ["here"], done) == ()
    assert done.evidence == {"seen": "yes"}


@pytest.mark.parametrize(
    ("tasks", "hosts", "said"),
    [
        ("- name: one | fail\n  ansible.builtin.command: 'false'\n", {"here": LOCAL}, "a task failed on here"),
        (
            "- name: one | fail\n  ansible.builtin.command: 'false'\n  ignore_errors: true\n",
            {"here": LOCAL},
            "an error was ignored on here",
        ),
        (
            "- name: one | ask\n  ansible.builtin.ping:\n  ignore_unreachable: true\n",
            {"away": NOWHERE},
            "an error was ignored on away",
        ),
    ],
)
def test_what_ansible_calls_a_success_may_be_none(tmp_path: Path, tasks: str, hosts: dict[str, Any], said: str) -> None:
    found = [item.en for item in objections(book(), {}, hosts, run(tmp_path, tasks, **hosts))]
    assert said in found


def test_no_host_at_all_is_no_success(tmp_path: Path) -> None:
    done = execute(
        Order(playbook(tmp_path, "- name: one | x\n  ansible.builtin.ping:\n"), {"all": {}}, 60), lambda _event: None
    )
    assert done.ending == "successful"
    assert objections(book(), {}, ["here"], done) != ()


def test_evidence_that_is_missing_or_other_is_told(tmp_path: Path) -> None:
    other = run(tmp_path, "- name: one | tell\n  ansible.builtin.set_stats: {data: {seen: 'no'}}\n")
    none = run(tmp_path, "- name: one | tell\n  ansible.builtin.ping:\n")
    assert [item.en for item in objections(book("seen"), {}, ["here"], other)] == ["a: no instead of yes"]
    assert [item.en for item in objections(book("seen"), {}, ["here"], none)] == ["not seen: a"]


def test_its_time_over_nothing_is_left(tmp_path: Path) -> None:
    mark = f"{os.getpid()}.0417"
    begun: list[str] = []

    def hear(event: Mapping[str, Any]) -> None:
        begun.append(event["event"])

    order = Order(playbook(tmp_path, sleeping(mark)), inventory(here=LOCAL), 12)
    done = execute(order, hear)
    assert done.ending == "timeout"
    assert "playbook_on_task_start" in begun
    assert processes_with(mark) == []


def test_stopped_nothing_is_left(tmp_path: Path) -> None:
    mark = f"{os.getpid()}.0527"
    order = Order(playbook(tmp_path, sleeping(mark)), inventory(here=LOCAL), 120)
    done = execute(order, lambda _event: None, lambda: bool(processes_with(f"sleep {mark}".replace(" ", "\0"))))
    assert done.ending == "interrupted"
    assert processes_with(mark) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGINT])
def test_its_starter_killed_nothing_is_left(tmp_path: Path, number: int) -> None:
    mark = f"{os.getpid()}.0{600 + number}"
    file = playbook(tmp_path, sleeping(mark))
    code = (
        f"import signal; signal.signal({signal.SIGHUP:d}, signal.SIG_DFL); "  # also where all of this runs under nohup
        "from pathlib import Path; from runbooks.procedures.execution import Order, execute; "
        f"execute(Order(Path({str(file)!r}), {inventory(here=LOCAL)!r}, 300), lambda e: None)"
    )
    files = tmp_path / "tmp"
    files.mkdir()
    environment = {**os.environ, "TMPDIR": str(files)}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL, env=environment
    ) as starter:
        assert wait_for(mark, there=True)
        starter.send_signal(number)
        starter.wait()
    assert wait_for(mark, there=False) == []
    assert list(files.iterdir()) == []


def test_what_no_log_hides_comes_out_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush-5c1e")
    tasks = f"""
        - name: one | read
          ansible.builtin.command: cat {secret}
          no_log: true
          register: read
        - name: one | use it wrongly
          ansible.builtin.shell: "cat >/dev/null; exit 3"
          args: {{stdin: "{{{{ read.stdout }}}}"}}
          no_log: true
        """
    events: list[str] = []
    order = Order(playbook(tmp_path, tasks), inventory(here=LOCAL), 60)
    done = execute(order, lambda event: events.append(repr(event)))
    assert done.ending == "failed"
    assert "hush-5c1e" not in "".join(events) + repr(done)
