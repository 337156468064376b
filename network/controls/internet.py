"""The way out to the internet, and what the internet may reach (C18 to C22)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from network.controls.control import Awaited, Control, Evidence, breaks, either, fits
from network.controls.defaults import defaults
from network.controls.facts import Facts, Row, prefixes_of
from network.controls.mynumber import unregistered
from network.controls.unread import unread

NO_INTERNET = Text("the city has no internet segment", "インターネット接続系の領域がありません")


class OneExit(Control):
    """C18: defaults of the internet segment lead to the security cloud."""

    id = "C18"
    title = Text("The security cloud is the only exit", "出口はセキュリティクラウドのみ")
    rule = Text(
        "every default route of the internet segment stands on what the security cloud announces",
        "インターネット接続系の既定経路が、自治体情報セキュリティクラウドからの広告に基づくものだけであること",
    )
    bases = ("F", "S")
    absent = NO_INTERNET

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        segments = facts.segments("internet")
        if not segments:
            return
        clouds = facts.peers("security-cloud")
        for peer in clouds.values():
            yield fits(Text(f"exit: {peer.title}", f"出口: {peer.title}"), peer.origin)
        if not clouds:
            yield breaks(
                Text("there is no security cloud", "セキュリティクラウドへの接続がありません"), facts.city.origin
            )
        yield from self._firewalls(facts)
        markers = {str(facts.city.segments[name].ipv4.supernet[0]) for name in segments}
        markers |= {str(facts.city.segments[name].ipv6.supernet[0]) for name in segments}
        vrfs = {facts.city.segments[name].vrf for name in segments}
        for name, state in facts.states.items():
            if state.platform != "frr":
                continue
            for item in defaults(state):
                if item.vrf in vrfs:
                    route = item.static
                    stands = route is not None and str(route.via) in markers and route.nexthop_vrf is None
                    text = Text("{name}: {what}", "{name}: {what}").format(name=name, what=item.what)
                    yield fits(text, item.origin) if stands else breaks(text, item.origin)
        yield from unread(facts, "nftables")
        yield from unread(facts, "frr")

    @staticmethod
    def _firewalls(facts: Facts) -> Iterator[Evidence]:
        """Neighbours from whom a firewall would take a default route: lines of the security cloud only."""
        clouds = {facts.city.peers[name].asn for name in facts.peers("security-cloud")}
        for name, state in facts.firewalls.items():
            for item in defaults(state):
                ours = item.neighbor is not None and item.neighbor.remote_as in clouds
                text = Text("{name}: {what}", "{name}: {what}").format(name=name, what=item.what)
                yield fits(text, item.origin) if ours else breaks(text, item.origin)


class NoBypass(Control):
    """C19: no line to the internet but through the security cloud."""

    id = "C19"
    title = Text("No way around the exit", "出口の迂回禁止")
    rule = Text(
        "no line of the city leads to the internet except the security cloud's (and α′'s listed local breakout)",
        "セキュリティクラウド以外(α′モデルのローカルブレイクアウトを除く)にインターネットへの回線がないこと",
    )
    bases = ("P",)
    limits = Text(
        "a line that nobody wrote into the inventory is not seen", "インベントリに書かれていない回線は分かりません"
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        lines = 0
        for name, peer in facts.city.peers.items():
            direct = peer.kind == "internet" and facts.city.model != "alpha-prime"
            around = (
                peer.kind == "internet"
                and peer.behind is not None
                and facts.city.peers[peer.behind].kind != "security-cloud"
            )
            for key, line in peer.attachments.items():
                lines += 1
                if direct:
                    text = Text(
                        f"{name}/{key} leads to the internet", f"{peer.title} の回線 {key} がインターネットに直結"
                    )
                    yield breaks(text, line.origin)
            if around:
                yield breaks(
                    Text(f"{name} is reached through {peer.behind}", f"{peer.title} への経路が {peer.behind} 経由です"),
                    peer.origin,
                )
            elif not direct or not peer.attachments:
                yield fits(Text(f"{name}: {peer.kind}", f"{peer.title}: 迂回路なし"), peer.origin)
        if not lines:
            yield fits(Text("no line leads out of the city", "市外への回線がありません"), facts.city.origin)


class Monitored(Awaited):
    """C20: the SOC sees the logs of the internet side."""

    id = "C20"
    title = Text("Watched for hostile traffic", "不正通信監視")
    rule = Text(
        "logs of the internet side's firewall and proxy reach the SOC",
        "インターネット側のファイアウォールとプロキシのログが監視センター (SOC) に届いていること",
    )
    bases = ("F",)
    awaits = Text("the time the SOC last received a log from each source", "SOC での各ログの最終受信時刻")
    absent = NO_INTERNET

    def applies(self, facts: Facts) -> bool:
        return bool(facts.segments("internet"))


class PublishedInDmz(Control):
    """C21: the internet reaches the DMZ only, and the DMZ reaches inside only by the register."""

    id = "C21"
    title = Text("Publish from the DMZ only", "公開はDMZのみ")
    rule = Text(
        "destinations translated or opened to the internet stand in a DMZ; from there inside only by the register",
        "インターネットに公開する宛先(宛先変換を含む)は DMZ にあり、DMZ から内部へは登録された通信だけであること",
    )
    bases = ("S",)

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        dmz = facts.segments("dmz")
        yield from self._translations(facts, dmz)
        rows = [row for row in facts.rows if row.live and self._public(facts, row)]
        for row in rows:
            yield either(
                row.destination.zone in dmz,
                Text(f"{row.name} opens the DMZ", f"{row.name} は DMZ を公開"),
                Text(
                    f"{row.name} opens {row.destination.zone}",
                    f"{row.name} が DMZ 以外 ({row.destination.zone}) を公開",
                ),
                row.flow.origin,
            )
        for permit in facts.across(dmz):
            if facts.row_of(permit) is None:
                yield breaks(unregistered(permit), permit.origin)
        yield from unread(facts, "nftables")

    @staticmethod
    def _public(facts: Facts, row: Row) -> bool:
        """Whether a row lets the whole internet in, not a named relay of the security cloud."""
        if row.flow.kind == "dmz":
            return True
        peer = facts.peer_of(row.source.zone)
        everyone = any(prefix.prefixlen == 0 for prefix in prefixes_of(row.source))
        far = any(
            member.peer and facts.city.peers[member.peer].kind == "internet"
            for member in facts.city.groups[row.flow.source].members
        )
        return peer is not None and facts.outside(row.source.zone) and (everyone or far)

    @staticmethod
    def _translations(facts: Facts, dmz: frozenset[str]) -> Iterator[Evidence]:
        lans = [lan for lan in facts.fabric.lans.values() if lan.segment in dmz]
        for name, state in facts.firewalls.items():
            rules = [
                rule
                for table in state.tables
                for chain in table.chains
                for rule in chain.rules
                if rule.verdict == "dnat"
            ]
            for rule in rules:
                inside = any(rule.to is not None and (rule.to in lan.ipv4 or rule.to in lan.ipv6) for lan in lans)
                yield either(
                    inside,
                    Text(f"{name} translates to {rule.to} in the DMZ", f"{name}: 宛先変換先 {rule.to} は DMZ"),
                    Text(f"{name} translates to {rule.to}", f"{name}: 宛先変換先 {rule.to} が DMZ の外です"),
                    rule.origin,
                )
            if not rules:
                yield fits(
                    Text(f"{name} translates no destination", f"{name}: 宛先変換なし"),
                    facts.fabric.devices[name].origin,
                )


class AlwaysTls(Awaited):
    """C22: published sites speak TLS."""

    id = "C22"
    title = Text("TLS always", "常時TLS")
    rule = Text(
        "published sites answer by TLS, send others there, and their certificates have days left",
        "公開サイトが TLS で応答し、平文はリダイレクトし、証明書の有効期間が残っていること",
    )
    bases = ("S",)
    awaits = Text("a probe of the published sites", "公開サイトの監視結果")
    absent = Text(
        "the city publishes nothing from its own network", "自庁舎のネットワークから公開しているサイトがありません"
    )

    def applies(self, facts: Facts) -> bool:
        return bool(facts.segments("dmz"))


CONTROLS: tuple[Control, ...] = (OneExit(), NoBypass(), Monitored(), PublishedInDmz(), AlwaysTls())
