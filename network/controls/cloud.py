"""The government cloud and others (C51, C52)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Attachment, Peer
from inventory.text import Text
from inventory.words import tied
from network.controls.control import Awaited, Control, Evidence, either
from network.controls.facts import Facts
from network.controls.mynumber import CLOSED

PATHS = 2


class GovernmentCloud(Control):
    """C51: the government cloud lands in My Number or a registered VRF, by two closed ways."""

    id = "C51"
    title = Text("How the government cloud is joined", "ガバクラ接続")
    rule = Text(
        "lands in My Number or a VRF whose flows are registered; closed lines; two ways that share nothing",
        "マイナンバー利用事務系または登録された VRF だけに接続し、閉域で、共有リスクのない 2 経路を持つこと",
    )
    bases = ("K", "S")
    absent = Text("the city is not joined to the government cloud", "ガバメントクラウドへの接続がありません")

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for name, peer in facts.peers("government-cloud").items():
            segment = facts.city.segments[peer.segment]
            registered = any(row.live and f"peer:{name}" in row.zones for row in facts.rows)
            yield either(
                segment.kind == "mynumber" or registered,
                Text(f"{name} lands in {peer.segment}", f"{peer.title}: {tied(segment.title, 'に接続')}"),
                Text(
                    f"{name} lands in {peer.segment} without a row",
                    f"{peer.title}: 登録のないまま{tied(segment.title, 'に接続')}",
                ),
                peer.origin,
            )
            for key, line in peer.attachments.items():
                yield either(
                    line.medium in CLOSED,
                    Text(f"{name}/{key}: closed line ({line.medium})", f"{peer.title} {key}: 閉域回線"),
                    Text(f"{name}/{key} runs over {line.medium}", f"{peer.title} {key} の媒体は {line.medium} です"),
                    line.origin,
                )
            yield _two_ways(name, peer)


def _two_ways(name: str, peer: Peer) -> Evidence:
    lines = list(peer.attachments.values())
    pairs = [(a, b) for position, a in enumerate(lines) for b in lines[position + 1 :] if _apart(a, b)]
    return either(
        bool(pairs),
        Text(
            f"{name} has {len(lines)} lines, two of them apart",
            f"{peer.title}: 独立した 2 経路あり ({len(lines)} 回線)",
        ),
        Text(
            f"{name} has no two lines that share nothing",
            f"{peer.title}: 独立した 2 経路がありません ({len(lines)} 回線)",
        ),
        peer.origin,
    )


def _apart(one: Attachment, other: Attachment) -> bool:
    return one.device.device != other.device.device and not set(one.risks) & set(other.risks)


class CloudTerms(Awaited):
    """C52: what a cloud contract must say."""

    id = "C52"
    title = Text("What clouds must offer", "クラウド属性")
    rule = Text(
        "Japanese law, the customer's keys, a way out, a backup elsewhere",
        "日本法の適用、利用者による鍵管理、退出の手段、外部へのバックアップがあること",
    )
    bases = ("S",)
    awaits = Text("the terms of each cloud contract", "クラウドごとの契約条件")
    absent = Text("the city uses no cloud", "クラウドへの接続がありません")

    def applies(self, facts: Facts) -> bool:
        return bool(facts.peers("municipal-cloud", "government-cloud"))


CONTROLS: tuple[Control, ...] = (GovernmentCloud(), CloudTerms())
