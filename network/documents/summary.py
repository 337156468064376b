"""The first page: what there is, and where."""

from __future__ import annotations

from network.compile.wording import bandwidth
from network.documents.page import Link, Page, Table
from network.documents.words import MEDIA, NONE, PLATFORMS, ROLES, SITE_KINDS, place
from network.fabric import Fabric

_MODELS = {"alpha": "αモデル", "alpha-prime": "α′モデル", "beta": "βモデル", "beta-prime": "β′モデル"}


def city_page(fabric: Fabric) -> Page:
    """The index of a city's documents, with its sites, devices, circuits and workloads."""
    city = fabric.city
    facts = (
        ("三層の対策のモデル", _MODELS[city.model]),
        ("ガイドラインの版", city.edition),
        ("領域", "、".join(f"{segment.title}({segment.vrf})" for segment in city.segments.values())),
        ("拠点", f"{len(city.sites)} 箇所"),
        ("機器", f"{len(fabric.devices)} 台"),
        ("回線", f"{len(city.circuits)} 本"),
    )
    return Page(
        title=f"{city.title} ネットワーク設計書",
        subtitle="インベントリから生成した文書の一覧",
        facts=facts,
        tables=(
            _sites(fabric),
            _devices(fabric),
            _circuits(fabric),
            *((_workloads(fabric),) if city.workloads else ()),
        ),
        links=(
            ("network.svg", "ネットワーク構成図"),
            ("address-book.html", "アドレス帳"),
            ("prefixes.csv", "プレフィックス(CSV)"),
            ("addresses.csv", "アドレス(CSV)"),
            ("hosts", "ホスト名一覧"),
        ),
    )


def _sites(fabric: Fabric) -> Table:
    rows = tuple(
        (str(site.number), site.title, key, SITE_KINDS[site.kind], site.address or NONE, str(len(site.devices)),
         Link(f"diagrams/{key}.svg", "拠点構成図"), place(site.origin))
        for key, site in fabric.city.sites.items()
    )  # fmt: skip
    columns = ("拠点番号", "拠点", "識別名", "種別", "所在地", "機器数", "構成図", "定義箇所")
    return Table("拠点", columns, rows)


def _devices(fabric: Fabric) -> Table:
    rows = tuple(
        (name, fabric.city.sites[device.site].title, ROLES[device.spec.role], PLATFORMS[device.spec.platform],
         str(device.management.ip), Link(f"sheets/{name}.html", "パラメータシート"), place(device.origin))
        for name, device in fabric.devices.items()
    )  # fmt: skip
    columns = ("機器名", "拠点", "役割", "プラットフォーム", "管理アドレス", "パラメータシート", "定義箇所")
    return Table("機器", columns, rows)


_LEVELS = {"system": "システムの稼働", "tasks": "選んだ業務", "all": "全業務"}


def _workloads(fabric: Fabric) -> Table:
    city = fabric.city
    rows = tuple(
        (work.title, work.owner, city.segments[work.segment].title,
         "\n".join(work.hosts) if work.peer is None else city.peers[work.peer].title,
         "、".join(city.workloads[name].title for name in work.needs) or NONE,
         f"{work.recovery.rto_hours:g} 時間", f"{work.recovery.rpo_hours:g} 時間", _LEVELS[work.recovery.rlo],
         f"{work.recovery.target_start_hours:g} 時間" if work.recovery.target_start_hours is not None else NONE,
         place(work.origin))
        for work in city.workloads.values()
    )  # fmt: skip
    columns = ("業務システム", "所管課", "領域", "稼働場所", "依存先", "RTO", "RPO", "RLO", "目標開始時間", "定義箇所")
    return Table("業務システム", columns, rows)


def _circuits(fabric: Fabric) -> Table:
    city = fabric.city
    rows = tuple(
        (circuit.title or key, f"{circuit.a}\n{circuit.b}", f"{MEDIA[circuit.medium]}({circuit.provider})",
         bandwidth(circuit.bandwidth), "、".join(city.risk_groups[name].title for name in circuit.risks) or NONE,
         place(circuit.origin))
        for key, circuit in city.circuits.items()
    )  # fmt: skip
    return Table("回線", ("回線", "両端", "媒体(事業者)", "帯域", "共有リスク", "定義箇所"), rows)
