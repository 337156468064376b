"""How often a lab's watch looks: within seconds at a small city, no more than two processors bear at a large one."""

from __future__ import annotations

from pathlib import Path

from monitoring.prometheus.settings import LAB_LOOKS, Settings

CA = Path("/state/ca.pem")


def test_a_few_devices_are_looked_at_at_the_interval_that_was_asked_for() -> None:
    assert Settings.lab(5, CA, LAB_LOOKS).device == 5


def test_many_devices_are_looked_at_less_often_and_paths_as_often() -> None:
    settings = Settings.lab(5, CA, 80)
    assert (settings.probe, settings.device, settings.snmp, settings.drift) == (5, 16, 48, 192)
