import pytest

from survey_app.surveys.faults import SENTENCES, QuestionnaireError
from survey_app.surveys.questionnaire_loader import from_content, load_questionnaire, parse_questionnaire

from .forms import SMALL, SMALL_TEXT

#: What is changed in the small form → where the fault must be found, and which it is.
BROKEN = {
    "unknown key at the top": (
        'form = "public"',
        'form = "public"\ncolour = "red"',
        "",
        "colour",
        "unknown_key",
    ),
    "unknown key in an item": ('id = "q1"', 'id = "q1"\nweight = 2', "q1", "weight", "unknown_key"),
    "unknown key in a text": (
        'en = "Comment" }',
        'en = "Comment", fr = "Avis" }',
        "comment",
        "text.fr",
        "unknown_key",
    ),
    "unknown form": ('form = "public"', 'form = "village"', "", "form", "unknown_form"),
    "unknown topic": ('topic = "fairness"', 'topic = "weather"', "q1", "topic", "unknown_topic"),
    "no topic": ('topic = "fairness"\n', "", "q1", "topic", "missing_key"),
    "unknown kind": ('kind = "single"', 'kind = "slider"', "service", "kind", "unknown_kind"),
    "unknown scale": ('scale = "agree"', 'scale = "feel"', "q1", "scale", "unknown_scale"),
    "group of another form": (
        'groups = ["parent"]',
        'groups = ["teacher"]',
        "service",
        "groups",
        "unknown_group",
    ),
    "variant for a foreign group": (
        "variants = { parent",
        "variants = { student",
        "q1",
        "variants.student",
        "unknown_group",
    ),
    "duplicate id": ('id = "q3"', 'id = "q1"', "q1", "id", "duplicate_id"),
    "duplicate section": ('id = "second"', 'id = "first"', "", "id", "duplicate_id"),
    "malformed id": ('id = "q3"', 'id = "Q 3"', "Q 3", "id", "bad_id"),
    "missing id": ('id = "q3"\n', "", "", "id", "missing_key"),
    "missing English": (', en = "Comment"', "", "comment", "text.en", "missing_translation"),
    "blank Chinese": ('zh = "意见"', 'zh = " "', "comment", "text.zh", "missing_translation"),
    "missing text": ('text = { zh = "意见", en = "Comment" }\n', "", "comment", "text", "missing_key"),
    "unknown placeholder": ("{county}小问卷", "{city}小问卷", "", "title.zh", "unknown_placeholder"),
    "open brace": ("{county}小问卷", "{county小问卷", "", "title.zh", "unknown_placeholder"),
    "condition on a later item": (
        'when = { item = "service"',
        'when = { item = "overall"',
        "q4",
        "item",
        "condition_not_earlier",
    ),
    "condition on an unknown item": (
        'when = { item = "service"',
        'when = { item = "weather"',
        "q4",
        "item",
        "condition_not_earlier",
    ),
    "condition on an unknown option": (
        'in = ["yes"]',
        'in = ["perhaps"]',
        "q4",
        "in",
        "condition_unknown_option",
    ),
    "condition without options": (
        'when = { item = "service", in = ["yes"] }',
        'when = { item = "service", in = [] }',
        "q4",
        "in",
        "empty",
    ),
    "condition another group never meets": (
        'groups = ["parent"]\nwhen',
        'groups = ["parent", "deputy"]\nwhen',
        "q4",
        "item",
        "condition_out_of_group",
    ),
    "reversed non-scale": (
        'kind = "single"',
        'kind = "single"\nreversed = true',
        "service",
        "reversed",
        "key_not_for_kind",
    ),
    "option code twice": ('code = "no"', 'code = "yes"', "service", "code", "duplicate_option"),
    "odd option code": ('code = "no"', 'code = "No!"', "service", "code", "bad_code"),
    "level missing from a scale": (
        '  { code = "3", zh = "一般", en = "Neither" },\n',
        "",
        "",
        "options",
        "scale_codes",
    ),
    "indicator malformed": (
        'indicators = ["8.4"]',
        'indicators = ["8-4"]',
        "q3",
        "indicators",
        "bad_indicator",
    ),
    "indicator twice": ('["Q8", "30.8"]', '["Q8", "Q8"]', "q2", "indicators", "duplicate_value"),
    "wrong type": ("reversed = true", 'reversed = "yes"', "q2", "reversed", "wrong_type"),
    "limit out of range": ("max_length = 20", "max_length = 0", "comment", "max_length", "out_of_range"),
    "no overall item": (
        "overall = true",
        "overall = false\ntopic = 'quality'",
        "",
        "parent",
        "overall_count",
    ),
    "two overall items": (
        'topic = "burden"\nindicators = ["Q8", "30.8"]',
        "overall = true",
        "",
        "deputy",
        "overall_count",
    ),
}


