"""The report page as PDF, by WeasyPrint, where it is installed (docs/decisions/0011).

One layout for screen and paper. The page asks for nothing to be loaded, and nothing would be: every
address is refused.
"""

from importlib import import_module
from typing import Any, NoReturn


class PdfUnavailable(Exception):
    """WeasyPrint, or a library of the system that it needs, is not there. reason: text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def to_pdf(page: str) -> bytes:
    """The PDF of an HTML page. Raises PdfUnavailable."""
    # Loaded only here: it is an extra, and takes half a second.
    try:
        weasyprint: Any = import_module("weasyprint")
    except ImportError as error:
        reason = "WeasyPrint is not installed (pip install 'customs-trust-ledger[pdf]')"
        raise PdfUnavailable(reason) from error
    except OSError as error:  # it loads Pango from the system
        raise PdfUnavailable(f"WeasyPrint lacks a library of the system: {error}") from error
    document: bytes = weasyprint.HTML(string=page, url_fetcher=_refuse).write_pdf()
    return document


def _refuse(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError(f"a report loads nothing, not {url[:100]}")
