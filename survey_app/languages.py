"""The interface's languages, and which one a request asks for."""

from babel import Locale
from flask import g, request
from werkzeug.http import dump_cookie
from werkzeug.wrappers import Response

#: Interface languages, the first being the default.
LANGUAGES = ("zh_CN", "en")

_LOCALES = {name: Locale.parse(name) for name in LANGUAGES}
#: How long a chosen language is remembered.
_SECONDS = 365 * 24 * 3600

_ASKED_FOR = {"en": "en", "zh": "zh_CN", "zh_CN": "zh_CN"}


def chosen() -> str:
    """The language of the current request: of its address, else of its cookie, else the default.

    Where a room asks for the language in another way, it has put it into ``g.language``.
    """
    if request and "language" in g:
        return g.language
    wanted = request.args.get("lang") or request.cookies.get("lang") if request else None
    return asked_for(wanted)


def asked_for(name: str | None) -> str:
    """The language that an address or a cookie means by *name*."""
    return _ASKED_FOR.get(name or "", LANGUAGES[0])


def remember(response: Response, name: str | None) -> None:
    """Have the reader keep the language that the address of their request named, if it named one."""
    response.headers.extend(remembering(name))


def remembering(name: str | None) -> list[tuple[str, str]]:
    """The header by which a reader keeps the language *name*; none where that is none."""
    if name not in _ASKED_FOR:
        return []
    return [("Set-Cookie", dump_cookie("lang", name, max_age=_SECONDS, httponly=True, samesite="Lax"))]


def locale() -> Locale:
    """The same as Babel knows it; read once, since reading it costs more than a page."""
    return _LOCALES[chosen()]


def locale_of(language: str) -> Locale:
    """The locale of one of `LANGUAGES`."""
    return _LOCALES[language]
