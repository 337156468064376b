"""NAPALM's own test suite aimed at one of our drivers: on recorded output, or (NAPALM_TEST_MOCK=0) on a live device."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

from handmade import Driver
from napalm import get_network_driver
from napalm.base.test.double import BaseTestDouble

from network.drivers.ssh import Output

HERE = Path(__file__).parent


class Recorded(BaseTestDouble):  # type: ignore[misc]
    """Answers every command with what a device answered once."""

    def __init__(self, platform: str) -> None:
        super().__init__()
        self.platform = platform

    def find_file(self, filename: str) -> str:
        path = HERE / self.platform / "mocked_data" / self.current_test / self.current_test_case / filename
        if not path.exists():
            raise OSError(path)
        return str(path)

    def outputs(self, commands: Sequence[str], stdin: bytes = b"", first: str = "") -> tuple[Output, ...]:
        del stdin, first
        return tuple(Output(0, self.read_txt_file(self.find_file(f"{name_of(command)}.txt"))) for command in commands)

    def alive(self) -> bool:
        return True

    def close(self) -> None:
        pass


class Recorder:
    """Stands between a driver and a live device and keeps what is said."""

    def __init__(self, device: Driver, folder: Path) -> None:
        self._device = device
        self._folder = folder

    def outputs(self, commands: Sequence[str], stdin: bytes = b"", first: str = "") -> tuple[Output, ...]:
        answers: tuple[Output, ...] = self._device.outputs(commands, stdin, first)
        self._folder.mkdir(parents=True, exist_ok=True)
        for command, answer in zip(commands, answers, strict=True):
            (self._folder / f"{name_of(command)}.txt").write_text(answer.text, "utf-8")
        return answers

    def __getattr__(self, name: str) -> Driver:
        return getattr(self._device, name)


def name_of(command: str) -> str:
    name: str = BaseTestDouble.sanitize_text(command)
    return f"{name[:60]}_{zlib.crc32(command.encode()):08x}"


def patched(platform: str) -> type:
    """The platform's driver, speaking to recorded output."""
    driver = get_network_driver(platform)

    class Patched(driver):  # type: ignore[misc, valid-type]
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)
            self.patched_attrs = ["device"]
            self.device = Recorded(platform)

        def open(self) -> None:
            pass

        def is_alive(self) -> dict[str, bool]:
            return {"is_alive": True}

    return Patched


def save_result(folder: Path, result: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / "expected_result.json").write_text(text + "\n", "utf-8")


def recorded(platform: str, test: str) -> tuple[Driver, object]:
    """A driver that answers from one recording, and what it should make of it."""
    driver = patched(platform)("192.0.2.1", "root", "")
    driver.device.current_test, driver.device.current_test_case = test, "normal"
    return driver, driver.device.expected_result
