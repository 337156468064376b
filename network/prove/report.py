"""What a proof tells: lines for people in both languages, and plain JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from inventory.origin import Origin
from inventory.text import Text
from network.prove.findings import Claim, Finding, Hop, Proof, Verdict
from network.prove.sets.packets import Packet
from network.prove.subject import Source, Subject

CLAIMS: Mapping[Claim, Text] = {
    "separation": Text("Separation", "分離"),
    "service": Text("Service", "疎通"),
    "resilience": Text("Resilience", "単一障害点"),
}
VERDICTS: Mapping[Verdict, Text] = {
    "proved": Text("proved", "証明できました"),
    "waived": Text("holds but for {count} finding(s) waived", "是正猶予中の指摘 {count} 件のほかは成り立ちます"),
    "findings": Text("does not hold: {count} finding(s)", "成り立ちません: 指摘 {count} 件"),
    "not-proved": Text("not proved: {count} thing(s) could not be read", "証明できません: 読み取れない箇所 {count} 件"),
}
_SOURCES: Mapping[Source, Text] = {
    "compiled": Text("the compiled configurations", "インベントリから生成した設定"),
    "files": Text("the configuration files", "設定ファイル"),
    "running": Text("the running devices", "稼働中の機器"),
    "planned": Text("the planned result", "変更後の設定"),
}
_MEANS: Mapping[Claim, Text] = {
    "separation": Text(
        "between any two zones exactly the flow register passes, in every routing state",
        "どの 2 つの領域の間でも、経路の状態によらず、登録簿にある通信だけが通ります",
    ),
    "service": Text("every registered flow has a path", "登録されたすべての通信に経路があります"),
    "resilience": Text("no single failure stops a registered flow", "1 か所の障害で止まる通信はありません"),
}
_PACKET = Text("packet", "反例")
_WAY = Text("way", "経路")
_LINES = Text("lines", "該当行")
_HINT = Text("hint", "対処")


def proof_lines(proof: Proof, subject: Subject) -> Iterator[Text]:
    """A proof for people: each finding, then the verdict of each claim."""
    for number, finding in enumerate(proof.open, start=1):
        yield from finding_lines(number, finding)
    for finding in proof.findings:
        if finding.key in proof.waived:
            yield _waived(finding, proof.waived[finding.key], subject)
    for claim, verdict in proof.claims.items():
        said = VERDICTS[verdict].format(count=_count(proof, claim, verdict))
        if verdict == "proved":
            said = Text("{what}: {means}.", "{what}。{means}。").format(what=said, means=_MEANS[claim])
        yield Text("{claim}: {said}", "{claim}: {said}").format(claim=CLAIMS[claim], said=said)
    yield Text(
        "Looked at: {source} of {count} devices; the register as of {day}.",
        "対象: {source} (機器 {count} 台)。登録簿は {day} 時点です。",
    ).format(source=_SOURCES[subject.source], count=len(subject.states), day=subject.day)


def _count(proof: Proof, claim: Claim, verdict: Verdict) -> int:
    """The findings that a verdict rests on; what could not be read keeps every claim from being proved."""
    among = [finding for finding in proof.findings if verdict != "waived" or finding.key in proof.waived]
    return sum(item.claim == claim or (verdict != "findings" and item.kind == "unread") for item in among)


def finding_lines(number: int, finding: Finding) -> Iterator[Text]:
    """A finding in full: what, the packet, its way, the lines that cause it, what to do."""
    yield Text(f"{number}. {finding.what.en}  [{finding.key}]", f"{number}. {finding.what.ja}  [{finding.key}]")
    if finding.packet is not None:
        yield _row(_PACKET, Text(str(finding.packet), str(finding.packet)))
    for place, hop in enumerate(finding.hops):
        yield _row(_WAY if place == 0 else None, _hop(hop))
    if finding.origins:
        yield _row(_LINES, _places(finding.origins))
    if finding.hint is not None:
        yield _row(_HINT, finding.hint)


def _waived(finding: Finding, name: str, subject: Subject) -> Text:
    until = subject.fabric.city.waivers[name].expires_on
    return Text(
        f"Waived by {name} until {until}: {finding.what.en}  [{finding.key}]",
        f"是正猶予 {name} ({until} まで): {finding.what.ja}  [{finding.key}]",
    )


def _row(label: Text | None, text: Text) -> Text:
    if label is None:
        return Text(f"           {text.en}", f"           {text.ja}")
    return Text(f"   {label.en:<7} {text.en}", f"   {label.ja}{'　' * (3 - len(label.ja))} {text.ja}")


def _hop(hop: Hop) -> Text:
    where = f"  ({', '.join(map(str, hop.origins))})" if hop.origins else ""
    return Text(f"{hop.node} [{hop.place}] {hop.why.en}{where}", f"{hop.node} [{hop.place}] {hop.why.ja}{where}")


def _places(origins: Iterable[Origin]) -> Text:
    said = ", ".join(map(str, origins))
    return Text(said, said)


def proof_json(proof: Proof, subject: Subject) -> dict[str, Any]:
    """A proof for programs; the same input gives the same value."""
    return {
        "city": subject.fabric.city.name,
        "source": subject.source,
        "day": subject.day.isoformat(),
        "devices": len(subject.states),
        "proved": proof.proved,
        "claims": dict(proof.claims),
        "findings": [{**_finding_json(finding), "waiver": proof.waived.get(finding.key)} for finding in proof.findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "claim": finding.claim,
        "kind": finding.kind,
        "subject": finding.subject,
        "what": asdict(finding.what),
        "packet": _packet_json(finding.packet),
        "hops": [
            {"node": hop.node, "place": hop.place, "why": asdict(hop.why), "origins": [str(o) for o in hop.origins]}
            for hop in finding.hops
        ],
        "origins": [str(origin) for origin in finding.origins],
        "hint": None if finding.hint is None else asdict(finding.hint),
        "pin": finding.pin,
    }


def _packet_json(packet: Packet | None) -> dict[str, Any] | None:
    if packet is None:
        return None
    fields = asdict(packet)
    return {**fields, "source": str(packet.source), "destination": str(packet.destination), "text": str(packet)}
