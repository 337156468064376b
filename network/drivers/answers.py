"""What the device's `guard` answers when it does not do what was asked, in words; by its exit codes."""

from __future__ import annotations

from .errors import (
    CommandError,
    CommitFailedError,
    DeviceError,
    MergeError,
    MissingPackageError,
    PendingError,
    ReplaceError,
    Trouble,
    Words,
)
from .ssh import Output

STAGED = "/var/lib/sanso-commit/staged"
SLOT = "/var/lib/sanso-commit/slot"


def refusal(host: str, answer: Output, *, merge: bool) -> DeviceError:
    """Why a candidate was not staged."""
    kind = MergeError if merge else ReplaceError
    match answer.code:
        case 10:
            return kind(
                host,
                Trouble(
                    Words(
                        "the device's own checker refuses the candidate; nothing was changed",
                        "機器の構文検査が候補設定を拒否しました。何も変更していません",
                    ),
                    found=answer.text,
                ),
            )
        case 18:
            return lacks(host, answer.text.strip())
    return kind(
        host,
        Trouble(
            Words(
                "the candidate could not be put on the device; nothing was changed",
                "候補設定を機器に書き込めません。何も変更していません",
            ),
            Words(f"free space in {STAGED}", f"{STAGED} の空き容量"),
            answer.text,
            Words(
                "log in as root and see that the disk is not full",
                "root で接続し、ディスクの空きを確認してください",
            ),
        ),
    )


def lacks(host: str, packages: str) -> MissingPackageError:
    """The refusal of a candidate for want of packages."""
    return MissingPackageError(
        host,
        Trouble(
            Words(
                "the device lacks programs it needs; nothing was changed",
                "機器に必要なプログラムがありません。何も変更していません",
            ),
            Words(f"the packages {packages}", f"パッケージ {packages}"),
            hint=Words(
                f"on the device: apt-get install {packages}",
                f"機器で apt-get install {packages} を実行してください",
            ),
        ),
    )


def failure(host: str, answer: Output) -> DeviceError:
    """Why a commit, a confirmation or a return was not done."""
    text = answer.text
    if answer.code in _PENDING:
        return PendingError(host, _filled(_PENDING[answer.code], text))
    if answer.code in _COMMIT:
        return CommitFailedError(host, _filled(_COMMIT[answer.code], text))
    return CommandError(
        host,
        Trouble(Words("the device's guard failed", "機器の guard が失敗しました"), found=f"{answer.code}: {text}"),
    )


def _filled(trouble: Trouble, found: str) -> Trouble:
    return Trouble(trouble.what, trouble.expected, found, trouble.hint)


_PENDING = {
    12: Trouble(
        Words(
            "another commit is still pending; nothing was changed",
            "別の変更が未確定のまま残っています。何も変更していません",
        ),
        hint=Words(
            "confirm it, roll it back, or wait for its timer", "確定するか、元に戻すか、タイマーを待ってください"
        ),
    ),
    15: Trouble(
        Words("no commit is pending", "未確定の変更はありません"),
        Words("a commit made with revert_in", "revert_in 付きの変更"),
    ),
    16: Trouble(
        Words(
            "the timer ran out before the confirmation: the device is back on its old configuration",
            "確定前にタイマーが切れ、機器は元の設定に戻っています",
        ),
        hint=Words("commit again with a longer revert_in", "revert_in を長くして再度変更してください"),
    ),
    20: Trouble(
        Words("the device is still busy with another change", "機器は別の変更を処理中です"),
        hint=Words("try again in a minute", "1 分ほど後に再試行してください"),
    ),
}
_COMMIT = {
    11: Trouble(
        Words(
            "the configuration has changed since the candidate was staged; nothing was changed",
            "候補設定の準備後に設定が変わっています。何も変更していません",
        ),
        hint=Words(
            "load the candidate again and look at the difference", "候補設定を読み込み直して差分を確認してください"
        ),
    ),
    13: Trouble(
        Words(
            "the device did not take the candidate as it is; it is back on its old configuration",
            "機器が候補設定をそのまま受け付けず、元の設定に戻しました",
        ),
        Words("the candidate's lines running (< wanted, > there)", "候補設定どおりの動作 (< 期待, > 実際)"),
    ),
    14: Trouble(
        Words(
            "the device could not go back to its old configuration",
            "機器が元の設定に戻れませんでした",
        ),
        hint=Words(
            f"log in and compare with {SLOT}/old; then roll back again",
            f"機器にログインし {SLOT}/old と比べてから、再度ロールバックしてください",
        ),
    ),
    21: Trouble(
        Words(
            "the new configuration is confirmed and runs, but is not saved: a reboot would bring the old one back",
            "新しい設定は確定され動作していますが、保存できませんでした。再起動すると元の設定に戻ります",
        ),
        hint=Words(
            "see that /etc can be written to, then confirm again", "/etc に書き込めるか確認し、再度確定してください"
        ),
    ),
    17: Trouble(
        Words(
            "the device's disk is full; nothing was changed", "機器のディスクに空きがありません。何も変更していません"
        ),
        hint=Words("make room in /var/lib/sanso-commit", "/var/lib/sanso-commit の空きを確保してください"),
    ),
    19: Trouble(
        Words(
            "the candidate is no longer on the device; nothing was changed",
            "候補設定が機器に残っていません。何も変更していません",
        ),
        hint=Words("load it again", "再度読み込んでください"),
    ),
}
