import pytest

from survey_app import security
from survey_app.security import Held, allowed, covers, is_local_path


@pytest.mark.parametrize(
    ("held", "region", "inside"),
    [
        ("000000", "430603", True),
        ("140000", "140522", True),
        ("140500", "140522", True),
        ("140500", "140106", False),
        ("140522", "140522", True),
        ("140522", "140522100", True),
        ("140522", "140524", False),
        ("140000", "430603", False),
        ("419000", "419001", True),
        ("410000", "419001", True),
    ],
)
def test_a_region_covers_itself_and_what_lies_below(held, region, inside):
    assert covers(held, region) is inside


def test_a_role_gives_a_permission_only_in_its_region():
    held = [Held("county", "140522"), Held("auditor", "140000")]
    assert allowed(held, "wave.open", "140522")
    assert not allowed(held, "wave.open", "140524")
    assert allowed(held, "audit.view", "140524")
    assert not allowed(held, "wave.release", "140522")


def test_a_coordinator_sees_one_school_and_nothing_of_its_county():
    held = [Held("school", "140522", "S001")]
    assert allowed(held, "school.view", "140522", school="S001")
    assert not allowed(held, "school.view", "140522", school="S002")
    assert not allowed(held, "school.view", "140524", school="S001")
    assert not allowed(held, "school.view", "140522")
    assert not allowed(held, "region.view", "140522")


def test_a_county_never_releases_its_own_results():
    assert "county" not in security.PERMISSIONS["wave.release"]
    assert "county" not in security.PERMISSIONS["results.view_unreleased"]


@pytest.mark.parametrize(
    ("target", "local"),
    [
        ("/counties/140522", True),
        ("/results/1?lang=en", True),
        (None, False),
        ("", False),
        ("https://elsewhere.example/", False),
        ("//elsewhere.example/", False),
        ("/\\elsewhere.example", False),
        ("counties", False),
        ("javascript:alert(1)", False),
        ("/\n//elsewhere.example", False),
        ("/counties\0", False),
    ],
)
def test_only_paths_of_this_site_are_returned_to(target, local):
    assert is_local_path(target) is local


def test_every_answer_carries_the_policy(client):
    for url in ("/", "/no-such-page", "/static/junheng.css"):
        headers = client.get(url).headers
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["%00", "junheng.css%00", "a%00b/c", "..%00", "%ff", "%ED%A0%80", "x" * 5000]
)
def test_a_file_that_no_system_could_have_is_not_there(client, name):
    assert client.get(f"/static/{name}").status_code == 404


def test_an_unknown_host_is_refused(client):
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "cookie", ["junheng=garbage", "junheng=.eJx.x.y", "junheng=\x01\x02", "lang=%00<script>"]
)
def test_a_malformed_cookie_is_an_anonymous_visit(client, cookie):
    response = client.get("/", headers={"Cookie": cookie})
    assert response.status_code in {200, 302}
    assert "<script>" not in response.get_data(as_text=True)


def test_a_missing_page_says_so_without_a_traceback(client):
    response = client.get("/no-such-page")
    assert response.status_code == 404
    assert "Traceback" not in response.get_data(as_text=True)
    assert "找不到" in response.get_data(as_text=True)
