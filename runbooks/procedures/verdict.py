"""Whether a run succeeded: by what it did and saw, never by an exit code alone.

"No hosts matched", ignored errors and ignored unreachable hosts all end `successful`. So a run counts only if it came
to its statistics, processed exactly the hosts that were meant, none of them unreachable, failed or ignored, and has
brought every piece of evidence the runbook names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from inventory.text import Text
from runbooks.procedures.catalog import PLACES
from runbooks.procedures.execution import Ending, Run
from runbooks.procedures.model import Runbook

CONTROLLER = "localhost"

_ENDINGS: Mapping[Ending, Text] = {
    "failed": Text("ansible ended with a failure", "Ansible がエラーで終了しました"),
    "timeout": Text("its time was over; it was ended", "制限時間を過ぎたため打ち切りました"),
    "interrupted": Text("it was interrupted", "中断されました"),
    "died": Text("its process died", "実行プロセスが異常終了しました"),
}
_TROUBLES: Mapping[str, Text] = {
    "dark": Text("{host} did not answer", "{host} が応答しません"),
    "failures": Text("a task failed on {host}", "{host} で処理が失敗しました"),
    "ignored": Text("an error was ignored on {host}", "{host} でエラーが無視されました"),
}


def objections(runbook: Runbook, values: Mapping[str, str], hosts: Iterable[str], run: Run) -> tuple[Text, ...]:
    """Every reason not to count the run as a success; none: it succeeded."""
    return tuple(_objections(runbook, values, set(hosts), run))


def shown(value: object) -> str:
    """A value of evidence as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def expected(wants: str, values: Mapping[str, str]) -> str:
    """What evidence has to be, with the parameters' values in their places."""
    return PLACES.sub(lambda match: values.get(match[1], match[0]), wants)


def _objections(runbook: Runbook, values: Mapping[str, str], hosts: set[str], run: Run) -> Iterator[Text]:
    if run.ending != "successful":
        yield _ENDINGS[run.ending]
    for event in run.failed:
        why = " ".join(str(part) for part in event.get("why", {}).values()).replace("\n", " ")
        yield Text("{task} on {host}: {why}", "{host} の {task}: {why}").format(
            task=event.get("task", "?"), host=event.get("host", "?"), why=why
        )
    if run.stats is None:
        yield Text("it never came to its end", "最後まで実行されていません")
        return
    processed = set(run.stats.get("processed") or {}) - {CONTROLLER}
    for host in sorted(hosts - processed):
        yield Text(f"{host} was not reached by any task", f"{host} に対して処理が実行されていません")
    for host in sorted(processed - hosts):
        yield Text(f"{host} was not meant", f"{host} は対象ではありません")
    for kind, words in _TROUBLES.items():
        for host in sorted(run.stats.get(kind) or {}):
            yield words.format(host=host)
    yield from _against_evidence(runbook, values, run)


def _against_evidence(runbook: Runbook, values: Mapping[str, str], run: Run) -> Iterator[Text]:
    for item in runbook.evidence:
        wants = expected(item.equals, values)
        found = run.evidence.get(item.name.replace("-", "_"))
        if found is None:
            yield Text("not seen: {title}", "確認できていません: {title}").format(title=item.title.text)
        elif shown(found) != wants:
            yield Text("{title}: {found} instead of {wants}", "{title}: {wants} のはずが {found}").format(
                title=item.title.text, found=shown(found), wants=wants
            )
