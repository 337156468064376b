"""What becomes of a commit on live devices when something goes wrong on them, or was wrong with it."""

from __future__ import annotations

import pytest
from commit_cases import CONFIGS, EVERY, FRR, SEGMENT, runs
from handmade import Devices
from live_configs import HEAD
from napalm.base import exceptions

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("bare")]


def test_a_line_that_a_daemon_rejects_undoes_the_commit(devices: Devices) -> None:
    wrong = SEGMENT.replace(" neighbor 10.31.128.1 remote-as 64513\n", "")
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + wrong)
        with pytest.raises(exceptions.CommitError, match=r"back on its old configuration.*Specify remote-as"):
            device.commit_config(message="wrong", revert_in=300)
        assert not device.has_pending_commit()
        assert runs(device, "r1", 0)


@pytest.mark.long
def test_the_sure_way_back_is_taken_when_the_quick_one_fails(devices: Devices) -> None:
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + SEGMENT)
        device.commit_config(message="torn", revert_in=300)
        devices.run("r1", "echo nonsense >/var/lib/sanso-commit/slot/back/batch")
        device.rollback()
        assert runs(device, "r1", 0)


BAD = {
    "r1": (FRR + "router ospf vrf\n", "Unknown command|incomplete"),
    "fw1": (CONFIGS["fw1"][1].replace("tcp dport 443", "tcp dprt 443"), "syntax error"),
    "sw1": (CONFIGS["sw1"][1].replace("tag=20", "tag=5000"), "5000 is not in the valid range"),
}


@EVERY
def test_the_devices_own_checker_refuses_first(devices: Devices, name: str) -> None:
    text, reason = BAD[name]
    with devices.open(name) as device:
        with pytest.raises(exceptions.ReplaceConfigException, match=f"(?i)nothing was changed.*({reason})"):
            device.load_replace_candidate(config=text)
        assert device.compare_config() == ""
        assert runs(device, name, 0)
        with pytest.raises(exceptions.CommitError, match="there is no candidate"):
            device.commit_config()


@EVERY
def test_the_configuration_of_another_device_is_refused(devices: Devices, name: str) -> None:
    text = CONFIGS[name][1].replace(f"hostname {name}", "hostname other")
    with (
        devices.open(name) as device,
        pytest.raises(
            exceptions.ReplaceConfigException, match=f"not one of this device.*hostname {name}.*hostname other"
        ),
    ):
        device.load_replace_candidate(config=text)


def test_a_full_disk(devices: Devices) -> None:
    fill = "dd if=/dev/zero of=/fill bs=64k 2>/dev/null; dd if=/dev/zero of=/fill2 bs=1 2>/dev/null; true"
    text = HEAD.format(name="tiny")
    with devices.open("tiny") as device:
        devices.run("tiny", fill)
        with pytest.raises(exceptions.ReplaceConfigException, match="free space"):
            device.load_replace_candidate(config=text + SEGMENT)
        devices.run("tiny", "rm /fill /fill2")
        device.load_replace_candidate(config=text + SEGMENT)
        devices.run("tiny", fill)
        with pytest.raises(exceptions.CommitError, match="disk is full; nothing was changed"):
            device.commit_config(message="full", revert_in=300)
        devices.run("tiny", "rm /fill /fill2")
        device.commit_config(message="full", revert_in=300)
        devices.run("tiny", fill)
        device.confirm_commit()
        assert device.get_config()["startup"] == text + SEGMENT
        device.rollback()
        assert device.compare_config() == ""
        assert "lgwan" not in device.get_config()["running"]
        devices.run("tiny", "rm /fill /fill2")


@pytest.mark.long
def test_where_the_quick_way_back_fails_the_sure_one_serves(devices: Devices) -> None:
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + SEGMENT)
        device.commit_config()
        device.load_replace_candidate(config=FRR + SEGMENT.replace("description to the other", "description other"))
        device.commit_config(revert_in=300)
        devices.run("r1", "echo nonsense >/var/lib/sanso-commit/slot/back/batch; rm -f /var/log/frr/frr-reload.log")
        device.rollback()
        assert runs(device, "r1", 1)
        assert devices.run("r1", "test -s /var/log/frr/frr-reload.log && pidof ospfd bgpd zebra").split()


@pytest.mark.long
def test_the_way_back_starts_a_daemon_that_died(devices: Devices) -> None:
    with devices.open("r1") as device:
        device.load_replace_candidate(config=FRR + SEGMENT)
        device.commit_config()
        device.load_replace_candidate(config=FRR + SEGMENT.replace("ip ospf area", "ip ospf cost 7\n ip ospf area"))
        device.commit_config(revert_in=300)
        devices.run("r1", "kill -KILL $(pidof ospfd); while pidof ospfd; do sleep 0.1; done", check=False)
        device.rollback()
        assert runs(device, "r1", 1)
        assert devices.run("r1", "pidof ospfd").strip()
