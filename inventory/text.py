"""Words for people, in English and Japanese side by side at the place where they are used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ja"]


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages."""

    en: str
    ja: str

    def say(self, language: Language) -> str:
        return self.ja if language == "ja" else self.en

    def format(self, **values: object) -> Text:
        """Fill `{name}` places in both languages; a value that is a Text speaks its own language."""
        en = {key: value.en if isinstance(value, Text) else value for key, value in values.items()}
        ja = {key: value.ja if isinstance(value, Text) else value for key, value in values.items()}
        return Text(self.en.format(**en), self.ja.format(**ja))


def language_of(choice: str | None = None) -> Language:
    """The language to speak: what was asked for (`--lang`), else Japanese in a Japanese locale, else English."""
    if choice is not None:
        return "ja" if choice == "ja" else "en"
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ja" if locale.lower().startswith("ja") else "en"
