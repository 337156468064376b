"""Look at packets on a node's interface, with tcpdump."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from inventory.text import Text
from network.lab.errors import LabError, unknown
from network.lab.handle import Lab

INTERFACE = Text("interface", "インタフェース")


def capture_command(  # noqa: PLR0913, PLR0917 what may be said of a capture
    lab: Lab,
    node: str,
    interface: str,
    options: Sequence[str] = (),
    expression: str = "",
    seconds: int | None = None,
) -> list[str]:
    """The command line that captures on an interface, in whichever VRF it stands, Ethernet headers and tags shown."""
    vrf = _vrf_of(lab, node, interface)
    words = ["timeout", "--signal=INT", "--preserve-status", str(seconds)] if seconds else []
    words += ["tcpdump", "-Z", "root", "-n", "-e", "--immediate-mode", "-l", "-i", interface, *options]
    return lab.command(node, [*words, *expression.split()], vrf)


def _vrf_of(lab: Lab, node: str, interface: str) -> str | None:
    """The named namespace an interface of a router stands in, None: the default table, or a kernel VRF device."""
    root = lab.netns(node).parent.parent
    places: list[str | None] = [None]
    if lab.backend == "netns":
        places += sorted(place.name for place in (root / "root/run/netns").iterdir())
    names: list[str] = []
    for place in places:
        listed = lab.run(node, ["ip", *([] if place is None else ["-n", place]), "-o", "link"]).stdout.splitlines()
        here = [line.split(": ")[1].partition("@")[0] for line in listed]
        if interface in here:
            return place
        names += here
    raise unknown(INTERFACE, f"{node}:{interface}", [f"{node}:{name}" for name in names])


@dataclass
class Capture:
    """A capture; `lines` is what was seen, once it has ended."""

    lines: list[str] = field(default_factory=list)


@contextmanager
def capturing(lab: Lab, node: str, interface: str, expression: str = "") -> Iterator[Capture]:
    """Capture while the block runs: on when it begins, and done with all that came when it ends."""
    result = Capture()
    process = subprocess.Popen(  # noqa: S603 tcpdump on a node of ours
        capture_command(lab, node, interface, (), expression),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said = ""
        for line in process.stderr or ():
            said = line.strip()
            if said.startswith("listening on"):
                break
        else:
            raise LabError(Text(f"tcpdump did not start: {said}", f"tcpdump を起動できませんでした: {said}"))
        yield result
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        result.lines = [line for line in process.communicate()[0].splitlines() if line]
