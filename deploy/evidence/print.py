"""The book of a pack as PDF, printed by WeasyPrint with a Japanese font in it, and without any access to a network."""

from __future__ import annotations

import shutil
import subprocess

from deploy.plan import digest
from inventory.errors import SansoError
from inventory.text import Text

_INSTALL = Text("Install what it needs with script/setup.", "必要なパッケージは script/setup でインストールできます。")


class PrintingError(SansoError):
    """The PDF cannot be made on this machine."""


def pdf(text: str) -> bytes:
    """An HTML text as PDF; the same text gives the same bytes with the same fonts and versions.

    Raises:
        PrintingError: WeasyPrint's libraries or a Japanese font are missing.
    """
    try:
        import weasyprint  # noqa: PLC0415 takes long to import and needs libraries that may be missing
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 likewise
    except OSError as error:
        raise PrintingError(
            Text(f"The PDF cannot be made: {error}", f"PDF を作成できません: {error}"), _INSTALL
        ) from error
    _want_japanese()
    page = weasyprint.HTML(string=text, url_fetcher=URLFetcher(allowed_protocols=()))
    made = page.write_pdf(pdf_identifier=digest(text).encode()[:32])
    return bytes(made)


def _want_japanese() -> None:
    """Without a Japanese font every word of the PDF would be boxes."""
    lister = shutil.which("fc-list")
    if lister is not None:
        done = subprocess.run([lister, ":lang=ja", "family"], capture_output=True, text=True, check=False)  # noqa: S603 a fixed program
        if done.stdout.strip():
            return
    raise PrintingError(
        Text(
            "The PDF cannot be made: there is no Japanese font.", "PDF を作成できません: 日本語フォントがありません。"
        ),
        _INSTALL,
    )
