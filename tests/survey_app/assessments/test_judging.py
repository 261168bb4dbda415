"""The schemes a county may be judged by, under every reading of their documents."""

from survey_app.assessments.judging import judge_text, scheme_list, scheme_now
from survey_app.canonical import canonical
from tests.evaluation.situations import county


def test_every_reading_can_be_chosen_and_told_apart():
    listed = {each.id: each for each in scheme_list()}
    assert {"shanxi-2022", "national-2017", "haicheng-2023", "haicheng-2023@annex"} <= set(listed)
    assert listed["haicheng-2023@annex"].title == "海城市推进义务教育优质均衡发展实施方案（按责任清单）"
    assert len({each.title for each in listed.values()}) == len(listed)
    assert [each.id for each in scheme_list("en")] == list(listed)


def test_a_verdict_says_by_which_reading_it_was_made():
    for scheme, said in (("haicheng-2023", "按正文。"), ("haicheng-2023@annex", "按责任清单。")):
        document = judge_text(canonical(county()), scheme).document()
        assert document["scheme"]["id"] == scheme
        assert document["scheme"]["digest"] == scheme_now(scheme)
        assert document["scheme"]["readings"][0].endswith(said)
    assert scheme_now("haicheng-2023@list") is None
