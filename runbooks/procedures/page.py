"""A runbook as a page in Japanese, with the same steps: for the day the tool is down."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.words import one_of
from runbooks.procedures.arguments import ANSWERS, KINDS
from runbooks.procedures.catalog import PLACES, Procedure
from runbooks.procedures.model import Evidence, Parameter, Runbook

_PLACES = {"first": "業務システムの 1 台目", "second": "業務システムの 2 台目", "client": "同じ領域の監視サーバ"}


def page(procedure: Procedure) -> str:
    """The page as Markdown."""
    return "\n".join(_lines(procedure.name, procedure.runbook)) + "\n"


def _lines(name: str, runbook: Runbook) -> Iterator[str]:
    yield f"# {runbook.title.ja}"
    yield ""
    yield (
        f"<!-- `sanso runbook show {name} --markdown` の出力。"
        f"直すときは runbooks/library/{name}.yaml を直して作り直す。 -->"
    )
    yield ""
    yield runbook.purpose.ja
    if runbook.caution is not None:
        yield ""
        yield f"> **注意** {runbook.caution.ja}"
    yield ""
    yield "| 項目 | 内容 |"
    yield "|---|---|"
    yield f"| 道具が使えるとき | `sanso runbook run {name} 市 -p 引数=値` |"
    yield f"| 承認 | {'要 (' + runbook.approval.role.ja + '。操作者とは別の人)' if runbook.approval else '不要'} |"
    minutes = sum(step.minutes for step in runbook.steps)
    yield f"| 所要見込み | 合計 {minutes} 分 (打ち切り {runbook.limit_minutes} 分) |"
    if runbook.parameters:
        yield ""
        yield "## はじめに決めること"
        yield ""
        yield "| 記号 | 意味 | 値 | 記入欄 |"
        yield "|---|---|---|---|"
        for key, parameter in runbook.parameters.items():
            yield f"| `{key}` | {parameter.title.ja} | {_value(parameter)} |  |"
    yield ""
    yield "## 手順"
    for number, step in enumerate(runbook.steps, start=1):
        yield ""
        yield f"### {number}. {step.title.ja} (見込み {step.minutes} 分)"
        yield ""
        yield step.hand.rstrip()
        if step.evidence:
            yield ""
            yield "確認すること:"
            yield ""
            for item in step.evidence:
                yield f"- [ ] {item.title.ja}{_wanted(item)}"
    yield ""
    yield "## 記録"
    yield ""
    yield "| 開始時刻 | 終了時刻 | 操作者 | 承認者 | 結果 |"
    yield "|---|---|---|---|---|"
    yield "|  |  |  |  |  |"


def _value(parameter: Parameter) -> str:
    kind = one_of(ANSWERS).ja if parameter.type == "yes-no" else KINDS[parameter.type].ja
    if parameter.from_workload is not None:
        return f"{kind} (既定: {_PLACES[parameter.from_workload]})"
    return f"{kind} (既定: `{parameter.default}`)" if parameter.default is not None else kind


def _wanted(item: Evidence) -> str:
    if item.equals == "true":
        return ""
    return f" (`{item.equals}`)" if PLACES.search(item.equals) is None else f" (値: `{item.equals}`)"
