"""What each type of the model expects, in words, and what somebody may have meant who wrote something else."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import unicodedata
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Annotated, Any, Literal, get_args, get_origin

import annotated_types

from inventory.alerting import MailAddress, Smarthost, WebhookUrl
from inventory.element import Name
from inventory.model import VrfName
from inventory.shape import Field, fields_of, without_none
from inventory.text import Text
from inventory.values import Bandwidth, DevicePort, PortRange, PortSpan, ProtocolPort, ProtocolPorts
from inventory.windows import DAYS, JAPANESE_DAYS, Window, Windows, windows
from inventory.words import did_you_mean, nearest, one_of

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
REIWA_BEGINS = 2018
"""Year of the common era before Reiwa 1."""

PLAIN: tuple[tuple[Any, Text], ...] = (
    (
        Name,
        Text(
            "a name of lower-case letters, digits and single hyphens, at most 40 signs, such as lg-office",
            "英小文字・数字・ハイフンの名前 (40 文字まで、例 lg-office)",
        ),
    ),
    (
        VrfName,
        Text(
            "a name of at most 15 lower-case letters, digits and hyphens", "英小文字・数字・ハイフン 15 文字までの名前"
        ),
    ),
    (DevicePort, Text("a device and its port, such as core1:eth1", "機器とポート (例 core1:eth1)")),
    (PortRange, Text("a port or a run of ports, such as eth5 or eth5-eth12", "ポートまたは連番 (例 eth5、eth5-eth12)")),
    (
        ProtocolPorts,
        Text(
            "a list of protocols and ports, such as [tcp/443, udp/5000-5010, icmp]",
            "プロトコルとポートのリスト (例 [tcp/443, udp/5000-5010, icmp])",
        ),
    ),
    (
        Windows,
        Text(
            "weekdays and a span of time, such as sat,sun 22:00-05:00 or daily 01:00-04:00",
            "曜日と時刻の範囲 (例 sat,sun 22:00-05:00、daily 01:00-04:00)",
        ),
    ),
    (Bandwidth, Text("a bandwidth such as 100M, 1G or 10G", "帯域 (例 100M、1G、10G)")),
    (IPv4Network, Text("an IPv4 prefix such as 10.16.0.0/13", "IPv4 のプレフィックス (例 10.16.0.0/13)")),
    (IPv6Network, Text("an IPv6 prefix such as fd5a:1:1::/48", "IPv6 のプレフィックス (例 fd5a:1:1::/48)")),
    (IPv4Network | IPv6Network, Text("an IPv4 or IPv6 prefix", "IPv4 または IPv6 のプレフィックス")),
    (IPv4Address, Text("an IPv4 address such as 172.20.10.10", "IPv4 アドレス (例 172.20.10.10)")),
    (IPv6Address, Text("an IPv6 address such as fd00:20::10", "IPv6 アドレス (例 fd00:20::10)")),
    (
        IPv4Interface,
        Text(
            "an IPv4 address with its prefix length, such as 172.31.0.0/31",
            "プレフィックス長つきの IPv4 アドレス (例 172.31.0.0/31)",
        ),
    ),
    (
        IPv6Interface,
        Text(
            "an IPv6 address with its prefix length, such as fd00:ffff:1::/127",
            "プレフィックス長つきの IPv6 アドレス (例 fd00:ffff:1::/127)",
        ),
    ),
    (MailAddress, Text("an e-mail address such as noc@city.example", "メールアドレス (例 noc@city.example)")),
    (Smarthost, Text("a host and a port such as mail.city.example:587", "ホストとポート (例 mail.city.example:587)")),
    (
        WebhookUrl,
        Text(
            "a URL that begins with https://, or a relay on this machine (http://127.0.0.1)",
            "https:// で始まる URL、または同じマシン上の中継 (http://127.0.0.1)",
        ),
    ),
    (dt.date, Text("a date such as 2026-04-01", "日付 (例 2026-04-01)")),
    (bool, Text("true or false", "true または false")),
    (str, Text("text", "文字列")),
    (float, Text("a number", "数値")),
)


def expected(field: Field) -> Text:
    """What a field may hold."""
    if field.kind == "table":
        return Text("names, each with what it holds", "名前と内容の並び")
    if field.kind == "element" and field.model is not None:
        keys = ", ".join(key for key, inner in fields_of(field.model).items() if inner.required)
        return Text(
            f"a mapping with {keys}" if keys else "a mapping", f"{keys} を持つマッピング" if keys else "マッピング"
        )
    if field.kind == "list":
        return Text("a list", "リスト")
    return _of(field.hint, field)


def _of(hint: Any, field: Field) -> Text:  # noqa: ANN401 a type is any object
    hint = without_none(hint)
    for plain, text in PLAIN:
        if hint == plain:
            return text
    if get_origin(hint) is Annotated:
        return _of(get_args(hint)[0], field)
    if get_origin(hint) is Literal:
        return one_of(get_args(hint))
    if get_origin(hint) is tuple:
        inner = _of(get_args(hint)[0], field)
        return Text(f"a list; each: {inner.en}", f"リスト。各項目は{inner.ja}")
    if hint is int:
        return _whole(field)
    return Text("another value", "別の値")


def _whole(field: Field) -> Text:
    low = next((rule.ge for rule in field.info.metadata if isinstance(rule, annotated_types.Ge)), None)
    high = next((rule.le for rule in field.info.metadata if isinstance(rule, annotated_types.Le)), None)
    if low is not None and high is not None:
        return Text(f"a whole number from {low} to {high}", f"{low} から {high} までの整数")
    if low is not None:
        return Text(f"a whole number, {low} or more", f"{low} 以上の整数")
    return Text("a whole number", "整数")


def misfit(field: Field, found: object) -> object:
    """What of a value does not fit: the first item that is none of a list of ports or windows, else the whole value."""
    parse: Callable[[object], object] | None = next((one for plain, one in ITEMS if field.hint == plain), None)
    if parse is None or not isinstance(found, list):
        return found
    return next((item for item in found if not _is_read(parse, item)), found)


def _is_read(parse: Callable[[object], object], item: object) -> bool:
    try:
        parse(item)
    except ValueError:
        return False
    return True


def hint_for(field: Field, found: object) -> Text | None:
    """What was probably meant by `found`."""
    if not isinstance(found, str):
        return None
    if re.search(r"\beth0\b", found):
        return Text(
            "eth0 is the management port; data ports begin with eth1",
            "eth0 は管理用ポートです。通信用のポートは eth1 からです",
        )
    hint = _core(field.hint)
    if get_origin(hint) is Literal:
        return did_you_mean(nearest(_narrow(found), get_args(hint)))
    for plain, suggest in SUGGESTIONS:
        if hint == plain:
            meant = suggest(_narrow(found))
            return did_you_mean(meant if meant != found else None)
    narrow = _narrow(found)
    return did_you_mean(narrow) if narrow != found and re.fullmatch(r"[0-9.]+", narrow) else None


def _core(hint: Any) -> Any:  # noqa: ANN401 a type is any object
    """The type of one value: list items and optional values seen through."""
    hint = without_none(hint)
    known = any(hint == plain for plain, _ in SUGGESTIONS)
    if not known and get_origin(hint) is Annotated:
        return _core(get_args(hint)[0])
    if not known and get_origin(hint) is tuple:
        return _core(get_args(hint)[0])
    return hint


def _narrow(text: str) -> str:
    """Full-width letters and digits as half-width ones."""
    return unicodedata.normalize("NFKC", text).strip()


def suggest_name(text: str) -> str | None:
    """A proper name close to `text`."""
    slug = re.sub(r"[^a-z0-9]+", "-", _narrow(text).lower()).strip("-")
    return slug if NAME.fullmatch(slug) and len(slug) <= 40 else None  # noqa: PLR2004 the length of Name


def _network(text: str) -> str | None:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None


def _bandwidth(text: str) -> str | None:
    match = re.fullmatch(r"([0-9.]+)\s*([kmgt])?(?:i?b(?:ps|it/s)?|bps)?", text, re.IGNORECASE)
    if match is None or not match[2]:
        return None
    unit = "k" if match[2] in "kK" else match[2].upper()
    return f"{match[1]}{unit}"


def _service(text: str) -> str | None:
    lower = text.lower()
    swapped = re.fullmatch(r"([0-9-]+)\s*[/: ]\s*(tcp|udp)", lower)
    plain = re.fullmatch(r"(tcp|udp)\s*[/: ]\s*([0-9-]+)", lower)
    meant = f"{swapped[2]}/{swapped[1]}" if swapped else f"{plain[1]}/{plain[2]}" if plain else lower
    if lower.isdecimal():
        meant = f"tcp/{lower}"
    if lower in {"ping", "icmpv6", "icmp6"}:
        meant = "icmp"
    try:
        return str(ProtocolPort.parse(meant))
    except ValueError:
        return None


def _window(text: str) -> str | None:
    lower = re.sub(r"[~〜―–—−]", "-", text.lower())
    lower = re.sub(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*", r"\1", lower)
    lower = re.sub(rf"(?<=[{JAPANESE_DAYS}])曜日?", "", lower)
    lower = re.sub(r"([0-9]{1,2})時(?:([0-9]{1,2})分)?", lambda match: f"{match[1]}:{match[2] or '00':0>2}", lower)
    lower = re.sub(r"(?<![0-9:])([0-9]):", r"0\1:", lower)
    lower = re.sub(r"\s*([,・、-])\s*", r"\1", lower).replace("every day", "daily").replace("everyday", "daily")
    lower = re.sub(r"(?<=[^0-9\s:,;-])(?=[0-9])", " ", lower)
    lower = re.sub(rf"(?<=[a-z{JAPANESE_DAYS}]) (?=(?:{'|'.join(DAYS)}|[{JAPANESE_DAYS}]))", ",", lower)
    try:
        return "; ".join(map(str, windows(lower)))
    except ValueError:
        return None


def _device_port(text: str) -> str | None:
    match = re.fullmatch(r"([A-Za-z][A-Za-z0-9_-]*?)\s*[:/. ]\s*(?:eth|port)?\s*([1-9][0-9]*)", text)
    return f"{match[1].lower().replace('_', '-')}:eth{match[2]}" if match else None


def _port_range(text: str) -> str | None:
    numbers = [int(number) for number in re.findall(r"[0-9]+", text)][:2]
    if not numbers or min(numbers) < 1:
        return None
    return str(PortSpan(min(numbers), max(numbers)))


def date_meant(text: str) -> str | None:
    """The date somebody may have meant, in ISO form: of the common era or Reiwa, however it is spelt."""
    era = re.fullmatch(r"(?:令和|R)\s*(元|[0-9]{1,2})[年./-]\s*([0-9]{1,2})[月./-]\s*([0-9]{1,2})日?", text)
    common = re.fullmatch(r"([0-9]{4})\s*[年./-]?\s*([0-9]{1,2})\s*[月./-]?\s*([0-9]{1,2})日?", text)
    if era:
        year, month, day = REIWA_BEGINS + (1 if era[1] == "元" else int(era[1])), int(era[2]), int(era[3])
    elif common:
        year, month, day = (int(part) for part in common.groups())
    else:
        return None
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


ITEMS: tuple[tuple[Any, Callable[[object], object]], ...] = (
    (ProtocolPorts, ProtocolPort.parse),
    (Windows, Window.parse),
)
"""Types that are lists of short texts, and what reads one of them."""

SUGGESTIONS: tuple[tuple[Any, Callable[[str], str | None]], ...] = (
    (Name, suggest_name),
    (VrfName, suggest_name),
    (IPv4Network, _network),
    (IPv6Network, _network),
    (Bandwidth, _bandwidth),
    (ProtocolPorts, _service),
    (Windows, _window),
    (DevicePort, _device_port),
    (PortRange, _port_range),
    (dt.date, date_meant),
)
