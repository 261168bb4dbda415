"""Somebody at a desk of the county office, before a real server: signs in, uploads, has files made."""

import json
import re
import secrets
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from urllib.parse import urlencode

from survey_app import create_app
from survey_app.accounts import service as accounts
from survey_app.db import db
from survey_app.security import Held
from tests.conftest import dispose
from tests.factories import draw_wave, make_wave
from tests.faults.installation import Installation
from tests.faults.server import wait_until

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_LOGIN, _PASSWORD = "clerk", "a long walk to the far school"


@dataclass(frozen=True, slots=True)
class Said:
    """What the server answered."""

    status: int
    location: str
    content: bytes

    @property
    def text(self) -> str:
        """The page."""
        return self.content.decode("utf-8")


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Redirects and refusals are answers too."""

    def http_response(self, request, response):
        return response


class Desk:
    """A clerk of the county, signed in."""

    def __init__(self, installation: Installation):
        self._address = f"http://127.0.0.1:{installation.port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _AsItIs)
        self._token = ""
        self.get("/accounts/sign-in")
        signed_in = self.post("/accounts/sign-in", {"login": _LOGIN, "password": _PASSWORD})
        assert signed_in.status == 302, signed_in.text

    def get(self, path: str) -> Said:
        """Read a page; its form's token serves the next deed."""
        said = self._ask(urllib.request.Request(self._address + path))
        found = _TOKEN.search(said.content.decode("utf-8", "replace"))
        self._token = found.group(1) if found else self._token
        return said

    def post(self, path: str, form: Mapping[str, str]) -> Said:
        """Send a form."""
        body = urlencode({"csrf_token": self._token, **form}).encode()
        return self._ask(urllib.request.Request(self._address + path, data=body))

    def upload(self, path: str, name: str, content: bytes) -> Said:
        """Send a file in the form's field ``file``."""
        border = secrets.token_hex(16)
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{self._token}\r\n'
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{border}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        return self._ask(urllib.request.Request(self._address + path, data=body, headers=kind))

    def have_made(self, wave_id: int) -> tuple[str, str]:
        """Have the materials of a wave made; where their page is, and how it ended: ready or failed."""
        self.get(f"/fieldwork/{wave_id}/materials")
        asked = self.post(
            f"/fieldwork/{wave_id}/materials/prepare", {"scope": "", "wording": "standard", "own_words": ""}
        )
        assert asked.status == 303, asked.text
        path = asked.location.removeprefix(self._address)
        state = ""

        def ended() -> bool:
            nonlocal state
            state = json.loads(self.get(f"{path}.json").content)["state"]
            return state in {"ready", "failed"}

        wait_until(ended, seconds=90)
        return path, state

    def _ask(self, request: urllib.request.Request) -> Said:
        with self._opener.open(request, timeout=60) as response:
            return Said(response.status, response.headers.get("Location", ""), response.read())


def furnish(installation: Installation) -> int:
    """Give *installation* a clerk and a wave that is drawn, ready to be printed; its number."""
    app = create_app(installation.settings)
    with app.app_context():
        wave = draw_wave(make_wave(population=60_000))
        accounts.add_user(
            db.session,
            login=_LOGIN,
            name="县教育局经办人",
            password=_PASSWORD,
            appointments=[Held("county", "140522")],
            by="test",
            now=datetime.now(UTC),
        )
        db.session.commit()
        wave_id = wave.id
    dispose(app)
    return wave_id
