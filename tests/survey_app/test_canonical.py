import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.canonical import canonical, digest

numbers = st.decimals(allow_nan=False, allow_infinity=False)
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(documents)
def test_reading_back_gives_the_same_document(document):
    text = canonical(document)
    assert canonical(json.loads(text, parse_float=Decimal)) == canonical(
        json.loads(text, parse_float=Decimal)
    )
    assert json.loads(canonical(json.loads(text, parse_float=Decimal))) == json.loads(text)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), st.integers(), max_size=6))
def test_the_order_of_keys_does_not_matter(document):
    turned = dict(reversed(list(document.items())))
    assert digest(canonical(document)) == digest(canonical(turned))


def test_decimals_keep_their_digits():
    assert canonical({"area": Decimal("5.80")}) == '{"area":5.80}'
