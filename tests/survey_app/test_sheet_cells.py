"""No text becomes a formula, whatever stands before its beginning."""

import pytest

from survey_app.sheet_cells import harmless


@pytest.mark.parametrize("before", ["", " ", "\0", "\n", "\ufeff", "\u202e", "\u200b", "\xa0\u3000"])
@pytest.mark.parametrize("beginning", list("=+-@＝＋－＠"))
def test_what_nobody_sees_hides_no_formula(before, beginning):
    assert harmless(f"{before}{beginning}1+1").startswith("'")


@pytest.mark.parametrize("text", ["", " ", "阳城县", " 阳城县", "1-1", "\u202e阳城县=", "\ufeff"])
def test_other_texts_stay_as_they_are(text):
    assert harmless(text) == text
