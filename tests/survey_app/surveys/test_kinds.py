"""Every kind of item: what may be answered, how it is stored, in which order it is put, what it rates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.surveys.answers import as_texts, check_answers
from survey_app.surveys.faults import QuestionnaireError
from survey_app.surveys.ordering import shuffled
from survey_app.surveys.questionnaire import Condition
from survey_app.surveys.questionnaire_loader import from_content, load_form, parse_questionnaire
from survey_app.surveys.rules import rate_items

from .forms import EVERY_KIND, KINDS_TEXT, SMALL

GOOD = {
    "activities": "sport music",
    "minutes": "12.5",
    "rooms.library": "4",
    "rooms.computers": "dk",
    "rooms.closed": "2",
    "fair": "1",
    "overall": "5",
}


def check(raw, **more):
    return check_answers(EVERY_KIND, "student", raw, **more)


def test_every_kind_is_stored_as_one_text_a_key():
    sent = GOOD | {"activities": ["music", "sport"], "minutes": " １２．５０ "}
    checked = check(sent)
    assert checked.problems == ()
    assert dict(checked.answers) == GOOD


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"activities": ["sport", "chess"]}, ("activities", "unknown_option")),
        ({"activities": "sport chess"}, ("activities", "unknown_option")),
        ({"activities": ["sport", 3]}, ("activities", "unknown_option")),
        ({"activities": ["sport", "music", "art"]}, ("activities", "too_many_choices")),
        ({"activities": ["sport", "none"]}, ("activities", "exclusive_choice")),
        ({"activities": []}, ("activities", "missing")),
        ({"minutes": "soon"}, ("minutes", "not_a_number")),
        ({"minutes": "1e2"}, ("minutes", "not_a_number")),
        ({"minutes": "1,000"}, ("minutes", "not_a_number")),
        ({"minutes": "9" * 1_000_000}, ("minutes", "not_a_number")),
        ({"minutes": "\ud800"}, ("minutes", "not_a_number")),
        ({"minutes": ["1", "2"]}, ("minutes", "two_values")),
        ({"minutes": "12.55"}, ("minutes", "too_many_decimals")),
        ({"minutes": "-0.1"}, ("minutes", "number_low")),
        ({"minutes": "180.1"}, ("minutes", "number_high")),
        ({"rooms.library": "6"}, ("rooms.library", "unknown_option")),
        ({"rooms.library": ["4", "5"]}, ("rooms.library", "two_values")),
        ({"rooms.library": ""}, ("rooms.library", "missing")),
        ({"rooms": "4"}, ("rooms", "unknown_item")),
        ({"rooms.cellar": "4"}, ("rooms.cellar", "unknown_item")),
    ],
)
def test_a_bad_answer_is_named_under_its_key_and_nothing_of_it_is_kept(changed, expected):
    checked = check(GOOD | changed)
    assert [(problem.item, problem.code) for problem in checked.problems] == [expected]
    assert not set(changed) & set(checked.answers)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("007", "7"),
        ("+5.0", "5"),
        ("-0", "0"),
        (".5", "0.5"),
        ("30.", "30"),
        ("１８０", "180"),
        ("0.10", "0.1"),
    ],
)
def test_a_number_is_kept_without_needless_digits(written, kept):
    assert check({"minutes": written}).answers["minutes"] == kept


def test_whole_numbers_are_asked_for_where_no_decimals_are_allowed():
    whole = parse_questionnaire(KINDS_TEXT.replace("decimals = 1\n", "").replace("60.5", "60"))
    assert check_answers(whole, "student", {"minutes": "1.5"}).problem("minutes").code == "not_whole"
    assert check_answers(whole, "student", {"minutes": "1.0"}).answers["minutes"] == "1"


def test_a_short_text_is_one_line():
    checked = check(GOOD | {"activities": "none", "why_not": " no\r\ntime "})
    assert checked.answers["why_not"] == "no time"


def test_whoever_leaves_a_soft_item_out_is_asked_once_and_let_go():
    raw = {"activities": "none", "minutes": "3", "overall": "4"}
    assert check(raw).left_out == ("why_not",)
    assert check(raw).complete
    assert check(raw | {"why_not": "time"}).left_out == ()
    assert check(GOOD).left_out == ()
    assert check_answers(SMALL, "parent", {}).left_out == ()


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"minutes": "30"}, {"far": True}),
        ({"minutes": "29.9"}, {"far": False}),
        ({}, {"far": False, "rooms": False}),
        ({"activities": "sport"}, {"rooms": True, "why_not": False}),
        ({"activities": "none", "minutes": "60.5"}, {"rooms": False, "why_not": True}),
        ({"activities": "none", "minutes": "61"}, {"why_not": False}),
        ({"activities": "sport", "rooms.library": "1"}, {"low_rooms": True}),
        ({"activities": "none", "rooms.library": "1"}, {"low_rooms": False}),
        ({"activities": "sport", "rooms.library": "3"}, {"low_rooms": False}),
    ],
)
def test_conditions_decide_what_is_asked(answers, asked):
    found = {item.id for item in EVERY_KIND.asked("student", answers)}
    assert {item: item in found for item in asked} == asked


def test_a_condition_holds_for_what_can_be_compared_only():
    between = Condition(item="q", at_least=2, at_most=4)
    assert [
        value for value in ("1", "2", "4", "5", "dk", "", "nan", "1e1") if between.holds({"q": value})
    ] == [
        "2",
        "4",
    ]
    both = Condition(item="q", codes=("a", "b"), not_codes=("c",))
    assert [value for value in ("a", "b c", "a b", "c", "d") if both.holds({"q": value})] == ["a", "a b"]


def test_the_codes_that_meet_a_condition_are_listed_where_codes_can_say_it():
    assert set(EVERY_KIND.deciding_codes(EVERY_KIND.item("low_rooms").when[0])) == {"1", "2"}
    assert EVERY_KIND.deciding_codes(Condition(item="overall", at_least=4)) == ("5", "4")
    assert EVERY_KIND.deciding_codes(EVERY_KIND.item("far").when[0]) is None
    assert EVERY_KIND.deciding_codes(EVERY_KIND.item("fair").when[0]) is None


def test_rows_of_a_matrix_are_rated_one_by_one():
    ratings = rate_items(EVERY_KIND, "student", GOOD)
    assert {item.id: level for item, level in ratings.by_item} == {
        "rooms.library": 4,
        "rooms.computers": None,
        "rooms.closed": 4,
        "fair": 5,
        "overall": 5,
    }
    assert ratings.missing == ()
    assert [item.topic for item, _ in ratings.by_item][:3] == ["sharing", "quality", "sharing"]
    assert EVERY_KIND.part("rooms.closed").indicators == ("R4", "G3")
    without = {key: value for key, value in GOOD.items() if key != "rooms.closed"}
    assert rate_items(EVERY_KIND, "student", without).missing == ("rooms.closed",)


def test_what_was_sent_is_carried_as_texts():
    sent = {
        "activities": ["art", "sport"],
        "minutes": ["1", "2"],
        "overall": ["4"],
        "foreign": "x",
        "fair": "9",
    }
    assert as_texts(EVERY_KIND, "student", sent) == {"activities": "art sport", "overall": "4", "fair": "9"}


def test_names_of_county_and_school_are_filled_in_or_spoken_of_in_general():
    wording = EVERY_KIND.item("activities").wording("student")
    assert wording.in_language("zh_CN", school="实验小学") == "在实验小学你参加什么？"
    assert wording.in_language("en", school="") == "What do you take part in at your school?"


def test_the_canonical_form_of_every_kind_survives_the_round_trip():
    assert from_content(EVERY_KIND.content) == EVERY_KIND


JUNK = st.one_of(
    st.text(max_size=8),
    st.lists(st.sampled_from(["sport", "none", "dk", "4", "x", " ", ""]), max_size=4),
    st.integers(),
    st.none(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    st.sampled_from(["sport", "sport art", "4", "dk", "12", "none", "a\nb"]),
)


@given(
    raw=st.dictionaries(st.sampled_from([*EVERY_KIND.keys_for("student"), "rooms", "zzz"]), JUNK, max_size=14)
)
def test_what_the_check_lets_through_it_lets_through_again_unchanged(raw):
    kept = dict(check(raw).answers)
    again = check(kept)
    assert dict(again.answers) == kept
    assert {problem.code for problem in again.problems} <= {"missing"}
    assert again.dropped == ()


@given(
    things=st.lists(st.text(max_size=3), unique=True, max_size=12), seed=st.text(max_size=8), data=st.data()
)
def test_a_random_order_is_a_permutation_that_depends_on_the_seed_only_and_moves_no_anchor(
    things, seed, data
):
    anchors = set(data.draw(st.lists(st.sampled_from(things), unique=True))) if things else set()
    order = shuffled(things, seed, name=str, stays=lambda each: each in anchors)
    assert sorted(order) == sorted(things)
    assert all(order[place] == thing for place, thing in enumerate(things) if thing in anchors)
    assert order == shuffled(things, seed, name=str, stays=lambda each: each in anchors)
    moving = [each for each in order if each not in anchors]
    other = [each for each in reversed(things) if each not in anchors]
    assert moving == list(shuffled(other, seed, name=str, stays=lambda _each: False))


def test_people_get_different_orders_and_the_last_options_stay_last():
    item = EVERY_KIND.item("activities")
    orders = {tuple(option.code for option in item.options_for(str(seed))) for seed in range(200)}
    assert len({order[:3] for order in orders}) == 6
    assert {order[3:] for order in orders} == {("other", "none")}
    rating = EVERY_KIND.sections[1]
    assert len({rating.items_for("student", str(seed)) for seed in range(100)}) == 6
    assert rating.items_for("student") == rating.items
    assert all(EVERY_KIND.item("when_open").rows_for(str(seed))[1].anchored for seed in range(9))
    assert EVERY_KIND.item("overall").options_for("7") == EVERY_KIND.item("overall").options
    assert EVERY_KIND.is_shuffled
    assert not SMALL.is_shuffled


#: What is changed in the form -> key and rule of the one fault, and the line it is found on.
BROKEN = {
    "range is empty": ("min = 0", "min = 200", "min", "empty_range", "min = 200"),
    "bound finer than the decimals": (
        "max = 180",
        "max = 180.55",
        "max",
        "finer_than_decimals",
        "max = 180.55",
    ),
    "bound is a word": ("max = 180", 'max = "many"', "max", "not_decimal", 'max = "many"'),
    "matrix without rows": (
        'rows = [{ id = "library"',
        'rowz = [{ id = "library"',
        "rows",
        "missing_key",
        '[[sections.items]]\nid = "when_open"',
    ),
    "matrix with empty rows": (
        (
            'rows = [{ id = "library", zh = "图书室", en = "Library" }, '
            '{ id = "hall", zh = "体育馆", en = "Gym", anchored = true }]'
        ),
        "rows = []",
        "rows",
        "empty",
        "rows = []",
    ),
    "row twice": (
        '{ id = "hall"',
        '{ id = "library"',
        "id",
        "duplicate_id",
        'rows = [{ id = "library", zh = "图书室"',
    ),
    "row without English": (
        'zh = "体育馆", en = "Gym"',
        'zh = "体育馆"',
        "en",
        "missing_translation",
        "体育馆",
    ),
    "matrix with scale and options": (
        'required = false\ntext = { zh = "什么',
        'scale = "agree"\nrequired = false\ntopic = "quality"\ntext = { zh = "什么',
        "scale",
        "scale_or_options",
        'scale = "agree"\nrequired',
    ),
    "row reversed without a scale": (
        'en = "Gym", anchored = true',
        'en = "Gym", reversed = true',
        "reversed",
        "reversed_without_scale",
        "reversed = true }]",
    ),
    "option that stays last stands first": (
        'code = "sport", zh = "体育", en = "Sport"',
        'code = "sport", zh = "体育", en = "Sport", anchored = true',
        "options",
        "anchored_not_last",
        'options = [\n  { code = "sport"',
    ),
    "single option": (
        (
            'options = [{ code = "bus", zh = "坐车", en = "By bus" }, '
            '{ code = "foot", zh = "走路", en = "On foot" }]'
        ),
        'options = [{ code = "bus", zh = "坐车", en = "By bus" }]',
        "options",
        "too_few_options",
        'options = [{ code = "bus"',
    ),
    "more choices than options": ("most = 2", "most = 6", "most", "most_of_too_few", "most = 6"),
    "alone in a single item": (
        'en = "On foot"',
        'en = "On foot", alone = true',
        "alone",
        "alone_not_multiple",
        "On foot",
    ),
    "condition that asks nothing": (
        ", at_least = 30",
        "",
        "in",
        "condition_says_nothing",
        'when = { item = "minutes" }',
    ),
    "number compared with codes": (
        "at_least = 30",
        'in = ["30"]',
        "item",
        "condition_without_options",
        'in = ["30"]',
    ),
    "choices compared with a number": (
        'when = { item = "activities", not_in = ["none"] }',
        'when = { item = "activities", at_least = 2 }',
        "item",
        "condition_without_number",
        "at_least = 2",
    ),
    "condition beyond the range": ("at_least = 30", "at_least = 181", "item", "condition_never_holds", "181"),
    "condition on levels that do not exist": (
        'item = "rooms.library", in = ["1", "2"]',
        'item = "rooms.library", at_least = 6',
        "item",
        "condition_never_holds",
        "at_least = 6",
    ),
    "condition on the matrix instead of a row": (
        'item = "rooms.library", in',
        'item = "rooms", in',
        "item",
        "condition_not_earlier",
        'item = "rooms", in',
    ),
    "condition within a shuffled section": (
        'id = "fair"\n',
        'id = "fair"\nwhen = { item = "rooms.library", in = ["1"] }\n',
        "when",
        "condition_within_random",
        'when = { item = "rooms.library", in = ["1"] }',
    ),
    "too wordy for a phone": ("不公平。", "不" * 81, "text.zh", "too_wordy", "不" * 81),
    "unknown indicator": (
        'indicators = ["R7"]',
        'indicators = ["R8"]',
        "indicators",
        "unknown_indicator",
        "R8",
    ),
    "unknown number of an indicator": ('["R7"]', '["37.1"]', "indicators", "unknown_indicator", "37.1"),
    "unknown layout": ('"one_page"', '"scroll"', "layout", "unknown_value", "scroll"),
    "unknown order": (
        'item_order = "random"',
        'item_order = "mixed"',
        "item_order",
        "unknown_value",
        "mixed",
    ),
    "order of options for a text": (
        'kind = "text"',
        'kind = "text"\noption_order = "random"',
        "option_order",
        "key_not_for_kind",
        'kind = "text"\noption_order',
    ),
    "school in the title": (
        "{county}各种",
        "{school}各种",
        "title.zh",
        "unknown_placeholder",
        "{school}各种",
    ),
    "required in other words": (
        'required = "soft"',
        'required = "hard"',
        "required",
        "wrong_type",
        'required = "hard"',
    ),
    "two underscores in an id": ('id = "why_not"', 'id = "why__not"', "id", "bad_id", "why__not"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_found_on_its_line(name):
    old, new, key, rule, stands = BROKEN[name]
    assert KINDS_TEXT.count(old) >= 1
    text = KINDS_TEXT.replace(old, new, 1)
    with pytest.raises(QuestionnaireError) as refused:
        parse_questionnaire(text, file="broken.toml")
    found = {(fault.key, fault.rule): fault.line for fault in refused.value.faults}
    assert (key, rule) in found
    expected = text[: text.index(stands)].count("\n") + 1
    assert found[key, rule] in range(expected, expected + 1 + stands.count("\n"))


def test_a_school_can_be_named_to_those_who_have_one_only():
    public = (load_form("public").content).replace("孩子", "{school}")
    with pytest.raises(QuestionnaireError) as refused:
        from_content(public)
    assert {fault.rule for fault in refused.value.faults} == {"placeholder_without_school"}


def test_a_published_questionnaire_stays_readable_when_texts_must_be_shorter():
    assert from_content(EVERY_KIND.content.replace("不公平。", "不" * 300)).item("fair").text.zh == "不" * 300


@pytest.mark.parametrize("depth", [50, 200, 300, 330, 400, 480, 600, 5000])
@pytest.mark.parametrize("brackets", [("[", "]"), ("{a=", "}")])
def test_tables_within_tables_without_end_are_refused(depth, brackets):
    opening, closing = brackets
    with pytest.raises(QuestionnaireError):
        parse_questionnaire(f"a = {opening * depth}1{closing * depth}")


def test_a_syntax_fault_names_its_line():
    with pytest.raises(QuestionnaireError) as refused:
        parse_questionnaire("a = 1\nb = [\n", file="x.toml")
    (fault,) = refused.value.faults
    assert (fault.rule, fault.line) == ("not_readable", 2)
    assert "Invalid" not in fault.value + fault.message("zh") + fault.message("en")
    with pytest.raises(QuestionnaireError) as refused:
        parse_questionnaire("a = 1\n\nb = = 2\n")
    assert refused.value.faults[0].line == 3
    with pytest.raises(QuestionnaireError) as refused:
        parse_questionnaire("#" * 500_000)
    assert [fault.rule for fault in refused.value.faults] == ["file_too_large"]
