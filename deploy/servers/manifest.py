"""What a server keeps of the text it got last: enough to tell its running text without knowing the city."""

from __future__ import annotations

from dataclasses import replace

from deploy.servers.text import ManagedFile, ServerText


def write(server: ServerText) -> str:
    """The manifest that comes with a text; "" when nothing is managed."""
    if not server.files and not server.daemons:
        return ""
    lines = [f"packages {' '.join(sorted(server.packages))}".rstrip()]
    lines += [f"daemon {name}" for name in sorted(server.daemons)]
    lines += [
        f"file {path} {file.daemon} {'sealed' if file.sealed else 'open'}"
        for path, file in sorted(server.files.items())
    ]
    return "\n".join(lines) + "\n"


def read(name: str, manifest: str) -> ServerText:
    """A server text without contents. Lines that are none of ours say nothing."""
    server = ServerText(name)
    for line in manifest.splitlines():
        match line.split(" "):
            case ["packages", *packages]:
                server = replace(server, packages=tuple(packages))
            case ["daemon", daemon]:
                server = replace(server, daemons=(*server.daemons, daemon))
            case ["file", path, daemon, kind]:
                server.files[path] = ManagedFile(path, "", daemon=daemon, sealed=kind == "sealed")
    return server
