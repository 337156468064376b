"""The plan file: what each device runs, what it shall run, and the checks that decide; one spelling, one hash.

The file is canonical JSON. Whoever approves it approves its SHA-256, so every byte that reaches a device was seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.assurance import Assurance
from deploy.checks import Check
from deploy.record import Side
from inventory.errors import SansoError
from inventory.model import Platform as DevicePlatform
from inventory.text import Text
from network.parse import beside_section, parse
from network.state import DeviceState

Platform = DevicePlatform | Literal["debian"]
"""Of what stands in a plan: network devices, and servers ("debian")."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Frozen):
    """One element added, removed, changed or left (=); `origin` is the inventory's file and line, or the device's."""

    sign: Literal["+", "-", "~", "="]
    en: str
    ja: str
    origin: str

    @property
    def text(self) -> Text:
        return Text(f"{self.sign} {self.en}", f"{self.sign} {self.ja}")


class DevicePlan(_Frozen):
    """What a plan does to a device or server; `running`, `candidate`: whole configurations in the driver's format."""

    platform: Platform
    address: str
    running: str
    running_hash: str
    candidate: str
    candidate_hash: str
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]
    """Lines of the running configuration that are not understood, and that the change would remove."""

    @property
    def changed(self) -> bool:
        return bool(self.changes)

    @property
    def beside(self) -> tuple[str, ...]:
        """What stands in the device's kernel beside its configuration: the change leaves it there."""
        return tuple(beside_section(self.candidate).splitlines()[1:])

    def payload(self, side: Side) -> str:
        """The exact text to send: the one place between a plan and a device, where secrets belong filled in."""
        return self.running if side == "old" else self.candidate

    def runs(self, side: Side, text: str) -> bool:
        """Whether a running configuration is that side's: the same text, or the same meaning down to unknown lines.

        What stands beside it is of no side: no commit brings it or takes it away.
        """
        if digest(text) == (self.running_hash if side == "old" else self.candidate_hash):
            return True
        return self.platform != "debian" and _meaning(self.platform, text) == _meaning(
            self.platform, self.running if side == "old" else self.candidate
        )


class Login(_Frozen):
    """How the devices of the real city are logged in to; the names of files, never what is in them."""

    user: str
    key: str | None
    known_hosts: str | None
    port: int


class Plan(_Frozen):
    """A plan file's content. One of format 1 carries no proof: it can be recovered, and no longer be applied."""

    format: Literal[1, 2]
    id: str
    tool: str
    created: str
    author: str
    target: str
    login: Login
    city: str
    city_hash: str
    devices: dict[str, DevicePlan]
    checks: tuple[Check, ...]
    proof: Assurance | None = None

    @property
    def changed(self) -> dict[str, DevicePlan]:
        """The devices whose configuration changes."""
        return {name: device for name, device in self.devices.items() if device.changed}


class PlanError(SansoError):
    """A plan file that cannot be used."""


def digest(content: str | bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def plan_bytes(plan: Plan) -> bytes:
    """The one spelling of a plan."""
    value = plan.model_dump(mode="json", exclude={"proof"} if plan.format == 1 else None)
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def read_plan(content: bytes, name: str) -> Plan:
    """The plan in a file's bytes; PlanError when it is none, or when its texts do not match their hashes."""
    try:
        plan = Plan.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise PlanError(
            Text(
                f"{name} is not a plan: {where}: {first['msg']}.",
                f"{name} は計画ファイルではありません: {where}: {first['msg']}",
            ),
            Text("Make one with: sanso plan CITY -o FILE", "計画は sanso plan 市 -o ファイル で作成します。"),
        ) from None
    for device, part in plan.devices.items():
        if (digest(part.running), digest(part.candidate)) != (part.running_hash, part.candidate_hash):
            raise altered(name, Text(f"the texts of {device}", f"{device} の設定"))
    if plan_bytes(plan) != content:
        raise altered(name, Text("its spelling", "書式"))
    return plan


def altered(name: str, what: Text) -> PlanError:
    """The refusal of a plan that is not as it was made."""
    return PlanError(
        Text(
            f"{name} was altered: {what.en} no longer match.", f"{name} は改変されています: {what.ja}が一致しません。"
        ),
        Text("Make a new plan and have it approved.", "計画を作り直し、承認を受けてください。"),
    )


def load_plan(file: Path) -> tuple[Plan, bytes]:
    """A plan file and its exact bytes."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PlanError(
            Text(f"The plan {file} cannot be read: {error.strerror}.", f"計画 {file} を読めません: {error.strerror}。")
        ) from None
    return read_plan(content, str(file)), content


def write_whole(file: Path, content: bytes) -> None:
    """Write a file at once: a reader sees all of it or none; PlanError when it cannot be written."""
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PlanError(
            Text(f"{file} cannot be written: {error.strerror}.", f"{file} に書き込めません: {error.strerror}。")
        ) from None


@lru_cache(maxsize=512)
def _meaning(platform: DevicePlatform, text: str) -> tuple[DeviceState, tuple[str, ...]]:
    """What a configuration does, and the lines of which that is not known."""
    parsed = parse(platform, "", text)
    return parsed.state, tuple(line.text for line in parsed.unknown if not line.beside)
