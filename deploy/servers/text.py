"""A server's configuration as one text: what is installed, which daemons run, and every file that is managed.

    # hostname hall-mn-dns
    # packages bind9-dnsutils unbound
    daemon unbound
    # ==> /etc/unbound/unbound.conf 0644 root:root unbound
     server:
     …

Lines of a file stand one blank to the right. A secret is written `{{secret NAME}}`; a file that has one is marked
`sealed` behind its daemon. What stands in a sealed file of a host without being what was meant is told by a keyed
hash only: `{{sealed DIGEST}}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SECRET = re.compile(r"\{\{secret ([a-z0-9.-]+)\}\}")
SEALED = re.compile(r"\{\{sealed [0-9a-f]+\}\}")
_HEAD = re.compile(r"# ==> (?P<path>/\S+) (?P<mode>[0-7]{4}) (?P<owner>\S+:\S+) (?P<daemon>\S+)(?P<sealed> sealed)?")
_HOSTNAME, _PACKAGES, _DAEMON = "# hostname ", "# packages", "daemon "
NO_DAEMON = "-"
_UNENDED = "\\ no newline at the end"


@dataclass(frozen=True, slots=True)
class ManagedFile:
    """A file of a server. `daemon` is started again when it changes ("-": none); `owner` is `user:group`."""

    path: str
    content: str
    mode: str = "0644"
    owner: str = "root:root"
    daemon: str = NO_DAEMON
    sealed: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the secrets in it."""
        return tuple(SECRET.findall(self.content))

    @property
    def head(self) -> str:
        return f"# ==> {self.path} {self.mode} {self.owner} {self.daemon}{' sealed' if self.sealed else ''}"


@dataclass(frozen=True, slots=True)
class ServerText:
    """A server's configuration; `files` by path."""

    name: str
    packages: tuple[str, ...] = ()
    daemons: tuple[str, ...] = ()
    files: dict[str, ManagedFile] = field(default_factory=dict)

    @property
    def secrets(self) -> frozenset[str]:
        return frozenset(name for file in self.files.values() for name in file.secrets)


def dump(server: ServerText) -> str:
    """The one spelling of it."""
    lines = [_HOSTNAME + server.name, " ".join([_PACKAGES, *sorted(server.packages)])]
    lines += [_DAEMON + name for name in sorted(server.daemons)]
    for _, file in sorted(server.files.items()):
        lines.append(file.head)
        body = file.content.split("\n")
        lines += [f" {line}" for line in body[:-1]]
        if body[-1]:
            lines += [f" {body[-1]}", _UNENDED]
    return "\n".join(lines) + "\n"


def parse(text: str) -> ServerText:
    """Read it back.

    Raises:
        ValueError: a line is none of such a text; the message says which.
    """
    name, daemons = "", list[str]()
    packages: tuple[str, ...] = ()
    files: dict[str, ManagedFile] = {}
    head: re.Match[str] | None = None
    body: list[str] = []

    def done() -> None:
        if head is not None:
            content = "".join(body)
            sealed = head["sealed"] is not None
            files[head["path"]] = ManagedFile(
                head["path"], content, head["mode"], head["owner"], head["daemon"], sealed
            )

    for number, line in enumerate(text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"), start=1):
        if line.startswith(" ") and head is not None:
            body.append(f"{line[1:]}\n")
        elif line == _UNENDED and body:
            body[-1] = body[-1].removesuffix("\n")
        elif found := _HEAD.fullmatch(line):
            done()
            head, body = found, []
        elif head is None and line.startswith(_HOSTNAME):
            name = line.removeprefix(_HOSTNAME)
        elif head is None and (line == _PACKAGES or line.startswith(_PACKAGES + " ")):
            packages = tuple(line.removeprefix(_PACKAGES).split())
        elif head is None and line.startswith(_DAEMON):
            daemons.append(line.removeprefix(_DAEMON))
        else:
            msg = f"line {number}: {line.strip()}"
            raise ValueError(msg)
    done()
    return ServerText(name, packages, tuple(daemons), files)
