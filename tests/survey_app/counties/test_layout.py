"""The layout has a place for every part of the county file, and a sentence for every fault."""

import json
import re
from pathlib import Path

from evaluation import reading
from survey_app.counties.workbook import guide, layout, words
from survey_app.counties.workbook.shape import Block
from survey_app.messages import MESSAGES

GOLDEN = Path(__file__).parents[2] / "golden" / "county"
SCHEMA = json.loads((GOLDEN / "county.schema.json").read_text(encoding="utf-8"))
PACKAGE = Path(layout.__file__).parent


def leaves(schema, path=()):
    """Every path of the schema that holds a value; ``*`` stands for a free key or a list's member."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "object":
        for key, member in schema.get("properties", {}).items():
            yield from leaves(member, (*path, key))
        if isinstance(schema.get("additionalProperties"), dict):
            yield from leaves(schema["additionalProperties"], (*path, "*"))
    elif schema.get("type") == "array":
        yield from leaves(schema["items"], (*path, "*"))
    else:
        yield ".".join(path)


def places(block):
    """Every path that a block or form fills."""
    if not isinstance(block, Block):
        yield from (item.key for item in block.items)
        return
    targets = [()]
    for step in block.target:
        if step in ("@stage", "@room", "@who"):
            choices = next(column.choices for column in block.columns if column.key == step).values()
            targets = [(*target, choice) for target in targets for choice in choices]
        else:
            step = "*" if step.startswith("@") or step == "[]" else step
            targets = [(*target, step) for target in targets]
    for target in targets:
        for column in block.columns:
            if not column.key.startswith("@"):
                yield ".".join([*target, *([column.key] if column.key else [])])


def test_every_part_of_the_county_file_has_its_place():
    filled = {place for sheet in layout.SHEETS for block in sheet.blocks for place in places(block)}
    assert filled == set(leaves(SCHEMA))


def test_sheets_are_named_as_the_guide_promises():
    assert [guide.NAME, *(sheet.name for sheet in layout.SHEETS)] == [
        "说明",
        "县",
        "学校",
        "班级",
        "年级人数",
        "教师",
        "音美教室",
        "县级指标",
        "申报条件",
        "佐证与否决",
        "评分",
        "认可度",
        "公布数据",
    ]


def test_blocks_of_a_sheet_stand_side_by_side():
    for sheet in layout.SHEETS:
        end = -1
        for block in sheet.blocks:
            assert block.start > end
            end = block.note_column


def test_choices_are_the_schema_s_in_chinese():
    school = SCHEMA["$defs"]["school"]["properties"]
    assert set(words.KINDS.values()) == set(school["kind"]["enum"])
    assert set(words.LOCALITIES.values()) == set(school["locality"]["enum"])
    assert set(words.OWNERSHIPS.values()) == set(school["ownership"]["enum"])
    for vocabulary in (words.KINDS, words.ATTESTATIONS, words.VETOES, words.TOTALS, words.TALLIES):
        assert len(set(vocabulary.values())) == len(vocabulary)


def test_every_rule_of_the_workbook_has_a_sentence():
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    rules = set(re.findall(r'(?:BadCellError|RefusedArchiveError)\(\s*"(\w+)"', code))
    rules |= set(re.findall(r'rule="(\w+)"', code)) | set(re.findall(r'_refusal\("(\w+)"', code))
    rules |= set(re.findall(r'_fault\((?:[^()]|\([^()]*\))*?, "(\w+)"[,)]', code)) | set(
        re.findall(r'"((?:header|duplicate)_\w+)"', code)
    )
    assert len(rules) > 40
    assert {f"workbook_{rule}" for rule in rules} <= set(MESSAGES)


def test_every_rule_of_a_county_file_has_a_sentence():
    code = Path(reading.__file__).read_text(encoding="utf-8")
    rules = set(re.findall(r'rule="(\w+)"', code)) | {rule for rule, _ in reading.RULES.values()} | {"type"}
    rules |= set(re.findall(r'return "(\w+)"', code)) | {"merge_unknown"}
    assert {f"county_{rule}" for rule in rules} <= set(MESSAGES)
