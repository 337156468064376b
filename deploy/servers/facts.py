"""What pyinfra is to find out about a server. Imported by the worker only."""

from __future__ import annotations

import base64
import shlex
from typing import TypedDict

from pyinfra.api.facts import FactBase

from deploy.servers.services.part import CHECKS
from network.drivers.platforms import device_file
from network.drivers.transaction import STATUS

MANIFEST = "/var/lib/sanso/managed"
"""On each server: what was last deployed to it (see `deploy.servers.manifest`)."""


# The status waits for whatever is being done on the server, so that the rest is seen in peace. Checks take as long as
# the slowest of them.
_CLOSELY = f"""said=$({STATUS} 2>/dev/null)
echo guard $? "$(printf %s "$said" | base64 -w0)"
for check in {CHECKS}/*; do
[ ! -x "$check" ] || {{ timeout 20 "$check" </dev/null >/dev/null 2>&1 && echo serving "${{check##*/}}"; }} &
done
wait"""


class Found(TypedDict):
    """A file as it is: mode in octal digits, `user:group`, content in base64."""

    mode: str
    owner: str
    content: str


class ManagedState(TypedDict):
    """A server as it is: its manifest ("" is none), files by path, daemons that run, and those that start at boot.

    Where it was looked at more closely, also what its guard says of a pending commit, and the checks that pass.
    """

    guard: tuple[int, str]
    serving: list[str]
    manifest: str
    files: dict[str, Found]
    running: list[str]
    at_boot: list[str]


class Managed(FactBase[ManagedState]):
    """All that a server's text tells, of some paths and daemons and of those in its manifest."""

    def command(self, paths: list[str], daemons: list[str], *, closely: bool) -> str:
        """One visit; the functions that look at daemons are the guard's own."""
        return f"""{device_file("debian").decode()}
{_CLOSELY if closely else ""}
echo manifest "$([ ! -e {MANIFEST} ] || base64 -w0 {MANIFEST})"
old() {{ [ ! -e {MANIFEST} ] || sed -n "s/^$1 \\([^ ]*\\).*/\\1/p" {MANIFEST}; }}
{{ printf '%s\\n' {shlex.join(paths)}; old file; }} | sort -u | while read -r path; do
[ ! -f "$path" ] || echo file "$path" "$(stat -c '%04a %U:%G' "$path")" "$(base64 -w0 "$path")"; done
{{ printf '%s\\n' {shlex.join(daemons)}; old daemon; }} | sort -u | while read -r daemon; do
[ -n "$daemon" ] || continue
! running "$daemon" || echo running "$daemon"; ! at_boot "$daemon" || echo boot "$daemon"; done"""

    def process(self, output: list[str]) -> ManagedState:
        found = ManagedState(guard=(0, ""), serving=[], manifest="", files={}, running=[], at_boot=[])
        for line in output:
            word, *rest = line.split(" ")
            match word:
                case "guard":
                    found["guard"] = (int(rest[0]), base64.b64decode("".join(rest[1:])).decode())
                case "serving":
                    found["serving"].append(rest[0])
                case "manifest":
                    found["manifest"] = base64.b64decode(rest[0] if rest else "").decode()
                case "file":
                    path, mode, owner, *content = rest
                    found["files"][path] = Found(mode=mode, owner=owner, content=content[0] if content else "")
                case "running":
                    found["running"].append(rest[0])
                case "boot":
                    found["at_boot"].append(rest[0])
        return found


class MissingPackages(FactBase[list[str]]):
    """Which of some Debian packages are not installed."""

    def command(self, packages: list[str]) -> str:
        """A line each."""
        names = shlex.join(packages)
        return (
            f"there=$(dpkg-query -W -f='${{Package}} ${{db:Status-Status}}\\n' {names} 2>/dev/null)\n"
            f'for name in {names}; do echo "$there" | grep -qx "$name installed" || echo "$name"; done'
        )

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return [line.strip() for line in output if line.strip()]