def refused(text):
    with pytest.raises(QuestionnaireError) as refusal:
        parse_questionnaire(text, file="broken.toml")
    return refusal.value.faults


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_found_with_its_place(name):
    old, new, item, key, rule = BROKEN[name]
    assert old in SMALL_TEXT
    faults = refused(SMALL_TEXT.replace(old, new, 1))
    found = {(fault.item, fault.key, fault.rule) for fault in faults}
    assert (item, key, rule) in found
    assert all("broken.toml" in fault.where and item in fault.where for fault in faults if fault.item == item)


def test_condition_on_a_text_is_refused():
    """The open question is moved to the front and then named by the condition."""
    front, comment = SMALL_TEXT.split('[[sections.items]]\nid = "comment"')
    moved = front.replace(
        "[[sections.items]]", f'[[sections.items]]\nid = "comment"{comment}\n[[sections.items]]', 1
    )
    faults = refused(moved.replace('when = { item = "service"', 'when = { item = "comment"'))
    assert [(fault.item, fault.rule) for fault in faults] == [("q4", "condition_without_options")]


def test_all_faults_come_at_once():
    text = SMALL_TEXT
    for name in ("unknown topic", "blank Chinese", "duplicate section", "option code twice", "wrong type"):
        old, new, *_ = BROKEN[name]
        text = text.replace(old, new, 1)
    rules = ["duplicate_option", "unknown_topic", "wrong_type", "duplicate_id", "missing_translation"]
    assert rules == [fault.rule for fault in refused(text)]


def test_a_fault_says_where_and_what_in_both_languages():
    (fault,) = refused(SMALL_TEXT.replace('topic = "fairness"', 'topic = "weather"', 1))
    assert fault.where == "broken.toml:31: section first, item q1: topic"
    assert fault.message("zh").startswith("不认识的主题“weather”，可用：fairness")
    assert "Unknown topic 'weather'" in fault.message("en")


def test_every_sentence_can_be_said():
    for sentence in SENTENCES.values():
        for language in ("zh", "en"):
            said = sentence.in_language(language).format(key="k", value="v", known="a, b")
            assert "{" not in said


def test_every_fault_tested_or_named_elsewhere_has_a_sentence():
    assert {rule for *_, rule in BROKEN.values()} <= set(SENTENCES)


@pytest.mark.parametrize(
    "text", ["form = ", "", "[[sections]]\nitems = 3", "sections = [1, [2]]\nscales = 5"]
)
def test_malformed_files_are_refused_not_crashed_on(text):
    assert refused(text)


def test_unreadable_files_are_refused(tmp_path):
    latin = tmp_path / "latin.toml"
    latin.write_bytes('title = "é"'.encode("latin-1"))
    for path, rule in ((latin, "not_text"), (tmp_path / "absent.toml", "not_readable")):
        with pytest.raises(QuestionnaireError) as refusal:
            load_questionnaire(path)
        assert [fault.rule for fault in refusal.value.faults] == [rule]


@pytest.mark.parametrize("text", ["", "[]", "null", '{"form": "public"}', "[" * 100_000])
def test_malformed_content_is_refused(text):
    with pytest.raises(QuestionnaireError):
        from_content(text)


def test_content_survives_the_round_trip_and_ignores_how_the_file_is_laid_out():
    assert from_content(SMALL.content) == SMALL
    respaced = parse_questionnaire(SMALL_TEXT.replace("\n\n", "\n\n# A remark.\n\n"))
    assert SMALL.digest == respaced.digest
    assert SMALL.digest != parse_questionnaire(SMALL_TEXT.replace("投入足够", "投入充足")).digest


def test_several_conditions_must_all_hold():
    both = SMALL_TEXT.replace(
        'when = { item = "service", in = ["yes"] }',
        'when = [{ item = "service", in = ["yes"] }, { item = "q1", in = ["4", "5"] }]',
    )
    questionnaire = parse_questionnaire(both)
    assert questionnaire == from_content(questionnaire.content)
    item = questionnaire.item("q4")
    assert item.is_asked({"service": "yes", "q1": "4"})
    assert not item.is_asked({"service": "yes", "q1": "3"})
    assert not item.is_asked({"service": "yes"})


def test_an_item_behind_an_item_that_was_not_asked_is_not_asked():
    chained = SMALL_TEXT.replace(
        'id = "overall"\nkind = "scale"',
        'id = "q5"\nkind = "scale"\nscale = "agree"\ntopic = "quality"\ngroups = ["parent"]\n'
        'when = { item = "q4", in = ["1"] }\ntext = { zh = "问", en = "Q" }\n\n'
        '[[sections.items]]\nid = "overall"\nkind = "scale"',
    )
    questionnaire = parse_questionnaire(chained)
    answers = {"service": "no", "q4": "1", "q5": "1"}
    assert {"q4", "q5"}.isdisjoint(item.id for item in questionnaire.asked("parent", answers))
    assert "q5" in {item.id for item in questionnaire.asked("parent", answers | {"service": "yes"})}


def test_sections_and_items_are_those_of_the_group():
    assert "service" not in {item.id for item in SMALL.items_for("deputy")}
    assert [section.id for section in SMALL.sections_for("deputy")] == ["first", "second"]
    with pytest.raises(KeyError):
        SMALL.items_for("teacher")
