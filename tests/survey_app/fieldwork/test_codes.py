import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.fieldwork import codes

KEY = bytes(range(32))
PLACE = {"wave_id": 3, "batch_id": 7, "serial": 12, "generation": 1}

bodies = st.text(alphabet=codes.ALPHABET, min_size=11, max_size=11)


def test_the_weights_are_different_elements_of_the_field():
    power, powers = 1, []
    for _ in codes._WEIGHTS:
        power = codes._times(power, 2)
        powers.append(power)
    assert tuple(powers) == codes._WEIGHTS
    assert len(set(codes._WEIGHTS)) == codes.TYPED_LENGTH
    assert 0 not in codes._WEIGHTS


def test_multiplication_makes_a_field_of_32_elements():
    for left in range(1, 32):
        assert {codes._times(left, right) for right in range(32)} == set(range(32))
        assert codes._times(left, codes._inverse(left)) == 1


def holds(typed: str) -> bool:
    return codes.check_character(typed[:-1]) == typed[-1]


@pytest.mark.parametrize("body", ["00000000000", "7F3KQ29ZTAB", "ZYXWVTSRQPN"])
def test_every_single_error_in_a_code_is_noticed(body):
    typed = body + codes.check_character(body)
    for place in range(12):
        for letter in codes.ALPHABET:
            assert holds(typed[:place] + letter + typed[place + 1 :]) == (letter == typed[place])


def test_every_swap_of_neighbours_is_noticed_whatever_the_two_letters_are():
    for place in range(11):
        for left in codes.ALPHABET:
            for right in codes.ALPHABET:
                row = ["0"] * 12
                row[place], row[place + 1] = left, right
                free = 11 if place < 9 else 0
                typed = "".join(row)
                typed = next(
                    made
                    for letter in codes.ALPHABET
                    if holds(made := typed[:free] + letter + typed[free + 1 :])
                )
                swapped = list(typed)
                swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
                assert holds("".join(swapped)) == (left == right)


@settings(max_examples=60, deadline=None)
@given(bodies)
def test_a_code_is_read_back_however_it_is_typed(body):
    typed = body + codes.check_character(body)
    assert codes.read_typed(typed) == typed
    assert codes.read_typed(f" {typed[:4].lower()}-{typed[4:8]} {typed[8:].lower()}\n") == typed
    assert codes.read_typed(typed.replace("0", "O").replace("1", "l").replace("V", "u")) == typed
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in typed)
    assert codes.read_typed(full_width) == typed


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("", "code_empty", {}),
        (" - ", "code_empty", {}),
        ("7F3K Q29Z TAB", "code_length", {"found": 11, "needed": 12}),
        ("7F3K Q29Z TABR 2", "code_length", {"found": 13, "needed": 12}),
        ("7F3K*Q29Z校TABR", "code_letters", {"letters": "*校"}),
        ("7F3K Q29Z TABS", "code_check", {}),
        ("F73K Q29Z TABR", "code_check", {}),
    ],
)
def test_a_mistyped_code_is_refused_with_the_reason(text, code, facts):
    with pytest.raises(codes.MistypedCodeError) as refused:
        codes.read_typed(text)
    assert (refused.value.code, refused.value.facts) == (code, facts)


def test_the_same_place_gives_the_same_code_and_any_other_place_another():
    first = codes.derive(KEY, **PLACE)
    assert codes.derive(KEY, **PLACE) == first
    others = [codes.derive(KEY, **{**PLACE, name: value + 1}) for name, value in PLACE.items()]
    others.append(codes.derive(bytes(32), **PLACE))
    others.append(codes.derive(KEY, wave_id=37, batch_id=1, serial=2, generation=1))
    others.append(codes.derive(KEY, wave_id=3, batch_id=71, serial=2, generation=1))
    assert len({code.token for code in [first, *others]}) == 8
    assert len({code.typed for code in [first, *others]}) == 8


def test_a_token_is_read_back_from_its_address_and_nothing_else_is():
    code = codes.derive(KEY, **PLACE)
    assert len(code.token) == 16
    assert codes.read_token(code.in_address) == code.token
    assert codes.read_token(code.typed) is None
    assert codes.read_token(code.in_address[:-1]) is None
    assert codes.read_token("校" * 22) is None
    changed = code.in_address[:-1] + ("B" if code.in_address[-1] != "B" else "C")
    assert codes.read_token(changed) is None


def test_stored_hashes_tell_neither_the_code_nor_each_other():
    code = codes.derive(KEY, **PLACE)
    stored = {codes.token_hash(KEY, code.token), codes.typed_hash(KEY, code.typed)}
    assert len(stored) == 2
    assert all(len(each) == 32 and code.token not in each for each in stored)
    assert codes.token_hash(bytes(32), code.token) not in stored
