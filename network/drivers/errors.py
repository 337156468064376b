"""What can go wrong with a device, in one clear sentence each: subject, expected, found, and what to do.

Every class is also the NAPALM exception a caller expects. `str(error)` is English; `error.say("ja")` is Japanese.
"""

from __future__ import annotations

from dataclasses import dataclass

from napalm.base import exceptions


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    en: str
    ja: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """The parts of a message; `found` may quote the device and is the same in both languages."""

    what: Words
    expected: Words | None = None
    found: str = ""
    hint: Words | None = None

    def say(self, language: str) -> str:
        japanese = language == "ja"
        labels = ("期待", "実際", "対処") if japanese else ("Expected", "Found", "Hint")

        def pick(words: Words | None) -> str:
            return "" if words is None else words.ja if japanese else words.en

        found = " / ".join(line.strip() for line in self.found.splitlines() if line.strip())
        stop = "。" if japanese else "."
        rows = zip(labels, (pick(self.expected), found, pick(self.hint)), strict=True)
        return " ".join([pick(self.what) + stop, *(f"{label}: {row}{stop}" for label, row in rows if row)])


class DeviceError(exceptions.NapalmException):  # type: ignore[misc] # napalm carries no types
    """Something a device did not do. `device` is its address."""

    def __init__(self, device: str, trouble: Trouble) -> None:
        super().__init__(f"{device}: {trouble.say('en')}")
        self.device = device
        self.trouble = trouble

    def say(self, language: str) -> str:
        return f"{self.device}: {self.trouble.say(language)}"


class HostKeyError(DeviceError, exceptions.ConnectionException):  # type: ignore[misc]
    """The device's host key is unknown or another one. Nothing was sent to it."""


class LoginError(DeviceError, exceptions.ConnectAuthError):  # type: ignore[misc]
    """The device does not accept the user, key or password."""


class UnreachableError(DeviceError, exceptions.ConnectTimeoutError):  # type: ignore[misc]
    """The device does not answer."""


class ClosedError(DeviceError, exceptions.ConnectionClosedException):  # type: ignore[misc]
    """There is no connection (any more): what was asked may or may not have been done."""


class NoAnswerError(DeviceError, exceptions.CommandTimeoutException):  # type: ignore[misc]
    """A command did not end in time: it may or may not have been done."""


class CommandError(DeviceError, exceptions.CommandErrorException):  # type: ignore[misc]
    """A command failed on the device."""


class ReplaceError(DeviceError, exceptions.ReplaceConfigException):  # type: ignore[misc]
    """The candidate cannot become the configuration. Nothing was changed."""


class MergeError(DeviceError, exceptions.MergeConfigException):  # type: ignore[misc]
    """The candidate cannot be merged into the configuration. Nothing was changed."""


class CommitFailedError(DeviceError, exceptions.CommitError):  # type: ignore[misc]
    """The commit was not made; the message says what the device runs now."""


class PendingError(DeviceError, exceptions.CommitConfirmException):  # type: ignore[misc]
    """A pending commit is in the way, is missing, or is over."""


class MissingPackageError(ReplaceError, MergeError):
    """The device lacks a program. Nothing was changed."""
