"""The list of controls is the agreed one: number, Japanese name and basis of each."""

from __future__ import annotations

from inventory.model import Edition
from network.controls import CHAPTERS, CONTROLS

AGREED = """\
C01|MNは他領域と通信不可|F
C02|特定通信は登録制|K
C03|経路をIP/MACで限定|K
C04|ポートで限定|K
C05|外部接続先もインターネット非接続|K
C06|MNに既定経路なし|P
C07|端末の二重接続禁止|K
C08|外部媒体持出し禁止|F, S
C09|多要素認証(MN)|F, S
C10|画面転送は登録元のみ|F, K
C11|仮想基盤の区画分離|P
C12|LG-INT分離|F
C13|無害化通信のみ|F, K
C14|LGから直接インターネット不可(α)|F
C15|LGWAN接続点の限定|K
C16|LGWANは割当アドレスのみ|K
C17|ASP宛先限定|P
C18|出口はセキュリティクラウドのみ|F, S
C19|出口の迂回禁止|P
C20|不正通信監視|F
C21|公開はDMZのみ|S
C22|常時TLS|S
C23|モデル宣言と整合|F, S
C24|α′の宛先・テナント限定|F
C25|α′/β/β′はEDR|K
C26|β/β′は事前確認・定期監査|K
C27|職員SSIDはWPA2/3-Enterprise|F
C28|クライアント証明書(EAP-TLS)必須|F
C29|MN無線は既定無効、使う場合は追加要件|F
C30|SSIDと区画の対応|P
C31|来庁者Wi-Fi分離|P, S
C32|不正AP検知|F
C33|PSK/WEP/TKIP/WPS禁止|K
C34|RADIUS冗長・証明書期限|P
C35|有線も認証、空きポート停止|S, K
C36|L2保護|P
C37|保守接続の限定|K, S
C38|テレワークは閉域または認定方式|F, S
C39|MNはテレワーク対象外|K
C40|ログ取得|K
C41|保存期間(既定365日)|P
C42|ログ保護|K
C43|時刻同期|F, K
C44|サポート切れ禁止|S
C45|パッチ期限|K
C46|定義更新|S
C47|定期バックアップ|K
C48|3-2-1|P
C49|オフライン/変更不可コピー|P
C50|復元試験|F
C51|ガバクラ接続|K, S
C52|クラウド属性|S
C53|構成差分ゼロ|P
C54|変更記録|S
C55|管理アクセス|K
C56|単一障害点|S
C57|初動業務の資源と目標時間|F, S
C58|年次訓練|F, S
"""


def test_every_agreed_control_is_there_in_order() -> None:
    table = "".join(f"{item.id}|{item.title.ja}|{', '.join(item.bases)}\n" for item in CONTROLS)
    assert table == AGREED


def test_every_control_says_what_decides_in_both_languages() -> None:
    for item in CONTROLS:
        texts = [item.title, item.rule, item.absent, *([item.limits] if item.limits else [])]
        for text in texts:
            assert text.en
            assert text.ja
            assert text.en.isascii() or item.id in {"C14", "C19", "C23", "C24", "C25", "C26"}, text.en


def test_a_chapter_has_a_name_and_controls() -> None:
    assert all(chapter.title.ja and chapter.controls for chapter in CHAPTERS)


def test_editions_are_those_of_the_inventory() -> None:
    known = Edition.__args__  # type: ignore[attr-defined]
    editions = {edition for item in CONTROLS for edition in (item.edition_from, item.edition_to) if edition}
    assert editions <= set(known)
