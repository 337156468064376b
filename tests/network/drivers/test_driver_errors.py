"""What a user is told when a device cannot be reached, or cannot do what is asked."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from handmade import Devices, Driver
from napalm import get_network_driver
from napalm.base import exceptions

from network.drivers.errors import DeviceError

lab = pytest.mark.lab
RIGHT, WRONG = "secret", "wrong"


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def failing(driver: Driver) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        driver.open()
    assert driver.is_alive() == {"is_alive": False}
    return caught.value


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = failing(get_network_driver("frr")("127.0.0.1", "root", "x", timeout=2, optional_args={"port": port}))
    assert isinstance(error, exceptions.ConnectionException)
    assert str(error) == (
        f"127.0.0.1: port {port} does not answer as SSH. Expected: an SSH server within 2 s."
        f" Found: [Errno None] Unable to connect to port {port} on 127.0.0.1."
        " Hint: check the address, the cable and that sshd runs."
    )


def test_something_else_listens(silent: int) -> None:
    error = failing(get_network_driver("frr")("127.0.0.1", "root", "x", timeout=1, optional_args={"port": silent}))
    assert isinstance(error, exceptions.ConnectTimeoutError)
    assert error.say("ja").startswith(
        f"127.0.0.1: ポート {silent} が SSH として応答しません。 期待: 1 秒以内の SSH 応答。 実際: "
    )


def test_a_key_file_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        options = {"port": server.getsockname()[1], "known_hosts_file": "/nowhere/known_hosts"}
        error = failing(get_network_driver("frr")("127.0.0.1", "root", "x", timeout=1, optional_args=options))
    assert str(error) == (
        "127.0.0.1: there is no file /nowhere/known_hosts. Hint: check key_file and known_hosts_file."
    )


def test_a_driver_that_was_not_opened() -> None:
    driver = get_network_driver("frr")("192.0.2.1", "root", "")
    with pytest.raises(
        exceptions.ConnectionClosedException, match=r"there is no connection\. Hint: call open\(\) first\."
    ):
        driver.get_facts()


def _unknown(devices: Devices) -> dict[str, Any]:
    empty = devices.state / "empty"
    empty.write_text("")
    return {"known_hosts_file": str(empty)}


def _changed(devices: Devices) -> dict[str, Any]:
    other = devices.state / "other_hosts"
    other.write_text(f"{devices.addresses['r1']} {' '.join((devices.state / 'key.pub').read_text().split()[:2])}\n")
    return {"known_hosts_file": str(other)}


UNKNOWN = (
    "192.0.2.10: the host key is not known; nothing was sent. Expected: a line for it in {state}/empty."
    " Found: ssh-ed25519 {host}. Hint: compare the key on the device's console, then add it."
)
CHANGED = (
    "192.0.2.10: the host key is another one than the one known; nothing was sent. Expected: {user}."
    " Found: {host}. Hint: compare the key on the device's console; if it is right, renew its line in"
    " {state}/other_hosts."
)


@lab
@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            _unknown,
            exceptions.ConnectionException,
            UNKNOWN,
        ),
        (
            _changed,
            exceptions.ConnectionException,
            CHANGED,
        ),
        (
            lambda _: {"key_file": "", "password": WRONG},
            exceptions.ConnectAuthError,
            "192.0.2.10: login as root was refused. Found: password. Hint: check the user, the key and the password.",
        ),
    ],
    ids=["unknown host key", "another host key", "wrong password"],
)
def test_logging_in(
    devices: Devices, options: Callable[[Devices], dict[str, Any]], kind: type[Exception], message: str
) -> None:
    error = failing(devices.driver("r1", timeout=20, **options(devices)))
    assert isinstance(error, kind)
    prints = {name: _fingerprint(devices.state / f"{name}.pub") for name in ("host_key", "key")}
    assert str(error) == message.format(state=devices.state, host=prints["host_key"], user=prints["key"])


def _fingerprint(path: Path) -> str:
    said = subprocess.run(["ssh-keygen", "-l", "-f", path], check=True, capture_output=True, text=True).stdout
    return said.split()[1]


@lab
def test_the_right_password_and_an_unknown_key_that_is_accepted(devices: Devices) -> None:
    with devices.open("r1", key_file="", password=RIGHT, **_unknown(devices), ssh_strict=False) as device:
        assert device.is_alive() == {"is_alive": True}
        assert device.ping("127.0.0.1", count=1)["success"]["packet_loss"] == 0
        assert device.answering({"": ["127.0.0.1", "::1", "192.0.2.77"]}) == {"": {"127.0.0.1", "::1"}}
        assert device.answering({}) == {}


@lab
def test_a_program_that_is_missing(devices: Devices) -> None:
    devices.run("r1", "mv /usr/lib/frr/frr-reload.py /usr/lib/frr/away")
    try:
        with devices.open("r1") as device, pytest.raises(exceptions.ReplaceConfigException) as caught:
            device.load_replace_candidate(config="hostname r1\n")
    finally:
        devices.run("r1", "mv /usr/lib/frr/away /usr/lib/frr/frr-reload.py")
    assert str(caught.value) == (
        "192.0.2.10: the device lacks programs it needs; nothing was changed. Expected: the packages frr-pythontools."
        " Hint: on the device: apt-get install frr-pythontools."
    )


@lab
def test_a_device_whose_daemon_is_down(devices: Devices) -> None:
    devices.run("sw1", "mv /run/openvswitch/db.sock /run/openvswitch/away")
    try:
        with devices.open("sw1") as device, pytest.raises(exceptions.CommandErrorException) as caught:
            device.get_config()
    finally:
        devices.run("sw1", "mv /run/openvswitch/away /run/openvswitch/db.sock")
    assert str(caught.value) == (
        "192.0.2.14: its configuration cannot be read. Expected: an answer to:"
        " ovs-vsctl list, ovs-ofctl dump-flows. Found: exit code 1. Hint: see that Open vSwitch runs."
    )


@lab
def test_a_device_booted_by_systemd_undoes_by_itself(devices: Devices) -> None:
    """`systemctl` is played by a script: there is no systemd here."""
    devices.run("r2", "mkdir -p /run/systemd/system && ln -sf /bin/echo /usr/local/sbin/systemctl")
    with devices.open("r2") as device:
        device.load_replace_candidate(config="hostname r2\n")
    assert "ExecStart=/usr/local/lib/sanso/guard boot" in devices.run(
        "r2", "cat /etc/systemd/system/sanso-boot.service"
    )
    devices.run("r2", "rm -rf /run/systemd /usr/local/sbin/systemctl")


@lab
def test_a_connection_that_breaks(devices: Devices) -> None:
    with devices.open("r1") as device:
        device.device.close()
        assert device.is_alive() == {"is_alive": False}
        with pytest.raises(exceptions.ConnectionClosedException, match="the connection was lost"):
            device.get_facts()


@pytest.mark.parametrize("name", ["frr", "nftables", "openvswitch"])
def test_a_text_of_another_platform(name: str) -> None:
    driver = get_network_driver(name)("192.0.2.1", "root", "")
    driver.device = Nothing()
    with pytest.raises(
        exceptions.ReplaceConfigException, match=f"not a configuration of platform {name}; nothing was changed"
    ):
        driver.load_replace_candidate(
            config={"frr": "!\n", "nftables": "hostname a\n", "openvswitch": "hostname a\n"}[name]
        )


class Nothing:
    """A device that says nothing."""

    def outputs(self, commands: tuple[str, ...], first: str = "") -> tuple[Any, ...]:
        del first
        from network.drivers.ssh import Output  # noqa: PLC0415 one use

        return tuple(Output(0, "") for _ in commands)


def test_the_installed_drivers_need_nothing_else_of_sanso() -> None:
    code = (
        "import sys; from napalm import get_network_driver as g; [g(n) for n in ('frr', 'nftables', 'openvswitch')];"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('inventory', 'deploy', 'network')))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path("/"))
    assert all(name.strip(" '[]\n") == "network" or "network.drivers" in name for name in done.stdout.split(","))
