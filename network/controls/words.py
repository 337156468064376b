"""What officials read for statuses and bases."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from inventory.text import Text
from network.controls.control import Basis, Side, Status

STATUSES: Mapping[Status, Text] = MappingProxyType(
    {
        "pass": Text("pass", "適合"),
        "fail": Text("fail", "不適合"),
        "not-applicable": Text("not applicable", "対象外"),
        "undecidable": Text("not decidable here", "判定不可"),
    }
)
MARKS: Mapping[Status, str] = MappingProxyType({"pass": "○", "fail": "×", "not-applicable": "－", "undecidable": "？"})
BASES: Mapping[Basis, Text] = MappingProxyType(
    {
        "F": Text("found in a public source", "公開資料で確認"),
        "S": Text("asked for by a city's plan", "市の計画の要求"),
        "K": Text("recalled; a person has to check it", "要確認(記憶による)"),
        "P": Text("our proposal", "当方の提案"),
    }
)
SIDES: Mapping[Side, Text] = MappingProxyType(
    {"against": Text("does not hold", "不適合"), "open": Text("open", "未判定"), "for": Text("holds", "適合")}
)
"""In the order a reader wants them."""
SIDE_MARKS: Mapping[Side, str] = MappingProxyType({"for": "○", "against": "×", "open": "？"})
NOT_THE_MINISTRY = Text(
    "Basis: F found in a public source, S asked for by a city's plan, K recalled and to be checked by a person, P our"
    " proposal. K and P are not the ministry's word.",
    "根拠: F 公開資料で確認、S 市の計画の要求、K 要確認(記憶による)、P 当方の提案。K と P は国の基準ではありません。",
)
