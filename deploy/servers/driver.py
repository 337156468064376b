"""The driver of platform `debian`: a server, reached through the crew, changed by the guard on it.

It is a `DeviceDriver` like those of network devices; only its connection and its text are of another kind.
"""

from __future__ import annotations

import base64
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from deploy.device import Station
from deploy.servers import manifest
from deploy.servers.compile import PLATFORM
from deploy.servers.crew import Crew, CrewConnection
from deploy.servers.sealer import Sealer
from deploy.servers.services import CHECKERS, QUIETED
from deploy.servers.text import ManagedFile, ServerText, dump, parse
from network.access import Access
from network.drivers.answers import lacks
from network.drivers.base import DeviceDriver, Observation, beyond
from network.drivers.ssh import Output

MANIFEST = "/var/lib/sanso/managed"
_LONG_S = 180


class DebianDriver(DeviceDriver):
    """NAPALM driver for a Debian server. `install`: packages that are missing are installed when a text is staged."""

    platform = PLATFORM
    reading = ()

    def __init__(self, station: Station, access: Access, crew: Crew, sealer: Sealer, *, install: bool) -> None:
        super().__init__(station.address, access.user, "", access.timeout_s)
        self._name = station.name
        self._crew = crew
        self._sealer = sealer
        self._install = install
        self._known = [parse(text) for text in station.texts]

    def open(self) -> None:
        self.device = CrewConnection(self._crew, self._name, self.timeout)  # type: ignore[assignment] # it has all that is used

    def _hand(self) -> CrewConnection:
        found = self._connected()
        assert isinstance(found, CrewConnection)  # noqa: S101 `open` made it
        return found

    # --- the running text

    def _running(self) -> str:
        return self._seen(self._read(closely=False))

    def _read(self, *, closely: bool) -> Mapping[str, Any]:
        paths = sorted({path for text in self._known for path in text.files})
        daemons = sorted({daemon for text in self._known for daemon in text.daemons})
        found: Mapping[str, Any] = self._hand().call("read", _LONG_S, paths=paths, daemons=daemons, closely=closely)
        return found

    def _seen(self, found: Mapping[str, Any]) -> str:
        self._read_last = dump(self._as_found(found))
        return self._read_last

    def _as_found(self, found: Mapping[str, Any]) -> ServerText:
        kept = manifest.read(self._name, found["manifest"])
        templates = {path: file for text in self._known for path, file in text.files.items()}
        files: dict[str, ManagedFile] = {}
        for path, there in found["files"].items():
            known = kept.files.get(path) or templates.get(path)
            content = base64.b64decode(there["content"])
            sealed = known is not None and (known.sealed or templates.get(path, known).sealed)
            meant = [text.files[path].content for text in self._known if path in text.files]
            files[path] = ManagedFile(
                path,
                self._sealer.seal(content, meant) if sealed else self._sealer.readable(content),
                there["mode"],
                there["owner"],
                known.daemon if known is not None else "-",
                sealed,
            )
        daemons = tuple(name for name in found["running"] if name in found["at_boot"])
        return replace(kept, daemons=daemons, files=files)

    def _text(self, *told: str) -> str:
        raise NotImplementedError

    def _startup(self) -> str:
        return self._running()

    def _merged(self, running: str, more: str) -> str:
        raise NotImplementedError

    def _difference(self, running: str, text: str) -> str:
        lines = difflib.unified_diff(running.splitlines(), text.splitlines(), lineterm="", n=2)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))

    # --- the candidate

    def _parts(self, running: str, text: str, more: str | None) -> dict[str, str]:
        del more
        old, new = parse(running), parse(text)
        self._provide(old, new)
        paths = sorted({*old.files, *new.files, *(path for known in self._known for path in known.files), MANIFEST})
        contents = {path: self._sealer.open(file.content) for path, file in new.files.items()}
        listed, parts, examined = list[str](), dict[str, str](), ["set -e"]
        for number, path in enumerate(paths, start=1):
            file = new.files.get(path)
            if path == MANIFEST and new.files:
                file, contents[path] = ManagedFile(path, ""), manifest.write(new)
            if file is None:
                continue
            listed.append(f"{number} {int(file.mode, 8):o} {file.owner}\n")
            parts[f"new/{number}"] = contents[path]
            if path in CHECKERS:
                examined.append(CHECKERS[path].format(file=f"new/{number}"))
        return {
            "paths": "".join(f"{path}\n" for path in paths),
            "new/list": "".join(listed),
            "old/list": "",
            "examine": "\n".join(examined) + "\n",
            "forward": _acts(old, new),
            "back": _acts(new, old),
            **parts,
        }

    def _provide(self, old: ServerText, new: ServerText) -> None:
        """Have its packages on the host, which runs as before: what they bring of the new text waits for the commit.

        Raises:
            MissingPackageError: some are not there, and this driver may not install any.
        """
        if not new.packages:
            return
        missing = self._hand().call("missing", packages=list(new.packages))
        if missing and not self._install:
            raise lacks(self.hostname, " ".join(missing))
        if missing:
            paths = [path for path in new.files if path not in old.files]
            daemons = [daemon for daemon in new.daemons if daemon not in old.daemons]
            quieted = [QUIETED[package] for package in missing if package in QUIETED]
            self._hand().call("install", 600, packages=missing, paths=paths, daemons=daemons, quieted=quieted)

    # --- looking

    @beyond
    def observe(self, destinations: Mapping[str, Iterable[str]], expected: str = "") -> Observation:
        """All that a change wants to know; nobody is pinged from a server, its own checks tell whether it serves."""
        del destinations, expected
        found = self._read(closely=True)
        pending = self._guard().kept(Output(*found["guard"]))
        return Observation(self._seen(found), pending, {}, {}, frozenset(found["serving"]))


def _acts(old: ServerText, new: ServerText) -> str:
    """What is done to daemons on the way from one text to the other, "VERB DAEMON" a line."""
    changed = {
        file.daemon
        for path in {*old.files, *new.files}
        for file in (old.files.get(path), new.files.get(path))
        if file is not None and old.files.get(path) != new.files.get(path)
    }
    lines = [f"stop {daemon}\n" for daemon in old.daemons if daemon not in new.daemons]
    lines += [
        f"{'restart' if daemon in old.daemons else 'start'} {daemon}\n"
        for daemon in new.daemons
        if daemon not in old.daemons or daemon in changed
    ]
    return "".join(lines)
