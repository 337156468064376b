"""Declared settings stand where there is something to set: SSIDs on wireless VLANs, port protection on switches."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import same


def ssids_on_air(survey: Survey) -> Iterator[Finding]:
    """A VLAN with an SSID is wireless."""
    for lan in survey.lans:
        if lan.vlan.ssid is not None and lan.vlan.medium != "wireless" and survey.sound(*lan.path, "medium"):
            yield problem(
                "ssid-wired",
                (*lan.path, "ssid"),
                Text("a wired VLAN has no SSID", "有線の VLAN に SSID は書けません"),
                expected=Text("`medium: wireless` beside it", "`medium: wireless` も指定"),
                found=same(f"{lan.vlan.ssid.name}, {lan.vlan.medium}"),
            )


def protections_on_switches(survey: Survey) -> Iterator[Finding]:
    """Only access switches have access ports to protect."""
    for s, site in survey.city.sites.items():
        for key, device in site.devices.items():
            if device.protections is not None and device.role != "access":
                yield problem(
                    "protections-aside",
                    ("sites", s, "devices", key, "protections"),
                    Text("it has no access ports to protect", "保護するアクセスポートのない機器です"),
                    expected=Text("protections on access switches only", "protections はアクセススイッチだけに指定"),
                    found=same(device.role),
                )
