"""Valid county files for Hypothesis: every part present, empty or absent, texts and numbers of any kind."""

from hypothesis import strategies as st

TEXT = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "甲",
            " 前后有空格 ",
            '"引号"',
            "=1+1",
            "@SUM(A1)",
            "+86",
            "-",
            "\t制表",
            "换\n行",
            "\r\n",
            "_x0041_",
            "零\u200b宽",
            "\ufeff",
            "\x00",
            "\x1f",
            "0012",
            "1E5",
            "是",
            "无",
            "小学",
            "２０２１",
            "😀",
            "TRUE",
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
COUNT = st.one_of(st.integers(0, 3000), st.sampled_from([0, 10**15, 265.0]))
AMOUNT = st.one_of(
    COUNT,
    st.sampled_from([96.0, 0.1 + 0.2, 1e-7, 5e-324, 0.0, 1e15, 123456789.123456]),
    st.floats(0, 1e9, allow_nan=False).filter(lambda number: number >= 0),
)
SHARE = st.one_of(st.sampled_from([0, 1, 0.0, 1.0, 0.056]), st.floats(0, 1))
YEAR = st.integers(1950, 2100)
FLAG = st.booleans()


def part(required=None, **optional):
    """An object with these keys, the optional ones present or absent."""
    return st.fixed_dictionaries(required or {}, optional=optional)


def few(member, largest=3):
    return st.lists(member, max_size=largest)


BY_STAGE = part(kindergarten=COUNT, primary=COUNT, junior=COUNT, senior=COUNT)
BY_STAGE_AMOUNT = part(primary=AMOUNT, junior=AMOUNT)
STAFF = part(
    total=COUNT,
    above_qualification=COUNT,
    backbone=COUNT,
    pe_arts=COUNT,
    pe_arts_visiting=COUNT,
    certified=COUNT,
    trained=COUNT,
    employees=COUNT,
    posts=COUNT,
    temporary=COUNT,
    pe_arts_specialist=COUNT,
)
TALLY = part(distributed=COUNT, valid=COUNT, satisfied=COUNT)
ATTESTATIONS = st.dictionaries(
    st.one_of(TEXT, st.sampled_from(["layout", "charters", "无过重课业负担（Q8）", "a.b"])),
    part({"met": FLAG}, note=TEXT),
    max_size=3,
)
VETOES = st.dictionaries(st.one_of(TEXT, st.sampled_from(["falsification", "弄虚作假"])), FLAG, max_size=3)


def school(code):
    # The special kind may have pupils in every stage, so that any combination is valid.
    return part(
        {
            "code": st.just(code),
            "name": TEXT,
            "kind": st.just("special"),
            "locality": st.sampled_from(["urban", "town", "rural"]),
            "ownership": st.sampled_from(["public", "private"]),
            "boarding": FLAG,
            "pupils": BY_STAGE,
        },
        counted=st.just(True),
        merge_into=TEXT,
        campus_of=TEXT,
        migrant_share=SHARE,
        dense_centre=FLAG,
        class_sizes=part(primary=few(COUNT), junior=few(COUNT)),
        teachers=part(primary=STAFF, junior=STAFF),
        teaching_area=AMOUNT,
        indoor_sports_area=AMOUNT,
        sports_ground_area=AMOUNT,
        extra_sports_area=AMOUNT,
        equipment_value=AMOUNT,
        multimedia_rooms=COUNT,
        music_rooms=few(AMOUNT),
        art_rooms=few(AMOUNT),
        nearby_pupils=BY_STAGE,
        funded_pupils=COUNT,
        public_funds=AMOUNT,
        training_funds=AMOUNT,
        built_year=YEAR,
        organiser=st.integers(1, 10),
        grades=COUNT,
        attestations=ATTESTATIONS,
        vetoes=VETOES,
        township=TEXT,
        grade_pupils=st.dictionaries(st.sampled_from("123456789"), COUNT, max_size=4),
    )


SCHOOLS = st.lists(TEXT, unique=True, max_size=3).flatmap(
    lambda codes: st.tuples(*(school(code) for code in codes)).map(list)
)
FIGURES = part(
    special_education=part(funds=AMOUNT, pupils=COUNT),
    pay=part(teacher_mean=AMOUNT, civil_servant_mean=AMOUNT),
    rotation=part(eligible=COUNT, due=COUNT, rotated=COUNT, rotated_backbone=COUNT),
    senior_places=part(places=COUNT, allotted=COUNT, allotted_rural=COUNT),
    migrant_children=part(eligible=COUNT, in_public=COUNT, in_purchased_private=COUNT),
    retention=part(
        graduates=COUNT, entrants=COUNT, transferred_in=COUNT, transferred_out=COUNT, deaths=COUNT
    ),
    disabled_children=part(children=COUNT, enrolled=COUNT),
    labour=part(practice_hours=AMOUNT, comprehensive_hours=AMOUNT, bases=COUNT, teachers=COUNT),
    funds_per_pupil=BY_STAGE_AMOUNT,
    pupils_per_post=BY_STAGE_AMOUNT,
    education_spending=few(part(year=YEAR, total=AMOUNT, per_pupil=AMOUNT)),
    monitoring=few(
        part(
            {"subject": TEXT, "level": st.integers(1, 4), "difference": AMOUNT},
            stage=st.sampled_from(["primary", "junior"]),
            source=st.sampled_from(["national", "provincial"]),
            year=YEAR,
        )
    ),
)
ELIGIBILITY = part(
    application_year=YEAR,
    basic_balance_year=YEAR,
    basic_indicators_missed=COUNT,
    composite_difference=few(part({"year": YEAR}, primary=AMOUNT, junior=AMOUNT)),
    incident=FLAG,
    outcry=FLAG,
)
GROUPS = ("parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public")
RECOGNITION = part(
    questionnaires=TALLY,
    groups=part(**dict.fromkeys(GROUPS, TALLY)),
    visits=TALLY,
    visited_parents=TALLY,
    topics=st.dictionaries(TEXT, SHARE, max_size=3),
)
STATED = part(
    {"indicator": TEXT},
    stage=st.sampled_from(["primary", "junior", "county"]),
    value=st.one_of(AMOUNT, st.integers(-5, 5), st.floats(-1e6, 1e6)),
    met=FLAG,
    source=TEXT,
)
COUNTY_FILES = part(
    {
        "format": st.just("county/1"),
        "county": part(
            {"code": st.from_regex(r"[0-9]{6}", fullmatch=True), "name": TEXT},
            resident_population=st.integers(1, 10**7),
            townships=COUNT,
            villages=COUNT,
            rural_population=COUNT,
            gdp_per_head=AMOUNT,
            revenue_per_head=AMOUNT,
            rural_income=AMOUNT,
            urban_income=AMOUNT,
        ),
        "year": YEAR,
        "schools": SCHOOLS,
    },
    figures=FIGURES,
    attestations=ATTESTATIONS,
    eligibility=ELIGIBILITY,
    vetoes=VETOES,
    scores=st.dictionaries(st.one_of(TEXT, st.sampled_from(["27.2", "8.10"])), AMOUNT, max_size=3),
    recognition=RECOGNITION,
    totals=st.dictionaries(st.one_of(TEXT, st.sampled_from(["pupils"])), BY_STAGE_AMOUNT, max_size=3),
    stated=few(STATED),
)
