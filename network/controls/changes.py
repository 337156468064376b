"""Configuration, changes and who administers (C53 to C55)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Management
from inventory.origin import Origin
from inventory.text import Text
from network.controls.control import Control, Evidence, breaks, declared, either, fits, waiting
from network.controls.facts import ChangeRecord, Facts, Inspection
from network.controls.permits import ANSWERS
from network.controls.proved import devices_reached
from network.controls.unread import unread
from network.state import DeviceState, NftRule

SIGNALLING = frozenset({179, 3784})
"""BGP and BFD, from known neighbours."""
SNMP = 161
PLAIN = {23: "telnet", 80: "http"}


class NoDrift(Control):
    """C53: devices run what is intended."""

    id = "C53"
    title = Text("No configuration drift", "構成差分ゼロ")
    rule = Text(
        "every device runs what the inventory intends", "すべての機器の稼働中の設定が、インベントリどおりであること"
    )
    bases = ("P",)
    needs = ("drift",)

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for item in facts.drift or ():
            text = Text("{device}: {what}", "{device}: {what}")
            yield breaks(text.format(device=item.device, what=item.what), item.origin)
        if facts.drift == ():
            count = len(facts.states)
            yield fits(Text(f"{count} devices run what is intended", f"{count} 台がインベントリどおりに動作"))


class ChangesRecorded(Control):
    """C54: every change was approved, could be undone, and its result is known."""

    id = "C54"
    title = Text("Changes are on record", "変更記録")
    rule = Text(
        "each change has somebody else's approval, its time, a way back, and a result",
        "変更ごとに、作成者以外の承認、実施日時、復旧の手段、結果の記録があること",
    )
    bases = ("S",)
    needs = ("changes",)
    absent = Text("the journal holds no change of this city", "変更記録にこの市の変更はありません")
    limits = Text(
        "the window planned beforehand is not in the journal; when each change began and ended is",
        "事前に計画した作業時間帯は変更記録になく、実際の開始・終了時刻で判定しています",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        log = facts.changes
        if log is None:
            return
        if log.fault is not None:
            yield breaks(log.fault)
        for change in log.changes:
            yield _recorded(change)


def _recorded(change: ChangeRecord) -> Evidence:
    lacking = []
    if not change.approver or change.approver.casefold() == change.author.casefold():
        lacking.append(Text("somebody else's approval", "作成者以外の承認"))
    if not change.ended_at:
        lacking.append(Text("an end", "終了の記録"))
    if change.restorable < change.devices:
        lacking.append(Text("a way back for every device", "全機器の復旧の手段"))
    if not change.result:
        lacking.append(Text("a result", "結果"))
    en, ja = ", ".join(text.en for text in lacking), "・".join(text.ja for text in lacking)
    return either(
        not lacking,
        Text(
            f"{change.name} approved by {change.approver}, {change.begun_at} to {change.ended_at}",
            f"{change.name}: {change.approver} が承認、{change.begun_at} 〜 {change.ended_at}",
        ),
        Text(f"{change.name} lacks {en}", f"{change.name} に{ja}がありません"),
        change.origin,
    )


class ManagementAccess(Control):
    """C55: devices are managed by SSH from the management network, by named users."""

    id = "C55"
    title = Text("Management access", "管理アクセス")
    rule = Text(
        "named users by AAA, SSH and SNMPv3 from the management network only, no telnet or http",
        "AAA による個人ごとの認証、管理ネットワークからの SSH と SNMPv3 のみで、telnet と http を使わないこと",
    )
    bases = ("K",)
    needs = ("inspections",)
    limits = Text(
        "AAA and named users are what the city declares in the inventory (`management`), not read from devices; the"
        " SNMP version is read from the configuration file of Debian's snmpd",
        "AAA と個人ごとのアカウントはインベントリでの申告 (`management`) によるもので、機器から読み取っていません。"
        "SNMP のバージョンは Debian の snmpd の設定ファイルから読み取ります",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for name, state in facts.firewalls.items():
            bad = list(_too_open(name, state, facts.city.management))
            yield from bad
            if not bad:
                asked = "SSH and SNMP" if facts.city.management.snmp is not None else "SSH"
                shown = asked.replace(" and ", "・")
                yield fits(
                    Text(f"{name}: {asked} from management only", f"{name}: 管理ネットワークからの {shown} のみ"),
                    facts.fabric.devices[name].origin,
                )
        yield from unread(facts, "nftables")
        yield from devices_reached(facts)
        for row in facts.rows:
            if row.live and row.flow.kind == "maintenance":
                plain = [
                    word
                    for port, word in PLAIN.items()
                    if any(p.protocol == "tcp" and p.low <= port <= p.high for p in row.flow.ports)
                ]
                shown = ", ".join(plain)
                yield either(
                    not plain,
                    Text(f"{row.name}: no telnet or http", f"{row.name}: telnet・http なし"),
                    Text(f"{row.name} allows {shown}", f"{row.name} が {shown} を許可"),
                    row.flow.origin,
                )
        plan = facts.city.management
        yield declared(
            None if plan.authentication is None else plan.authentication != "local",
            Text("AAA by a server", "サーバによる AAA 認証"),
            Text(
                "`management.authentication`: how the devices' users are authenticated",
                "機器の認証方式 `management.authentication`",
            ),
            plan.origin,
        )
        yield declared(
            plan.named_users,
            Text("named users", "個人ごとのアカウント"),
            Text(
                "`management.named_users`: whether each person has an account",
                "個人ごとのアカウントの有無 `management.named_users`",
            ),
            plan.origin,
        )
        for name, found in (facts.inspections or {}).items():
            yield from _services(name, found, facts.fabric.devices[name].origin)


def _services(name: str, found: Inspection, origin: Origin) -> Iterator[Evidence]:
    """Telnet and http are not there; of SNMP the version cannot be told by its port, but by what its agent takes."""
    plain = [word for port, word in PLAIN.items() if ("tcp", port) in found.listening]
    shown = ", ".join(plain)
    yield either(
        not plain,
        Text(f"{name} offers no telnet or http", f"{name}: telnet・http なし"),
        Text(f"{name} offers {shown}", f"{name} で {shown} が動作しています"),
        origin,
    )
    if ("udp", SNMP) in found.listening:
        if found.communities is None:
            yield waiting(Text(f"the SNMP version of {name}", f"{name} の SNMP のバージョン"), origin)
        else:
            yield either(
                not found.communities,
                Text(f"{name} offers SNMPv3 only", f"{name}: SNMP は v3 のみ"),
                Text(f"{name} offers SNMPv1/v2c", f"{name} で SNMPv1/v2c (コミュニティ名) が有効です"),
                origin,
            )


def _too_open(name: str, state: DeviceState, plan: Management) -> Iterator[Evidence]:
    """What a firewall lets in to itself beyond its needs."""
    chains = [chain for table in state.tables for chain in table.chains if chain.hook == "input"]
    if not any(chain.policy == "drop" for chain in chains):
        yield breaks(Text(f"{name} lets in everything", f"{name} 自身への通信が既定で許可されています"))
    for chain in chains:
        for rule in chain.rules:
            if rule.verdict == "accept" and not _needed(rule, plan):
                ports = ", ".join(f"{low}-{high}" if low != high else str(low) for low, high in rule.dports)
                shown = f"{rule.protocol}/{ports or '*'}"
                yield breaks(
                    Text(f"{name} lets in {shown} to itself", f"{name} 自身への {shown} が許可されています"),
                    rule.origin,
                )


def _needed(rule: NftRule, plan: Management) -> bool:
    """Answers, its own loopback, ICMP, SSH and SNMP from management, and signalling with named neighbours."""
    answers = bool(rule.ct_states) and ANSWERS.issuperset(rule.ct_states)
    own = rule.iif == ("lo",)
    ssh = rule.protocol == "tcp" and rule.dports == ((plan.port, plan.port),)
    snmp = plan.snmp is not None and rule.protocol == "udp" and rule.dports == ((SNMP, SNMP),)
    managed = rule.iif == ("eth0",) and (ssh or snmp)
    spoken = (
        bool(rule.src) and bool(rule.dports) and all(low == high and low in SIGNALLING for low, high in rule.dports)
    )
    return answers or own or rule.protocol == "icmp" or managed or spoken


CONTROLS: tuple[Control, ...] = (NoDrift(), ChangesRecorded(), ManagementAccess())
