"""What pyinfra is to find out about a server. Imported by the worker only."""

from __future__ import annotations

import base64
import shlex
from typing import TypedDict

from pyinfra.api.facts import FactBase

from network.drivers.platforms import device_file

MANIFEST = "/var/lib/sanso/managed"
"""On each server: what was last deployed to it (see `deploy.servers.manifest`)."""


class Found(TypedDict):
    """A file as it is: mode in octal digits, `user:group`, content in base64."""

    mode: str
    owner: str
    content: str


class ManagedState(TypedDict):
    """A server as it is: its manifest ("" is none), files by path, daemons that run, and those that start at boot."""

    manifest: str
    files: dict[str, Found]
    running: list[str]
    at_boot: list[str]


class Managed(FactBase[ManagedState]):
    """All that a server's text tells, of some paths and daemons and of those in its manifest."""

    def command(self, paths: list[str], daemons: list[str]) -> str:
        """One visit; the functions that look at daemons are the guard's own."""
        return f"""{device_file("debian").decode()}
echo manifest "$([ ! -e {MANIFEST} ] || base64 -w0 {MANIFEST})"
old() {{ [ ! -e {MANIFEST} ] || sed -n "s/^$1 \\([^ ]*\\).*/\\1/p" {MANIFEST}; }}
{{ printf '%s\\n' {shlex.join(paths)}; old file; }} | sort -u | while read -r path; do
[ ! -f "$path" ] || echo file "$path" "$(stat -c '%04a %U:%G' "$path")" "$(base64 -w0 "$path")"; done
{{ printf '%s\\n' {shlex.join(daemons)}; old daemon; }} | sort -u | while read -r daemon; do
[ -n "$daemon" ] || continue
! running "$daemon" || echo running "$daemon"; ! at_boot "$daemon" || echo boot "$daemon"; done"""

    def process(self, output: list[str]) -> ManagedState:
        found = ManagedState(manifest="", files={}, running=[], at_boot=[])
        for line in output:
            word, *rest = line.split(" ")
            match word:
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
        return (
            f"for name in {shlex.join(packages)}; do "
            'dpkg-query -W -f=\'${db:Status-Status}\' "$name" 2>/dev/null | grep -qx installed || echo "$name"; done'
        )

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return [line.strip() for line in output if line.strip()]
