"""The first three steps of a wave on their pages: resumable, changeable, and nothing lost."""

import json

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.surveys import service
from survey_app.surveys.models import Wave
from tests.conftest import NOW
from tests.factories import draw_wave, make_county_file, make_open_wave, make_wave, small_county
from tests.page import get, post
from tests.survey_app.surveys.test_pages import FORM

SIZES = {"deputy": "236", "cppcc_member": "214", "public": "3350"}


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def staff(app, signed_in):
    with app.app_context():
        make_county_file()
        db.session.commit()
    client = signed_in()
    post(client, "/surveys/new?county=140522", FORM, to="/surveys/1/rules")
    return client


def fields(client, step, **given):
    """The fields of a step as its page shows them, with *given* ones filled in; boxes only where given."""
    form = dict(get(client, f"/surveys/1/{step}").form(f"/{step}")["fields"])
    for name in ("agreed", "balance_bands", "do"):
        form.pop(name, None)
    seen = json.loads(form["seen"])
    form |= {name: value for name, value in seen.items() if name in form}
    return form | given


def settle_rules(client, **given):
    return post(client, "/surveys/1/rules", fields(client, "rules", **given))


def settle_plan(client, **given):
    return post(client, "/surveys/1/plan", fields(client, "plan", **{**SIZES, "do": "settle", **given}))


def wave_of(app, number=1):
    with app.app_context():
        wave = db.session.get_one(Wave, number)
        db.session.expunge(wave)
        return wave


def plan_of(app):
    return json.loads(wave_of(app).plan)


def trail(app):
    with app.app_context():
        return [
            entry.action for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number))
        ]


def test_the_steps_follow_one_another_and_can_be_left_at_any_time(app, staff):
    assert "规则还没有定" in get(staff, "/surveys/1/plan").text
    assert settle_rules(staff).location.endswith("/surveys/1/plan")
    assert "3 样本量与配额 待办" in get(staff, "/surveys/1").text
    settle_plan(staff)
    assert "4 抽样框 待办" in get(staff, "/surveys/1").text
    assert "建抽样框" in get(staff, "/surveys/").text
    assert trail(app) == ["wave.begun", "wave.rules_settled", "wave.planned"]


def test_rules_are_offered_with_what_follows_from_them(staff):
    page = get(staff, "/surveys/1/rules")
    for words in (
        "必答题全部作答",
        "会拉低社会认可度",
        "只看总体评价一题",
        "按常住人口的 1.5‰ 抽取",
        "系统自带",
    ):
        assert words in page.text


def test_other_rules_are_kept_as_they_were_chosen(app, staff):
    settle_rules(
        staff, satisfaction="overall", dont_know="as_middle", satisfied_from="3.5", dont_know_below="40"
    )
    with app.app_context():
        rules = service.rules_of(db.session.get_one(Wave, 1))
    assert (rules.satisfaction, rules.dont_know) == ("overall", "as_middle")
    assert (str(rules.satisfied_from), str(rules.dont_know_below)) == ("7/2", "2/5")
    assert "总体评价题不低于 3.5 分" in get(staff, "/surveys/1").text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("dont_know_below", "0", "请填写 1 至 100 之间的整数"),
        ("dont_know_below", "½", "请填写 1 至 100 之间的整数"),
        ("satisfied_from", "6", "请填写大于 1、不超过 5 的数"),
        ("satisfied_from", "4.123", "请填写大于 1、不超过 5 的数"),
        ("source", "a" * 201, "最多 200 个字，现在有 201 个字"),
        ("validity", "nope", "怎样算有效问卷"),
        ("scheme_id", "nope", "依据的细则"),
        ("form_public", "99", "社会卷"),
    ],
)
def test_a_rule_that_cannot_be_is_named_beside_its_field_and_nothing_lost(app, staff, field, value, said):
    page = post(staff, "/surveys/1/rules", fields(staff, "rules", weighting="equal_groups", **{field: value}))
    assert page.status == 422
    assert said in page.text
    assert 'checked id="weighting-1"' in page.html
    assert wave_of(app).rules_settled_at is None


