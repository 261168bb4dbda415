import pytest

from survey_app.accounts import service
from survey_app.db import db
from tests.factories import make_user
from tests.page import get, post

PASSWORD = "安静的-river-茶杯"
WANTED = {"login": "li", "name": "李娜", "password": PASSWORD, "repeated": PASSWORD}


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
        return user and [f"{each.role}:{each.region_code}" for each in user.appointments]


def test_an_account_is_added_for_the_administrator_s_own_region(app, administrator):
    get(administrator, "/accounts/new")
    post(administrator, "/accounts/new", {**WANTED, "role": "county", "region": " 140522 "}, to="/accounts/")
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
        ({"repeated": "different"}, "两次输入的密码不一样"),
        ({"password": "short", "repeated": "short"}, "至少要有 10 个字符"),
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


def test_a_new_password_and_switching_off_end_the_person_s_session(app, administrator, signed_in, clerk_id):
    clerk = signed_in("county", "140522")
    get(clerk, "/accounts/password")
    get(administrator, f"/accounts/{clerk_id}/password")
    new = {"password": PASSWORD, "repeated": PASSWORD}
    post(administrator, f"/accounts/{clerk_id}/password", new, to=f"/accounts/{clerk_id}")
    assert clerk.get("/accounts/password").status_code == 302

    clerk = signed_in("county", "140522")
    get(administrator, f"/accounts/{clerk_id}/switch-off")
    post(administrator, f"/accounts/{clerk_id}/switch-off", to=f"/accounts/{clerk_id}")
    assert clerk.get("/accounts/password").status_code == 302
    assert "已停用" in get(administrator, f"/accounts/{clerk_id}").text
    post(administrator, f"/accounts/{clerk_id}/switch-on", to=f"/accounts/{clerk_id}")
    assert "使用中" in get(administrator, f"/accounts/{clerk_id}").text


def test_an_account_that_reaches_beyond_the_region_looks_like_none(app, administrator, clerk_id):
    with app.app_context():
        user = service.get_user(db.session, clerk_id)
        user.appointments.append(make_user("province", "140000").appointments[0])
        db.session.commit()
    hidden = get(administrator, f"/accounts/{clerk_id}", status=404)
    assert hidden.same_for_all == get(administrator, "/accounts/99999", status=404).same_for_all
    post(
        administrator,
        f"/accounts/{clerk_id}/password",
        {"password": PASSWORD, "repeated": PASSWORD},
        status=404,
    )


def test_one_s_own_account_offers_only_one_s_own_password(app, administrator):
    with app.app_context():
        own = service.user_with_login(db.session, "administrator-140500").id
    page = get(administrator, f"/accounts/{own}")
    assert "另一位管理员" in page.text
    assert administrator.get(f"/accounts/{own}/password").location == "/accounts/password"
    post(administrator, f"/accounts/{own}/switch-off", status=409)
