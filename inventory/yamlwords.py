"""What a YAML parser says, put into words an official understands."""

from __future__ import annotations

import re

import yaml

from inventory.errors import Finding
from inventory.origin import Origin
from inventory.text import Text

PROBLEMS = {
    "could not find expected ':'": "コロン「:」が見つかりません",
    "mapping values are not allowed in this context": "ここにはコロン「:」を書けません",
    "did not find expected key": "キーがあるべき場所に別のものがあります",
    "did not find expected '-' indicator": "リストの「-」があるべき場所に別のものがあります",
    "did not find expected node content": "値があるべき場所に別のものがあります",
    "did not find expected ',' or ']'": "「,」か「]」がありません",
    "did not find expected ',' or '}'": "「,」か「}」がありません",
    "did not find expected <document start>": "文書の先頭の書き方が正しくありません",
    "found character that cannot start any token": "値の先頭に使えない文字があります",
    "found a tab character that violates indentation": "字下げにタブが使われています",
    "found unexpected end of stream": "引用符が閉じていません",
    "found undefined alias": "定義のないエイリアスです",
    "found unknown escape character": "知らないエスケープ文字です",
    "block sequence entries are not allowed in this context": "ここにはリストの「-」を書けません",
    "control characters are not allowed": "制御文字は使えません",
}
"""Problems as libyaml words them, in Japanese."""

WIDE = (
    (re.compile(r"^[^:#：]*[^:#：\s]："), "：", ":"),
    (re.compile(r"^ *(- *)?　"), "　", " "),
    (re.compile(r": *［"), "［", "["),
    (re.compile(r": *｛"), "｛", "{"),
    (re.compile(r"^ *－"), "－", "-"),
    (re.compile(r"^ *＃"), "＃", "#"),
)
"""Full-width signs where YAML wants the half-width one: where, the sign, what was meant."""


def syntax_finding(error: yaml.YAMLError, text: str, file: str) -> Finding:
    """The finding for a text that is no YAML."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).strip()
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    lines = text.splitlines()
    if mark is not None:
        line = mark.line + 1
    else:
        position = getattr(error, "position", 0)
        line = text.encode().count(b"\n", 0, position if isinstance(position, int) else 0) + 1
    line = max(1, min(line, len(lines)))
    near = {line - 1, line} | ({context.line + 1} if context is not None else set())
    suspects = [(number, lines[number - 1]) for number in sorted(near) if 1 <= number <= len(lines)]
    japanese = PROBLEMS.get(problem, f"YAML の文法に合いません ({problem})")
    begins = context.line + 1 if context is not None and context.line + 1 < line else None
    return Finding(
        "yaml-syntax",
        Text("the file is not valid YAML", "YAML として読めません"),
        Text("`key: value`, lists with `- `, indented by spaces", "`キー: 値`、リストは `- `、字下げは半角空白"),
        Text(problem, japanese),
        _hint(problem, suspects, begins),
        Origin(file, line),
    )


def _hint(problem: str, suspects: list[tuple[int, str]], begins: int | None) -> Text | None:
    for number, line in suspects:
        if re.match(r"\s*\t", line):
            return Text(
                f"line {number} is indented with a tab: use spaces",
                f"{number} 行目の字下げにタブがあります。半角空白にしてください",
            )
        for pattern, wide, narrow in WIDE:
            if pattern.search(line):
                return Text(
                    f"line {number} holds a full-width '{wide}': did you mean '{narrow}'?",
                    f"{number} 行目に全角の「{wide}」があります。半角の「{narrow}」ではありませんか",
                )
    said = _by_problem(problem, suspects[-1][1] if suspects else "")
    if said is not None:
        return said
    if begins is not None:
        return Text(
            f"what is not closed or not finished begins at line {begins}",
            f"閉じていない、または途中の部分は {begins} 行目から始まっています",
        )
    return None


def _by_problem(problem: str, line: str) -> Text | None:
    if problem == "mapping values are not allowed in this context" and line.count(": ") > 1:
        return Text("put a text that holds ': ' in quotes", "「: 」を含む文字列は引用符で囲んでください")
    if problem == "found character that cannot start any token":
        return Text(
            "put a text that begins with a sign such as @ or ` in quotes",
            "@ や ` などの記号で始まる文字列は引用符で囲んでください",
        )
    if problem == "did not find expected key":
        return Text(
            "check the indentation: keys that belong together begin in one column",
            "字下げを確かめてください。同じ階層のキーは同じ桁から始めます",
        )
    return None


def same(text: str) -> Text:
    """Words that are the same in both languages."""
    return Text(text, text)