def test_a_plan_is_computed_before_it_is_settled(app, staff):
    settle_rules(staff)
    page = post(staff, "/surveys/1/plan", fields(staff, "plan", **SIZES, do="compute"), status=200)
    assert "1,008,281 × 1.5‰ = 1,512.4215" in page.text
    assert "逢小数进一：1,513 份" in page.text
    assert "校长只有 13 人，全部列入调查。" in page.text
    assert "家长 5,714 757 891" in page.text
    assert "1 1.8 2 2.5 4 3.6" in page.text
    assert wave_of(app).plan is None


def test_a_settled_plan_keeps_invitations_rates_balances_and_precision(app, staff):
    settle_rules(staff)
    settle_plan(
        staff, rate_parent="90", invite_teacher="200", balance_bands="y", urban="600000", rural="400000"
    )
    plan = plan_of(app)
    assert plan["sample_size"] == 1513
    assert plan["invitations"]["parent"] == 842  # ceil(757 / 0.9)
    assert plan["invitations"]["teacher"] == 200
    assert plan["invitations"]["principal"] == plan["quotas"]["principal"] == 13
    assert plan["response_rates"]["parent"] == 0.9
    assert sum(plan["balances"]["parent"].values()) == plan["quotas"]["parent"]
    assert set(plan["balances"]) == {"parent", "student"}
    assert [one["design_effect"] for one in plan["precision"]["half_widths"]] == [1, 2, 4]
    again = fields(staff, "plan")
    assert (again["rate_parent"], again["invite_teacher"], again["urban"]) == ("90", "200", "600000")
    assert again["invite_parent"] == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"deputy": "0"}, "请填写 1 至 10000000 之间的整数"),
        ({"deputy": "9" * 400}, "请填写 1 至 10000000 之间的整数"),
        ({"public": "many"}, "其他群众名单人数"),
        ({"public": "1008282"}, "比常住人口还多"),
        ({"rate_parent": "0"}, "请填写大于 0、不超过 100 的百分数"),
        ({"rate_parent": "1e2"}, "请填写大于 0、不超过 100 的百分数"),
        ({"invite_teacher": "100"}, "教师应邀请 149 至 433 人"),
        ({"invite_principal": "14"}, "校长应邀请 13 至 13 人"),
        ({"urban": "2000000"}, "比全县常住人口 1008281 人还多"),
        ({"design_effects": "0"}, "用逗号隔开"),
        ({"design_effects": "1,2,3,4,5,6,7"}, "用逗号隔开"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_its_field_and_nothing_lost(app, staff, given, said):
    settle_rules(staff)
    page = settle_plan(staff, **{"rate_student": "77", **given})
    assert page.status == 422
    assert said in page.text
    assert 'value="77"' in page.html
    assert wave_of(app).plan is None


def test_all_faults_are_told_at_once(staff):
    settle_rules(staff)
    page = settle_plan(staff, invite_teacher="1", invite_principal="99", urban="9999999")
    for words in ("教师应邀请", "校长应邀请", "比全县常住人口", "逢小数进一：1,513 份"):
        assert words in page.text


def test_two_clerks_do_not_overwrite_one_another(app, staff):
    mine = fields(staff, "rules", satisfaction="overall")
    settle_rules(staff, dont_know="as_lowest")
    page = post(staff, "/surveys/1/rules", mine, status=409)
    assert "别人改过这一步，没有保存" in page.text
    assert "“不了解”怎样计分" in page.text
    assert "“不了解”按 1 分计。" in page.text
    assert 'checked id="satisfaction-1"' in page.html
    with app.app_context():
        assert service.rules_of(db.session.get_one(Wave, 1)).satisfaction == "mean"
    knowing = {**mine, "seen": page.form("/rules")["fields"]["seen"]}
    post(staff, "/surveys/1/rules", knowing, to="/plan")
    with app.app_context():
        rules = service.rules_of(db.session.get_one(Wave, 1))
    assert (rules.satisfaction, rules.dont_know) == ("overall", "left_out")


def test_a_plan_made_from_a_scheme_that_was_changed_meanwhile_is_not_settled(app, staff):
    settle_rules(staff)
    mine = fields(staff, "plan", **SIZES, do="settle")
    settle_rules(staff, scheme_id="hunan-2023")
    page = post(staff, "/surveys/1/plan", mine, status=409)
    assert "依据的细则" in page.text
    assert wave_of(app).plan is None


@pytest.mark.parametrize("seen", ["", "[]", "nonsense", '{"title": 1}'])
def test_what_was_seen_cannot_be_left_out(app, staff, seen):
    form = fields(staff, "details", title="另一个名称", seen=seen)
    assert post(staff, "/surveys/1/details", form).status == 409
    assert wave_of(app).title == FORM["title"]


def test_another_scheme_undoes_the_plan_only_where_that_is_agreed_to(app, staff):
    settle_rules(staff)
    settle_plan(staff)
    change = fields(staff, "rules", scheme_id="hunan-2023")
    page = post(staff, "/surveys/1/rules", change, status=409)
    assert "要到第 3 步再定一次" in page.text
    assert wave_of(app).scheme_id == "shanxi-2022"
    post(staff, "/surveys/1/rules", {**change, "agreed": "y"}, to="/surveys/1/plan")
    assert wave_of(app).plan_settled_at is None
    kept = get(staff, "/surveys/1/plan")
    assert "请核对后再定一次" in kept.text
    assert fields(staff, "plan")["deputy"] == "236"


def test_newer_county_figures_can_be_taken_and_undo_the_plan(app, staff):
    settle_rules(staff)
    settle_plan(staff)
    document = small_county()
    with app.app_context():
        from survey_app.counties import service as counties

        newer = counties.import_county_file(
            db.session,
            {**document, "county": {**document["county"], "code": "140522", "resident_population": 500_000}},
            source="later.json",
            by="test",
            now=NOW,
        ).id
        db.session.commit()
    change = fields(staff, "details", county_file=str(newer))
    assert "要到第 3 步再定一次" in post(staff, "/surveys/1/details", change, status=409).text
    post(staff, "/surveys/1/details", {**change, "agreed": "y"}, to="/surveys/1/plan")
    assert "逢小数进一：750 份" in get(staff, "/surveys/1/plan").text


def test_settling_the_same_plan_again_changes_nothing(app, staff):
    settle_rules(staff)
    settle_plan(staff)
    settle_plan(staff)
    assert trail(app).count("wave.planned") == 1


def test_after_the_draw_words_and_days_can_change_and_the_sample_cannot(app, signed_in):
    with app.app_context():
        draw_wave(make_wave())
        db.session.commit()
    client = signed_in()
    assert client.get("/surveys/1/plan").status_code == 303
    change = fields(client, "details", contact="新电话 0356-1")
    page = post(client, "/surveys/1/details", change, status=409)
    assert "重新下载印发" in page.text
    post(client, "/surveys/1/details", {**change, "agreed": "y"}, to="/surveys/1")
    assert wave_of(app).contact == "新电话 0356-1"
    rules = fields(client, "rules", scheme_id="hunan-2023")
    assert post(client, "/surveys/1/rules", rules, status=409)
    assert wave_of(app).scheme_id == "shanxi-2022"


@pytest.mark.parametrize("step", ["details", "rules", "plan"])
def test_an_open_wave_is_fixed(app, signed_in, step):
    with app.app_context():
        make_open_wave(app)
        db.session.commit()
    client = signed_in()
    assert f"/surveys/1/{step}" not in get(client, "/surveys/1").html
    assert "不能再改" in get(client, f"/surveys/1/{step}", status=409).text
    assert post(client, f"/surveys/1/{step}", {}, status=409)


@pytest.mark.parametrize("step", ["details", "rules", "plan"])
def test_the_steps_speak_english(staff, step):
    settle_rules(staff)
    page = get(staff, f"/surveys/1/{step}?lang=en")
    assert page.lang == "en"
    assert "County and dates settled" in page.text
