"""What `deploy` tells: plans, drift, outcomes and history, as lines for people and as plain JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from deploy.assurance import Assurance
from deploy.chain import Row
from deploy.difference import text_difference
from deploy.plan import Change, Plan
from deploy.record import SIDES, Progress, progress
from deploy.transaction import Outcome
from inventory.text import Text
from network.prove import Claim, Verdict
from network.prove.report import CLAIMS, VERDICTS

_STEPS: Mapping[str, Text] = {
    "approve": Text("approved", "承認"),
    "begin": Text("begun", "開始"),
    "stage": Text("staging", "設定案の投入中"),
    "staged": Text("staged", "設定案の投入済み"),
    "commit": Text("committing", "コミット中"),
    "committed": Text("committed, revert timers running", "コミット済み (自動復帰タイマー作動中)"),
    "check": Text("checking", "確認中"),
    "checked": Text("checked", "確認済み"),
    "decide": Text("decided", "決定"),
    "confirmed": Text("confirmed", "確定"),
    "back": Text("going back", "変更前の設定へ復帰"),
    "recover": Text("recovery begun", "復旧処理の開始"),
    "bring": Text("bringing devices along", "機器の設定を統一中"),
    "brought": Text("devices brought along", "機器の設定を統一"),
    "unsettled": Text("some devices are left", "未完了の機器あり"),
    "settled": Text("all devices on one side", "全機器の設定が一致"),
    "end": Text("ended", "完了"),
}


def change_lines(changes: Iterable[Change]) -> Iterator[Text]:
    """One line a change, with where it is written."""
    for change in changes:
        where = f"  ({change.origin})" if change.origin != "(derived)" else ""
        yield Text(f"  {change.text.en}{where}", f"  {change.text.ja}{where}")


def plan_lines(plan: Plan, sha256: str, *, text: bool) -> Iterator[Text]:
    """A plan for people; with `text` also the unified diff of each device."""
    for name, device in plan.devices.items():
        if not device.changed and not device.beside:
            continue
        count = len(device.changes)
        yield Text(f"{name} ({device.platform}): {count} change(s)", f"{name} ({device.platform}): 変更 {count} 件")
        yield from change_lines(device.changes)
        for line in device.unknown:
            yield Text(
                f"  ! would remove a line that is not understood: {line.strip()}",
                f"  ! 解釈できない次の行は削除されます: {line.strip()}",
            )
        for line in device.beside:
            yield _STAYS.format(line=line)
        if text:
            diff = text_difference(name, device.running, device.candidate)
            yield Text(diff, diff)
    if plan.proof is not None:
        for item in plan.proof.open:
            yield Text(item.en, item.ja)
        yield from assurance_lines(plan.proof)
    if not plan.changed and any(device.beside for device in plan.devices.values()):
        yield _ONLY_BESIDE
        return
    if not plan.changed:
        yield Text(
            f"No change: all {len(plan.devices)} devices run what the inventory intends.",
            f"変更なし: 全 {len(plan.devices)} 台がインベントリどおりに動作しています。",
        )
        return
    yield Text(
        f"{len(plan.changed)} of {len(plan.devices)} devices change; {len(plan.checks)} checks decide."
        f" Target: {plan.target}.",
        f"{len(plan.devices)} 台中 {len(plan.changed)} 台を変更します。確認項目 {len(plan.checks)} 件。"
        f"対象: {plan.target}。",
    )
    yield Text(f"SHA-256 {sha256}", f"SHA-256 {sha256}")


def assurance_lines(proof: Assurance) -> Iterator[Text]:
    """What was proved about a plan: a line a claim, the waivers it rests on, and whether anything stops it."""
    for claim, verdict in ((claim, proof.result[claim]) for claim in CLAIMS if claim in proof.result):
        said = VERDICTS[verdict].format(count=_count(proof, claim, verdict))
        yield _RESULT.format(claim=CLAIMS[claim], said=said)
    count = sum(item.about == "way" for item in proof.findings)
    yield _WAY.format(said=(_ON_THE_WAY.get(proof.way) or VERDICTS[proof.way]).format(count=count))
    for name, waived in proof.waivers.items():
        yield _WAIVED.format(name=name, until=waived.until, count=len(waived.keys))
    if proof.today:
        yield _TODAY.format(count=len(proof.today), keys=", ".join(proof.today[:MOST_KEYS]), more=_more(proof.today))
    if proof.open:
        yield _STOPPED.format(count=len(proof.open))


def _count(proof: Assurance, claim: Claim, verdict: Verdict) -> int:
    """The findings of the planned result that a verdict rests on."""
    mine = (item for item in proof.findings if item.about == "result" and (verdict != "waived" or item.waiver))
    every = verdict in {"waived", "not-proved"}  # what could not be read speaks against every claim
    return len(
        {(item.key, item.en) for item in mine if item.claim == claim or (every and item.key.startswith("unread:"))}
    )


def _more(keys: Sequence[str]) -> Text:
    left = len(keys) - MOST_KEYS
    return Text(f" and {left} more", f" ほか {left} 件") if left > 0 else Text("", "")


MOST_KEYS = 5
_STAYS = Text(
    "  ! stands in the kernel beside the configuration; apply leaves it there. What is not wanted has to be removed"
    " on the device: {line}",
    "  ! 設定に書かれず、カーネルに直接入れられています。適用後も残るため、不要なら機器上で削除してください: {line}",
)
_ONLY_BESIDE = Text(
    "No configuration changes. What was made by hand in kernels and is not wanted has to be removed on the devices.",
    "設定の変更はありません。手作業でカーネルに入れられたもののうち、不要なものは機器上で削除してください。",
)
_RESULT = Text("Planned result: {claim}: {said}", "変更後の設定: {claim}: {said}")
_WAY = Text("On the way there: separation: {said}", "切り替えの途中: 分離: {said}")
_ON_THE_WAY: Mapping[Verdict, Text] = {
    "proved": Text(
        "proved, in whatever order the devices change", "証明できました (機器がどの順序で切り替わっても成り立ちます)"
    ),
    "not-proved": Text(
        "not proved: what devices run now cannot be read in full; this does not stop the plan",
        "証明できません: 稼働中の設定に読み取れない箇所があります (適用は妨げません)",
    ),
}
_WAIVED = Text("Waived by {name} until {until}: {count} finding(s)", "是正猶予 {name} ({until} まで): 指摘 {count} 件")
_TODAY = Text(
    "The running devices let pass, judged by this inventory, what the plan ends: {count} finding(s): {keys}{more}",
    "このインベントリに照らすと登録外の通信を通す設定が稼働中で、この計画で解消します: {count} 件: {keys}{more}",
)
_STOPPED = Text(
    "`sanso apply` will refuse this plan: {count} finding(s) that no waiver covers.",
    "是正猶予のない指摘が {count} 件あるため、`sanso apply` はこの計画を適用しません。",
)


def plan_json(plan: Plan, sha256: str) -> dict[str, Any]:
    """A plan for programs, without the configuration texts."""
    hidden = {"running", "candidate"}
    return {
        **plan.model_dump(mode="json", exclude={"devices"}),
        "sha256": sha256,
        "changed": list(plan.changed),
        "devices": {name: device.model_dump(mode="json", exclude=hidden) for name, device in plan.devices.items()},
    }


def outcome_lines(outcome: Outcome) -> Iterator[Text]:
    """How a change ended."""
    if outcome.reason is not None:
        yield outcome.reason
    side = SIDES[outcome.side]
    if not outcome.unsettled:
        yield Text(
            f"Change {outcome.change}: every device is on {side.en}.",
            f"変更 {outcome.change}: 全機器が{side.ja}で動作しています。",
        )
        return
    yield Text(
        f"Change {outcome.change}: {side.en} was decided; these devices are not known to be there yet:",
        f"変更 {outcome.change}: {side.ja}に決定しましたが、次の機器は未確認です:",
    )
    for name, why in outcome.unsettled.items():
        yield Text(f"  {name}: {why.en}", f"  {name}: {why.ja}")
    yield Text(
        "Run `sanso recover` when they answer again.",
        "機器が応答するようになったら `sanso recover` を実行してください。",
    )


def history_lines(rows: Iterable[Row]) -> Iterator[Text]:
    """The journal for people: one line a change, its steps below."""
    stories: dict[str, list[Row]] = {}
    for row in rows:
        stories.setdefault(row.change or f"#{row.seq}", []).append(row)
    for change, story in stories.items():
        if change.startswith("#"):
            body = story[0].body
            if story[0].step == "refused":
                yield _REFUSED.format(at=story[0].at, plan=body["plan"], reasons="; ".join(body["reasons"]))
                continue
            yield Text(
                f"{story[0].at}  plan {body['plan']} approved by {body['by']} (author {body['author']})",
                f"{story[0].at}  計画 {body['plan']} を {body['by']} が承認 (作成者 {body['author']})",
            )
            continue
        if story[0].step != "begin":
            yield from _other_lines(change, story)
            continue
        standing = standing_words(progress(story))
        begun = story[0].body
        yield Text(
            f"{story[0].at}  change {change} on {begun['target']}, {len(begun['devices'])} devices: {standing.en}",
            f"{story[0].at}  変更 {change} ({begun['target']}、{len(begun['devices'])} 台): {standing.ja}",
        )
        for depth, line in proof_words(begun):
            yield Text(f"{depth * '  '}{line.en}", f"{depth * '  '}{line.ja}")
        for row in story:
            step = step_words(row)
            yield Text(f"  {row.at}  {step.en}", f"  {row.at}  {step.ja}")


def step_words(row: Row) -> Text:
    """What a row of a change's story says, without its moment."""
    step = _STEPS.get(row.step) or Text(row.step, row.step)
    side = SIDES.get(row.body.get("side", ""), Text("", ""))
    more = f": {row.body['reason']}" if "reason" in row.body else ""
    return Text(f"{step.en} {side.en}".rstrip() + more, f"{step.ja} {side.ja}".rstrip() + more)


