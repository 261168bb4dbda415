"""The interface's languages, and which one a request asks for."""

from babel import Locale
from flask import request

#: Interface languages, the first being the default.
LANGUAGES = ("zh_CN", "en")

_LOCALES = {name: Locale.parse(name) for name in LANGUAGES}
_ASKED_FOR = {"en": "en", "zh": "zh_CN", "zh_CN": "zh_CN"}


def chosen() -> str:
    """The language of the current request: of its address, else of its cookie, else the default."""
    wanted = request.args.get("lang") or request.cookies.get("lang") if request else None
    return _ASKED_FOR.get(wanted or "", LANGUAGES[0])


def locale() -> Locale:
    """The same as Babel knows it; read once, since reading it costs more than a page."""
    return _LOCALES[chosen()]


def locale_of(language: str) -> Locale:
    """The locale of one of `LANGUAGES`."""
    return _LOCALES[language]
