import tomllib
from datetime import date

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from survey_app.surveys.questionnaire_loader import FOLDER
from survey_app.surveys.toml_lines import lines_of

KEYS = st.text(alphabet="ab_-0.=#\"'[]{} 中\t", min_size=1, max_size=5)
SCALARS = st.one_of(
    st.text(alphabet="ab\"'\\#=[]{},\n 中", max_size=12),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False),
    st.just(date(2026, 5, 4)),
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=12,
    ),
    max_size=4,
)


def paths(value, path=()):
    """Every key and list position of a parsed document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from paths(each, (*path, key))


@given(DOCUMENTS)
def test_every_key_of_any_document_has_a_line(document):
    text = tomlkit.dumps(document)
    assert set(lines_of(text)) >= set(paths(tomllib.loads(text)))


@pytest.mark.parametrize("form", ["public", "staff", "student"])
def test_the_line_of_a_key_holds_it(form):
    text = (FOLDER / f"{form}.toml").read_text("utf-8")
    found = lines_of(text)
    written = text.splitlines()
    assert set(found) == set(paths(tomllib.loads(text)))
    for path, line in found.items():
        key = next(part for part in reversed(path) if isinstance(part, str))
        assert key in written[line - 1] or isinstance(path[-1], int)


def test_lines_are_found_through_strings_comments_and_dotted_keys():
    text = '\n'.join(
        (
            "# [no]",
            'a.b = """one # two',
            'three""" # c = 4',
            "'x.y' = [",
            "  { k = '#', l = \"]\" }, # , {",
            "  2,",
            "]",
            "[[s]]",
            "n = 1",
            "[[s.t]]",
            "m = 2",
            "[s.t.u]",
            "v = 1979-05-27 07:32:00",
            "[[s]]",
            "[[s.t]]",
            "m = '''",
            "q = 1'''",
            "w = 3",
        )
    )  # fmt: skip
    found = lines_of(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    assert found["a", "b"] == 2
    assert found["x.y", 0, "l"] == 5
    assert found["x.y", 1] == 6
    assert found["s", 0, "t", 0, "u", "v"] == 13
    assert found["s", 1, "t", 0, "w"] == 18
