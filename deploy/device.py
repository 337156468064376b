"""A managed device as `deploy` sees it: the driver it needs, how one is reached, and its troubles in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from napalm.base import exceptions

from inventory.errors import SansoError
from inventory.text import Text
from network.access import Access
from network.drivers.errors import DeviceError


class Pending(Protocol):
    """A commit the device still keeps a snapshot of: waiting for its confirmation, or confirmed and not yet closed."""

    @property
    def change(self) -> str: ...
    @property
    def confirmed(self) -> bool: ...


class Observation(Protocol):
    """A device at one moment; `network.drivers.base.Observation` says what is in it."""

    @property
    def running(self) -> str: ...
    @property
    def pending(self) -> Pending | None: ...
    @property
    def neighbors(self) -> Mapping[str, Any]: ...
    @property
    def answering(self) -> Mapping[str, frozenset[str]]: ...
    @property
    def serving(self) -> frozenset[str]: ...


class Vitals(Protocol):
    """What is watched of a device; `network.drivers.base.Vitals` says what is in it."""

    @property
    def interfaces(self) -> Sequence[Any]: ...
    @property
    def neighbors(self) -> Mapping[str, Any]: ...
    @property
    def routes(self) -> Mapping[tuple[str, int], int]: ...


class Driver(Protocol):
    """What `deploy` asks of a NAPALM driver, beyond NAPALM `load_over` to `close_change`; see `network.drivers`.

    * `observe(VRF → addresses, EXPECTED)` tells all that a change wants to know of a device, in one visit; what runs is
      told as EXPECTED where the device itself finds that it runs that.
    * `load_over(RUNNING, CONFIG)` stages a replacement over what is known to run; the device refuses a commit over
      anything else.
    * `commit_config(message=CHANGE, revert_in=SECONDS)` takes a snapshot, makes the candidate the running
      configuration, and goes back by a timer on the device (or at its next boot) unless confirmed in time.
    * `confirm_commit()` stops the timer and saves; the snapshot stays. It raises when nothing is pending.
    * `rollback()` goes back to the snapshot, before or after confirmation. `close_change(change)` drops the snapshot
      of that change, if there is one.
    """

    def open(self) -> None: ...
    def close(self) -> None: ...
    def get_config(self, retrieve: str = ..., /) -> Mapping[str, str]: ...
    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None: ...
    def compare_config(self) -> str: ...
    def discard_config(self) -> None: ...
    def commit_config(self, message: str = "", revert_in: int | None = None) -> None: ...
    def confirm_commit(self) -> None: ...
    def rollback(self) -> None: ...
    def load_over(self, running: str, config: str) -> None: ...
    def observe(self, destinations: Mapping[str, Iterable[str]], expected: str = ..., /) -> Observation: ...
    def pending_commit(self) -> Pending | None: ...
    def close_change(self, change: str) -> None: ...
    def get_vitals(self) -> Vitals: ...
    def cli(self, commands: list[str], /) -> Mapping[str, str]: ...
    def get_firewall_policies(self) -> Mapping[str, list[dict[str, Any]]]: ...


@dataclass(frozen=True, slots=True)
class Station:
    """Where a device is: its name, the driver that speaks to it, and its management address.

    `texts` are configurations it may run, where its driver has to know what to look for.
    """

    name: str
    platform: str
    address: str
    texts: tuple[str, ...] = ()


class TroubleError(SansoError):
    """One device could not do what was asked.

    `unreachable`: it did not answer, so it may or may not have done it. `refused`: it answered that it did not.
    """

    def __init__(self, device: str, kind: Literal["unreachable", "refused"], what: Text) -> None:
        super().__init__(Text("{device}: {what}", "{device}: {what}").format(device=device, what=what))
        self.device = device
        self.kind = kind
        self.reason = what


def connect(station: Station, access: Access) -> Driver:
    """An opened driver session to a device. Its host key is always checked."""
    from napalm import get_network_driver  # noqa: PLC0415 napalm imports every vendor's library

    options: dict[str, Any] = {"port": access.port, "ssh_strict": True}
    if access.key is not None:
        options["key_file"] = str(access.key)
    if access.known_hosts is not None:
        options["known_hosts_file"] = str(access.known_hosts)
    driver: Driver = get_network_driver(station.platform)(
        station.address, access.user, "", timeout=access.timeout_s, optional_args=options
    )
    driver.open()
    return driver


def trouble(station: Station, error: Exception) -> TroubleError:
    """The one clear sentence for an exception of a driver."""
    if isinstance(error, TroubleError):
        return error
    if isinstance(error, DeviceError):
        away = isinstance(error, exceptions.ConnectionException | exceptions.CommandTimeoutException)
        told = Text(error.trouble.say("en"), error.trouble.say("ja"))
        return TroubleError(station.name, "unreachable" if away else "refused", told)
    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError | EOFError | exceptions.ConnectionException | exceptions.CommandTimeoutException):
        return TroubleError(
            station.name,
            "unreachable",
            Text(
                f"{station.address} does not answer ({reason}).",
                f"{station.address} が応答しません ({reason})。",
            ),
        )
    if isinstance(error, exceptions.NapalmException):
        return TroubleError(
            station.name, "refused", Text(f"the device refused: {reason}", f"機器が拒否しました: {reason}")
        )
    kind = type(error).__name__
    told = Text(f"the driver failed ({kind}: {reason})", f"ドライバの障害です ({kind}: {reason})")
    return TroubleError(station.name, "refused", told)
