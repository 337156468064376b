"""Devices and servers: whether they answer, and whether they are about to stop doing so."""

from __future__ import annotations

from inventory.text import Text
from monitoring.prometheus import names
from monitoring.prometheus.rule import Alert, Group, Rule
from monitoring.prometheus.servers import down, servers
from monitoring.prometheus.settings import Settings
from network.fabric import Fabric, FabricDevice

BUSY_S = 900
"""A quarter of an hour: what is shorter is work, not trouble."""


def devices(fabric: Fabric, settings: Settings) -> Group:
    """Rules per device and per server, then those about any node."""
    rules: list[Rule] = [_down(device, fabric, settings) for device in fabric.devices.values()]
    rules += [down(host, fabric, settings) for host in servers(fabric)]
    return Group("devices", [*rules, *_nodes(settings)])


def _down(device: FabricDevice, fabric: Fabric, settings: Settings) -> Alert:
    title, site = names.device(device), names.site(fabric, device.site)
    return Alert(
        "DeviceDown",
        f'sanso_device_up{{device="{device.name}"}} == 0',
        "warning" if device.spec.role == "access" else "critical",
        title,
        Text(f"Device {device.name} does not answer.", f"機器停止: {site}の{title}が応答しません。"),
        Text(
            f"It cannot be logged in to over the management network ({device.management.ip}).",
            f"管理ネットワーク({device.management.ip})からログインできません。"
            "電源、管理用ポート、機器の状態を確認してください。",
        ),
        2 * settings.device,
        {"device": device.name, "site": device.site},
    )


def _nodes(settings: Settings) -> tuple[Alert, ...]:
    return (_silent(settings), *(_machine() if settings.one_machine else _each()))


def _silent(settings: Settings) -> Alert:
    return Alert(
        "SnmpDown",
        "sanso_snmp_up == 0 unless on (device) sanso_device_up == 0 unless on (device) sanso_server_up == 0",
        "info",
        "",
        Text(
            "{{ $labels.device }} does not answer SNMP.",
            "SNMP 無応答: {{ $labels.device }} が SNMP に応答しません。",
        ),
        Text(
            "Its CPU and memory are not known; what it does may be fine.",
            "CPU とメモリの値が取れていません。機器そのものは動いている可能性があります。",
        ),
        2 * settings.snmp,
    )


def _each() -> tuple[Alert, ...]:
    """About each node."""
    return (
        _busy(
            "",
            "sanso_snmp_cpu_idle_ratio",
            Text("{{ $labels.device }} is busy.", "高負荷: {{ $labels.device }} の CPU 使用率が 90% を超えています。"),
        ),
        _memory_low(
            "",
            _AVAILABLE,
            Text(
                "{{ $labels.device }} runs out of memory.",
                "メモリ不足: {{ $labels.device }} の空きメモリが 10% を下回っています。",
            ),
        ),
    )


def _machine() -> tuple[Alert, ...]:
    """About the one machine that all nodes of a lab share, once: every node tells the same of it."""
    title = "ラボのマシン"
    return (
        _busy(
            title,
            "max(sanso_snmp_cpu_idle_ratio)",
            Text(
                "The machine the lab runs on is busy.",
                "高負荷: ラボを動かしているマシンの CPU 使用率が 90% を超えています。",
            ),
        ),
        _memory_low(
            title,
            f"max({_AVAILABLE})",
            Text(
                "The machine the lab runs on runs out of memory.",
                "メモリ不足: ラボを動かしているマシンの空きメモリが 10% を下回っています。",
            ),
        ),
    )


_AVAILABLE = "sanso_snmp_memory_available_bytes / sanso_snmp_memory_total_bytes"


def _busy(title: str, idle: str, summary: Text) -> Alert:
    return Alert(
        "NodeBusy",
        f"{idle} < 0.1",
        "warning",
        title,
        summary,
        Text(
            "Its CPU has been more than 90 % busy for a quarter of an hour.",
            "15 分以上続いています。処理の集中、攻撃、ループの有無を確認してください。",
        ),
        BUSY_S,
    )


def _memory_low(title: str, available: str, summary: Text) -> Alert:
    return Alert(
        "NodeMemoryLow",
        f"{available} < 0.1",
        "warning",
        title,
        summary,
        Text(
            "Less than a tenth of its memory has been available for a quarter of an hour.",
            "15 分以上続いています。メモリを多く使うプロセスを確認してください。",
        ),
        BUSY_S,
    )
