from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey_app.results.merging import APART, MINIMUM, SUMMED, Source, merge

ALIKE = {"teacher": 1, "principal": 1, "deputy": 2, "cppcc_member": 2, "public": 2, "parent": 3, "student": 4}


def kept(counts, **options):
    sources = {Source(group=group): n for group, n in counts.items()}
    merged = merge(sources, alike=ALIKE, **options)
    return {source.group: kept_as for source, kept_as in merged.kept_as.items()}


def test_ten_stand_alone():
    assert kept({"teacher": 10, "principal": 10, "student": 10}) == {
        "teacher": "teacher", "principal": "principal", "student": "student",
    }  # fmt: skip


def test_a_few_join_the_smallest_that_was_asked_the_same():
    assert kept({"deputy": 9, "cppcc_member": 12, "public": 45, "parent": 270}) == {
        "deputy": "deputy+1", "cppcc_member": "deputy+1", "public": "public", "parent": "parent",
    }  # fmt: skip


def test_schools_are_not_joined_with_persons():
    merged = kept({"parent": 8, "public": 45}, clustered={"parent"})
    assert merged == {"parent": SUMMED, "public": SUMMED}


def test_what_has_no_company_takes_the_smallest_set_into_its_sum():
    assert kept({"student": 6, "teacher": 45, "principal": 12, "parent": 270}) == {
        "student": SUMMED, "principal": SUMMED, "teacher": "teacher", "parent": "parent",
    }  # fmt: skip


SOURCES = st.dictionaries(
    st.builds(Source, group=st.sampled_from(sorted(ALIKE)), apart=st.sampled_from(["", *APART])),
    st.integers(0, 40),
    max_size=10,
)


@given(SOURCES, st.booleans(), st.sets(st.sampled_from(["parent", "student"])))
def test_nobody_is_kept_among_fewer_than_ten_and_no_difference_shows_fewer(counts, with_posters, clustered):
    merged = merge(counts, alike=ALIKE, with_posters=with_posters, clustered=clustered)
    official = {
        source
        for source, n in counts.items()
        if n and source.apart != "~surplus" and (with_posters or source.apart != "~poster")
    }
    assert set(merged.kept_as) == {source for source, n in counts.items() if n}
    sizes = Counter()
    for source in official:
        sizes[merged.kept_as[source], source.apart if merged.kept_as[source] == source.group else ""] += (
            counts[source]
        )
    total = sum(counts[source] for source in official)
    assert all(n >= MINIMUM for (kept_as, _), n in sizes.items() if kept_as != SUMMED)
    assert sizes[SUMMED, ""] == 0 or sizes[SUMMED, ""] >= min(MINIMUM, total)
    for source in set(merged.kept_as) - official:
        assert (source in merged.counted_only) == (counts[source] < MINIMUM)
