"""A lab's life: one at a place, several side by side, and nothing left of one that ended, however it did."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.text import Text
from network.fabric import Fabric
from network.lab import Lab, LabError, boot, requirements
from network.lab.handle import end
from network.lab.place import kill

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[3]
MINI = ROOT / "tests/cities/mini"


@pytest.fixture(autouse=True)
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")


def namespace(pid: int) -> str | None:
    """The pid namespace that a process is in; None: there is no such process, or no longer."""
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return None


def labs() -> set[str | None]:
    """The pid namespaces of the labs that this process has started."""
    inside = {namespace(pid) for carrier in child_pids(os.getpid()) for pid in child_pids(carrier)}
    return inside - {namespace(os.getpid())}


def test_one_lab_at_a_place_and_several_side_by_side(mini_fabric: Fabric, tmp_path: Path) -> None:
    first = boot(mini_fabric, None, tmp_path / "one")
    try:
        with pytest.raises(LabError) as caught:
            boot(mini_fabric, None, tmp_path / "one")
        assert caught.value.say("en") == (
            f"A lab is up already in {tmp_path / 'one'}.\n  Hint: Take it down first: sanso lab down"
        )
        second = boot(mini_fabric, None, tmp_path / "two")
        try:
            for lab in (first, second):
                lab.run("hall-lg-pc", ["touch", f"/{lab.pid}"])
            assert first.run("hall-lg-pc", ["test", "-e", f"/{second.pid}"]).returncode == 1
            first.stop("hall-lg-pc")
            assert second.nodes["hall-lg-pc"].up
        finally:
            second.down()
        assert first.nodes["hall-core1"].up
    finally:
        first.down()
    assert Lab.find(tmp_path / "one") is None
    assert not (tmp_path / "one").exists()
    assert not end(tmp_path / "one")


def test_what_a_killed_lab_left_is_no_hindrance(mini_fabric: Fabric, tmp_path: Path) -> None:
    lab = boot(mini_fabric, None, tmp_path)
    kill(lab.pid)
    assert Lab.find(tmp_path) is None
    with pytest.raises(LabError, match="no longer up"):
        lab.run("hall-core1", ["true"])
    again = boot(mini_fabric, None, tmp_path)
    again.down()
    kept = boot(mini_fabric, None, tmp_path)
    kill(kept.pid)
    assert end(tmp_path)
    assert not list(tmp_path.glob("lab/*"))


@pytest.mark.parametrize(
    "step", ["Nodes", "Services", *(pytest.param(step, marks=pytest.mark.long) for step in ("Disks", "Cables"))]
)
def test_an_interrupted_start_leaves_nothing(mini_fabric: Fabric, tmp_path: Path, step: str) -> None:
    before, found = labs(), set[str | None]()

    def interrupt(text: Text, _done: int, _total: int) -> None:
        if text.en == step:
            found.update(labs())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        boot(mini_fabric, None, tmp_path, interrupt)
    (lab,) = found - before
    assert lab not in {namespace(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    assert not list((tmp_path / "lab").iterdir())


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that starts a lab and tells its steps."""
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from inventory.loader import load_city
from network.build import build_fabric
from network.lab.launch import boot
fabric = build_fabric(load_city({str(MINI)!r}))
boot(fabric, None, Path({str(tmp_path)!r}), lambda step, done, total: print(step.en, done, flush=True))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()
    end(tmp_path)


@pytest.mark.parametrize(
    "step", ["Nodes 9", "Services 0", *(pytest.param(step, marks=pytest.mark.long) for step in ("Disks 3", "Cables 0"))]
)
def test_a_killed_starter_takes_all_along(starting: subprocess.Popen[str], tmp_path: Path, step: str) -> None:
    assert starting.stdout is not None
    next(line for line in starting.stdout if line.startswith(step))
    (carrier,) = child_pids(starting.pid)
    watched = [os.pidfd_open(pid) for pid in (carrier, *child_pids(carrier))]
    starting.send_signal(signal.SIGKILL)
    for fd in watched:
        assert wait(fd)
        os.close(fd)
    assert not list((tmp_path / "lab").iterdir())


@pytest.mark.parametrize("step", ["Disks 3", "Services 0"])
def test_a_killed_supervisor_is_told_in_a_sentence(starting: subprocess.Popen[str], tmp_path: Path, step: str) -> None:
    assert starting.stdout is not None
    next(line for line in starting.stdout if line.startswith(step))
    (carrier,) = child_pids(starting.pid)
    (supervisor,) = child_pids(carrier)
    os.kill(supervisor, signal.SIGKILL)
    _, said = starting.communicate(timeout=30)
    assert said.strip().endswith("LabError: The lab was stopped while it started.")
    assert not list((tmp_path / "lab").iterdir())


def child_pids(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def wait(fd: int) -> bool:
    return bool(select.select([fd], [], [], 30)[0])


def test_a_missing_package_is_named(mini_fabric: Fabric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(requirements.PACKAGES, "/usr/lib/frr/nosuchd", "frr")
    with pytest.raises(LabError) as caught:
        boot(mini_fabric, None, tmp_path)
    assert caught.value.say("ja") == "ラボに必要な Debian パッケージがありません: frr\n  ヒント: apt-get install frr"


def test_root_is_asked_for(mini_fabric: Fabric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError) as caught:
        boot(mini_fabric, None, tmp_path)
    assert caught.value.say("en") == "The lab needs root.\n  Hint: Run it again with sudo."


def sanso_lab(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sanso", "--lang", "en", "lab", *words]
    environment = {**os.environ, "SANSO_STATE": str(state)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_commands(tmp_path: Path) -> None:
    started = sanso_lab(tmp_path, "up", str(MINI), "--bare")
    assert started.returncode == 0, started.stderr
    assert "22 nodes are up after" in started.stdout
    status = json.loads(sanso_lab(tmp_path, "status", "--json").stdout)
    assert status["nodes"]["hall-core1"]["up"] is True
    assert sanso_lab(tmp_path, "ssh", "hall-core1", "hostname").stdout == "hall-core1\n"
    assert sanso_lab(tmp_path, "exec", "hall-fw1", "--", "hostname").stdout == "hall-fw1\n"
    assert sanso_lab(tmp_path, "cut", "dc-a").stdout == "dc-a is cut.\n"
    assert "dc-a" in sanso_lab(tmp_path, "status").stdout
    assert sanso_lab(tmp_path, "heal", "dc-a").stdout == "dc-a is mended.\n"
    wrong = sanso_lab(tmp_path, "stop", "hall-core9")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("The lab has no node named hall-core9.\n  Hint: Did you mean hall-core")
    assert sanso_lab(tmp_path, "stop", "hall-lg-pc").stdout == "hall-lg-pc is off.\n"
    assert sanso_lab(tmp_path, "start", "hall-lg-pc").stdout == "hall-lg-pc is up.\n"
    assert sanso_lab(tmp_path, "down").stdout == "The lab is down.\n"
    assert sanso_lab(tmp_path, "down").stdout == "No lab is up here.\n"
    gone = sanso_lab(tmp_path, "status")
    assert gone.returncode == 2
    assert gone.stderr.startswith(f"No lab is up in {tmp_path}.")