def _other_lines(name: str, story: Sequence[Row]) -> Iterator[Text]:
    """A story that is no change: the run of a runbook, its approval, or a drill."""
    body = story[0].body
    what = body.get("scenario") or body.get("runbook") or ""
    yield Text(f"{story[0].at}  {name}  {what}".rstrip(), f"{story[0].at}  {name}  {what}".rstrip())
    for row in story:
        more = row.body.get("verdict") or row.body.get("phase") or row.body.get("id") or row.body.get("by") or ""
        line = f"  {row.at}  {row.step}  {more}".rstrip()
        yield Text(line, line)


def proof_words(begun: Mapping[str, Any]) -> Iterator[tuple[int, Text]]:
    """What the journal keeps of the proof of a change, given its first row's body: how deep to indent, and the line.

    A change that was begun before proofs were kept has none.
    """
    kept = begun.get("proof")
    if not kept:
        return
    said = [
        Text("{claim} {word}", "{claim} {word}").format(claim=CLAIMS[claim], word=VERDICT_WORDS[kept["result"][claim]])
        for claim in CLAIMS
        if claim in kept["result"]
    ]
    yield (
        1,
        _PROVED.format(
            digest=kept["sha256"][:12],
            result=Text(", ".join(item.en for item in said), "、".join(item.ja for item in said)),
            way=VERDICT_WORDS[kept["way"]],
        ),
    )
    for name, waived in kept["waivers"].items():
        yield 2, _WAIVED.format(name=name, until=waived["until"], count=len(waived["keys"]))


VERDICT_WORDS: Mapping[str, Text] = {
    "proved": Text("proved", "証明済み"),
    "waived": Text("waived", "是正猶予あり"),
    "findings": Text("findings", "指摘あり"),
    "not-proved": Text("not proved", "未証明"),
}
_PROVED = Text("proof {digest}: {result}; on the way: {way}", "証明 {digest}: {result}。切り替えの途中: {way}")
_REFUSED = Text("{at}  plan {plan} refused: {reasons}", "{at}  計画 {plan} の適用を拒否: {reasons}")


def standing_words(told: Progress) -> Text:
    """Where the journal says a change is."""
    side = told.settled or told.decided or "old"
    if told.ended:
        return Text(f"ended on {SIDES[side].en}", f"{SIDES[side].ja}で完了")
    if told.decided == "new" and told.settled is None:
        return Text(
            "unfinished, cut short while being confirmed; run `sanso recover`",
            "未完了 (確定の途中で中断)。`sanso recover` を実行してください",
        )
    return Text(
        f"unfinished, on its way to {SIDES[side].en}; run `sanso recover`",
        f"未完了 ({SIDES[side].ja}へ移行中)。`sanso recover` を実行してください",
    )
