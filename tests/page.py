"""Every page a test fetches is checked as a page."""

import re
from collections import Counter
from html.parser import HTMLParser

from flask.testing import FlaskClient

_VOID = {"input", "link", "meta", "br", "hr", "img", "path", "rect", "line", "circle"}


class Page(HTMLParser):
    """A fetched page: its status, text, headings, links and forms."""

    def __init__(self, status: int, html: str):
        super().__init__(convert_charrefs=True)
        self.status = status
        self.html = html
        self.lang = ""
        self.title = ""
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.forms: list[dict[str, object]] = []
        self.links: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in _VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "html":
            self.lang = given.get("lang", "")
        elif tag == "h1":
            self.headings.append("")
        elif tag == "label" and "for" in given:
            self.labelled.add(given["for"])
        elif tag == "form":
            self.forms.append(
                {"method": given.get("method", "get"), "action": given.get("action"), "fields": {}}
            )
        elif tag == "a":
            self.links.append((given.get("href") or "", ""))
        if tag in {"input", "select", "textarea", "button"}:
            self.controls.append({"tag": tag, "in_label": str("label" in self._open), **given})
            if self.forms and given.get("name"):
                self.forms[-1]["fields"].setdefault(given["name"], given.get("value") or "")
        for name in given:
            assert not name.startswith("on"), f"inline handler {name}"
            assert name != "style", "inline style"

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if not self._open:
            return
        inside = self._open[-1]
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        if "h1" in self._open:
            self.headings[-1] += data
        if "a" in self._open and self.links:
            href, text = self.links[-1]
            self.links[-1] = (href, text + data)
        assert inside != "script" or not data.strip(), "inline script"
        assert inside != "style", "inline style sheet"
        self.text += data + " "

    @property
    def same_for_all(self) -> str:
        """The page's source but for its CSRF proofs, which change with every second."""
        return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", self.html)

    @property
    def h1(self) -> str:
        """The page's one heading."""
        return " ".join(self.headings[0].split())

    def form(self, action_part: str = "") -> dict[str, object]:
        """The form whose action holds *action_part*."""
        return next(form for form in self.forms if action_part in (form["action"] or ""))

    def check(self, *, csrf: bool = True) -> "Page":
        """Assert what holds for every page of the product."""
        assert self.lang in {"zh-CN", "en"}
        assert len(self.headings) == 1, f"{len(self.headings)} h1"
        assert self.h1
        assert self.title.strip().endswith(("均衡", "Junheng"))
        assert self.title.strip() not in {"均衡", "Junheng"}
        doubled = [name for name, times in Counter(self.ids).items() if times > 1]
        assert not doubled, f"ids used twice: {doubled}"
        for control in self.controls:
            if control["tag"] == "button" or control.get("type") in {"hidden", "submit"}:
                continue
            named = (
                control.get("id") in self.labelled or control["in_label"] == "True" or "aria-label" in control
            )
            assert named, f"control without a label: {control}"
        for form in self.forms:
            if csrf and form["method"].lower() == "post":
                assert {"csrf_token", "ticket"} & set(form["fields"]), f"form without CSRF proof: {form}"
        return self


def get(client: FlaskClient, url: str, *, status: int = 200, follow: bool = False) -> Page:
    """Fetch *url*, assert its status and that it is a proper page."""
    response = client.get(url, follow_redirects=follow)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return Page(response.status_code, response.get_data(as_text=True)).check()


def post(
    client: FlaskClient,
    url: str,
    data: dict | None = None,
    *,
    to: str | None = None,
    status: int | None = None,
):
    """Send a form with its CSRF token; assert where it leads or what it answers."""
    token = _token(client)
    response = client.post(url, data={"csrf_token": token, **(data or {})})
    if to is not None:
        assert response.status_code in {302, 303}, response.get_data(as_text=True)[:2000]
        assert to in response.location, response.location
        return response
    if status is not None:
        assert response.status_code == status, response.get_data(as_text=True)[:2000]
    if response.status_code in {302, 303}:
        return response
    return Page(response.status_code, response.get_data(as_text=True)).check()


def _token(client: FlaskClient) -> str:
    html = client.get("/accounts/sign-in?form=token").get_data(as_text=True)
    page = Page(200, html) if "<html" in html else Page(200, client.get("/counties/").get_data(as_text=True))
    return next(form["fields"]["csrf_token"] for form in page.forms if "csrf_token" in form["fields"])
