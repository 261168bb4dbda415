from datetime import UTC, datetime

import pytest

from survey_app import clock
from survey_app.accounts import service
from survey_app.db import db
from tests.factories import make_county_file, make_user
from tests.page import get, post

WANTED = {"login": "li", "name": "李娜"}


@pytest.fixture
def administrator(signed_in):
    return signed_in("administrator", "140500")


@pytest.fixture
def clerk_id(app):
    with app.app_context():
        user = make_user("county", "140522")
        db.session.commit()
        return user.id


def account(app, login):
    with app.app_context():
        user = service.user_with_login(db.session, login)
        return user and [
            ":".join(filter(None, (each.role, each.region_code, each.school_code)))
            for each in user.appointments
        ]


def test_an_account_is_added_for_the_administrator_s_own_region(app, administrator):
    get(administrator, "/accounts/new")
    page = post(
        administrator, "/accounts/new", {**WANTED, "role": "county", "region": " 140522 "}, status=200
    )
    assert "李娜 的一次性链接" in page.text
    assert account(app, "li") == ["county:140522"]
    assert "李娜" in get(administrator, "/accounts/").text


@pytest.mark.parametrize("region", ["140000", "430603", "000000"])
def test_nobody_is_appointed_outside_the_administrator_s_region(app, administrator, region):
    page = post(administrator, "/accounts/new", {**WANTED, "role": "assessor", "region": region}, status=422)
    assert f"“{region}”不在您负责的地区内" in page.text
    assert account(app, "li") is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"region": "阳城县"}, "请输入 6 位行政区划代码"),
        ({"region": "140599"}, "找不到代码为“140599”的地区"),
        ({"role": "city"}, "只能用于本级的地区"),
        ({"role": "school"}, "请填写这所学校的代码"),
        ({"role": "school", "school": "S999"}, "没有代码为“S999”的学校"),
        ({"school": "S001"}, "请把学校代码留空"),
        ({"login": "administrator-140500"}, "已经有人使用"),
        ({"login": ""}, "请输入登录名"),
    ],
)
def test_a_form_that_cannot_be_says_why(app, administrator, wrong, said):
    data = {**WANTED, "role": "county", "region": "140522", **wrong}
    assert said in post(administrator, "/accounts/new", data, status=422).text
    assert account(app, "li") is None


def test_a_second_role_is_added_and_taken_again(app, administrator, clerk_id):
    url = f"/accounts/{clerk_id}"
    get(administrator, f"{url}/appoint")
    post(administrator, f"{url}/appoint", {"role": "assessor", "region": "140524"}, to=url)
    assert account(app, "county-140522") == ["county:140522", "assessor:140524"]
    page = get(administrator, url)
    post(administrator, page.form("dismiss")["action"], to=url)
    assert account(app, "county-140522") == ["assessor:140524"]


def test_switching_off_ends_the_person_s_session(app, administrator, signed_in, clerk_id):
    clerk = signed_in("county", "140522")
    get(administrator, f"/accounts/{clerk_id}/switch-off")
    post(administrator, f"/accounts/{clerk_id}/switch-off", to=f"/accounts/{clerk_id}")
    assert clerk.get("/accounts/password").status_code == 302
    assert "已停用" in get(administrator, f"/accounts/{clerk_id}").text
    post(administrator, f"/accounts/{clerk_id}/switch-on", to=f"/accounts/{clerk_id}")
    assert "使用中" in get(administrator, f"/accounts/{clerk_id}").text


def test_a_coordinator_is_appointed_for_one_school(app, administrator):
    with app.app_context():
        make_county_file()
        db.session.commit()
    wanted = {**WANTED, "role": "school", "region": "140522", "school": "S001"}
    post(administrator, "/accounts/new", wanted, status=200)
    assert account(app, "li") == ["school:140522:S001"]
    assert "学校联络员" in get(administrator, "/accounts/").text


def test_after_its_last_day_an_account_is_over(app, administrator, signed_in, clerk_id, monkeypatch):
    url = f"/accounts/{clerk_id}"
    clerk = signed_in("county", "140522")
    assert "已经过去" in post(administrator, f"{url}/end", {"last_day": "2020-01-01"}, status=422).text
    post(administrator, f"{url}/end", {"last_day": "2099-01-31"}, to=url)
    assert "2099-02-01 00:00 前有效" in get(administrator, url).text
    assert 'value="2099-01-31"' in get(administrator, f"{url}/end").html
    get(clerk, "/accounts/password")
    monkeypatch.setattr(clock, "now", lambda: datetime(2099, 1, 31, 16, tzinfo=UTC))
    assert clerk.get("/accounts/password").status_code == 302
    assert "已过有效期" in get(administrator, url).text
    post(administrator, f"{url}/end", {"last_day": ""}, to=url)
    get(clerk, "/accounts/password")


def test_an_account_that_reaches_beyond_the_region_looks_like_none(app, administrator, clerk_id):
    with app.app_context():
        user = service.get_user(db.session, clerk_id)
        user.appointments.append(make_user("province", "140000").appointments[0])
        db.session.commit()
    hidden = get(administrator, f"/accounts/{clerk_id}", status=404)
    assert hidden.same_for_all == get(administrator, "/accounts/99999", status=404).same_for_all
    post(administrator, f"/accounts/{clerk_id}/link", status=404)


def test_one_s_own_account_offers_only_one_s_own_password(app, administrator):
    with app.app_context():
        own = service.user_with_login(db.session, "administrator-140500").id
    page = get(administrator, f"/accounts/{own}")
    assert "另一位管理员" in page.text
    post(administrator, f"/accounts/{own}/link", status=409)
    post(administrator, f"/accounts/{own}/end", {"last_day": "2099-01-01"}, status=409)
    post(administrator, f"/accounts/{own}/switch-off", status=409)
