"""What is left out of texts, and what the check does not see."""

import pytest

from survey_app.results.open_answers.marks import labels, marked


@pytest.mark.parametrize(
    ("text", "shown", "kinds"),
    [
        ("电话13800138000", "电话〔电话〕", ("phone",)),
        ("手机：１３８-0013-8000。", "手机：〔电话〕。", ("phone",)),
        ("打+86 138 0013 8000", "打〔电话〕", ("phone",)),
        ("0356-4221234", "〔电话〕", ("phone",)),
        ("身份证140522198001011234", "身份证〔证件号〕", ("id_number",)),
        ("加微信wjg_1975", "加微信〔账号〕", ("account",)),
        ("vx：abc12345", "vx：〔账号〕", ("account",)),
        ("写信到a.b@c.com.cn", "写信到〔邮箱〕", ("email",)),
        ("看 https://a.cn/x?y=1 吧", "看 〔网址〕 吧", ("web",)),
        ("学籍号20230101", "学籍号〔长数字〕", ("long_number",)),
        ("我叫李小红", "我叫〔姓名〕", ("name",)),
        ("我是王小明的家长", "我是〔姓名〕的家长", ("family_name",)),
        ("张伟老师和王校长", "〔姓名〕老师和〔姓名〕校长", ("titled_name",)),
        ("阳城县第一小学太挤", "〔学校〕太挤", ("school",)),
    ],
)
def test_what_looks_like_somebody_is_left_out(text, shown, kinds):
    found = marked(text, schools=["阳城县第一小学", "一中"])
    assert (found.text, found.marks) == (shown, kinds)
    assert set(kinds) <= set(labels())


@pytest.mark.parametrize(
    "text",
    [
        "希望高中老师多一些",
        "感谢老师",
        "任课老师少",
        "一年12000元太贵",
        "全体老师辛苦",
        "学校向老师收钱",
        "一中很好",
        "<script>alert(1)</script>",
        "和同学相处好",
    ],
)
def test_everyday_words_stay(text):
    assert marked(text, schools=["一中"]).text == text


@pytest.mark.parametrize("text", ["小明家住北留村东头", "三年级那个卷头发的"])
def test_what_the_check_does_not_see(text):
    """These name somebody to whoever knows the place; the page says that it cannot see it."""
    assert marked(text).marks == ()


def test_signs_of_our_own_cannot_be_typed():
    assert marked("\ue000phone\ue001").text == "phone"
