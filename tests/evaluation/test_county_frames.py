"""County files from a province's table of schools."""

import pandas as pd
import pytest

from benchmarks.synthetic import counties
from evaluation import CountyFileError, counties_from_frame, evaluate_many, load_scheme, read_county

SCHEME = load_scheme("shanxi-2022")
DOCUMENTS = list(counties(4, size=0.2, gaps=0.01, seed=7))
HEADS = [{key: value for key, value in each.items() if key != "schools"} for each in DOCUMENTS]


def flat(node, prefix=""):
    """Path → value of everything in a school's document; an attestation is its truth value."""
    for key, value in node.items():
        if isinstance(value, dict) and set(value) == {"met"}:
            yield f"{prefix}{key}", value["met"]
        elif isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def frame(documents):
    return pd.DataFrame(
        [
            {"county": document["county"]["code"], **dict(flat(school))}
            for document in documents
            for school in document["schools"]
        ]
    )


def test_a_frame_gives_the_same_rows_as_the_files():
    documents = [dict(each, schools=[dict(row) for row in each["schools"]]) for each in DOCUMENTS]
    documents[0]["schools"][0]["attestations"] = {"charters": {"met": False}}
    documents[1]["schools"][0]["vetoes"] = {"falsification": True}
    expected = evaluate_many(map(read_county, documents), SCHEME)
    found = evaluate_many(counties_from_frame(frame(documents), HEADS), SCHEME)
    assert found.rows == expected.rows


def test_a_csv_file_gives_them_too(tmp_path):
    """Lists are numbers in one cell; codes are read as text; whole numbers come back as floats."""
    table = frame(DOCUMENTS)
    for column in ("class_sizes.primary", "class_sizes.junior", "music_rooms", "art_rooms"):
        table[column] = [
            ";".join(map(str, each)) if isinstance(each, list) else None for each in table[column]
        ]
    table.to_csv(tmp_path / "schools.csv", index=False)
    read = pd.read_csv(tmp_path / "schools.csv", dtype={"county": str, "code": str})
    expected = evaluate_many(map(read_county, DOCUMENTS), SCHEME)
    assert evaluate_many(counties_from_frame(read, HEADS), SCHEME).rows == expected.rows


def test_the_order_of_rows_never_matters():
    mixed = frame(DOCUMENTS).sample(frac=1, random_state=1)
    one, other = (
        evaluate_many(counties_from_frame(each, HEADS), SCHEME).rows for each in (frame(DOCUMENTS), mixed)
    )
    assert [(row.outcome, row.reasons) for row in one] == [(row.outcome, row.reasons) for row in other]


def test_faults_name_county_school_and_column():
    table = frame(DOCUMENTS)
    first, second = HEADS[0]["county"]["code"], HEADS[1]["county"]["code"]
    table["teaching_aera"] = None
    table["code"] = table["code"].astype(object)
    table["teaching_area"] = table["teaching_area"].astype(object)
    table.loc[table.index[1], "teaching_area"] = -3.5
    table.loc[table.index[2], "teaching_area"] = "much"
    place = table.index[table["county"] == second][0]
    table.loc[place, "teaching_aera"] = 30
    table.loc[table.index[-1], "county"] = None
    table.at[place, "music_rooms"] = "96;wide"
    with pytest.raises(CountyFileError) as refused:
        evaluate_many(counties_from_frame(table, HEADS), SCHEME)
    assert {(fault.where, fault.rule) for fault in refused.value.faults} == {
        (f"{first}: schools[1].teaching_area", "minimum"),
        (f"{first}: schools[2].teaching_area", "type"),
        (f"{second}: schools[0].teaching_aera", "unknown_key"),
        (f"{second}: schools[0].music_rooms[1]", "type"),
        ("nan: county", "required"),
    }


def test_a_county_of_the_frame_that_has_no_document_is_a_fault():
    with pytest.raises(CountyFileError) as refused:
        list(counties_from_frame(frame(DOCUMENTS), HEADS[1:]))
    code = HEADS[0]["county"]["code"]
    assert [(fault.where, fault.rule) for fault in refused.value.faults] == [(f"{code}: county", "required")]


def test_a_frame_without_county_codes_is_refused():
    with pytest.raises(CountyFileError) as refused:
        list(counties_from_frame(frame(DOCUMENTS).drop(columns="county"), HEADS))
    assert [(fault.where, fault.rule) for fault in refused.value.faults] == [("county", "required")]
