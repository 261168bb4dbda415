"""What can be wrong with a questionnaire or rule file, as values with a place and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from survey_app.surveys.bilingual import Text

SENTENCES = MappingProxyType(
    {
        "not_readable": Text(
            zh="文件读到这里就读不下去了。请检查引号、括号和等号，以及同一个名称是不是写了两次。",
            en="The file cannot be read past here. Check quotes, brackets and equals signs, and names "
            "written twice.",
        ),
        "not_text": Text(
            zh="这不是 UTF-8 文字文件。XLSForm 表格（.xlsx）请先用 junheng questionnaire import 转成"
            "问卷文件；文字文件请另存为 UTF-8。",
            en="This is no text in UTF-8. Turn an XLSForm workbook (.xlsx) into a questionnaire file first, "
            "with junheng questionnaire import; save a text file as UTF-8.",
        ),
        "unknown_key": Text(
            zh="不认识的键“{key}”，可用：{known}。", en="Unknown key {key!r}; known are {known}."
        ),
        "key_not_for_kind": Text(
            zh="“{value}”题不能有键“{key}”，可用：{known}。",
            en="A {value} item cannot have the key {key!r}; it can have {known}.",
        ),
        "missing_key": Text(zh="缺少键“{key}”。", en="The key {key!r} is missing."),
        "wrong_type": Text(
            zh="“{key}”应为{known}，实为 {value}。", en="{key!r} must be {known}, not {value}."
        ),
        "missing_translation": Text(zh="“{key}”没有文字。", en="{key!r} has no words."),
        "unknown_placeholder": Text(
            zh="“{key}”中的 {value} 不认识，可用：{known}。",
            en="{value} in {key!r} is unknown; known are {known}.",
        ),
        "bad_id": Text(
            zh="编号“{value}”只能用小写字母、数字和下划线，以字母开头，最长 40 个字符。",
            en="The id {value!r} may hold lower-case letters, digits and underscores only, at most 40, "
            "and begins with a letter.",
        ),
        "duplicate_id": Text(zh="编号“{value}”用了两次。", en="The id {value!r} is used twice."),
        "empty": Text(zh="“{key}”不能为空。", en="{key!r} must not be empty."),
        "unknown_topic": Text(
            zh="不认识的主题“{value}”，可用：{known}。", en="Unknown topic {value!r}; known are {known}."
        ),
        "unknown_kind": Text(
            zh="不认识的题型“{value}”，可用：{known}。", en="Unknown kind {value!r}; known are {known}."
        ),
        "unknown_form": Text(
            zh="不认识的问卷“{value}”，可用：{known}。", en="Unknown form {value!r}; known are {known}."
        ),
        "unknown_scale": Text(
            zh="没有名为“{value}”的量表，可用：{known}。",
            en="There is no scale {value!r}; there are {known}.",
        ),
        "unknown_group": Text(
            zh="本问卷没有对象类别“{value}”，可用：{known}。",
            en="This questionnaire has no group {value!r}; it has {known}.",
        ),
        "bad_indicator": Text(
            zh="指标代码“{value}”写法不对，应如 G13、Q8 或 30.8。",
            en="The indicator code {value!r} is malformed; write G13, Q8 or 30.8.",
        ),
        "unknown_indicator": Text(
            zh="没有编号为“{value}”的指标，有：{known}。",
            en="There is no indicator {value!r}; there are {known}.",
        ),
        "duplicate_value": Text(zh="“{key}”中“{value}”出现两次。", en="{value!r} stands twice in {key!r}."),
        "bad_code": Text(
            zh="选项代码“{value}”只能用小写字母、数字和下划线，最长 20 个字符。",
            en="The option code {value!r} may hold lower-case letters, digits and underscores only, "
            "at most 20.",
        ),
        "duplicate_option": Text(
            zh="选项代码“{value}”用了两次。", en="The option code {value!r} is used twice."
        ),
        "scale_codes": Text(
            zh="量表选项代码应恰为 {known}，实为 {value}。",
            en="A scale's option codes must be exactly {known}, not {value}.",
        ),
        "condition_not_earlier": Text(
            zh="条件所指的题“{value}”不在本题之前：没有这道题，或它排在后面。",
            en="The condition names {value!r}, which is not an item before this one.",
        ),
        "condition_without_options": Text(
            zh="条件所指的题“{value}”没有选项。", en="The condition names {value!r}, which has no options."
        ),
        "condition_unknown_option": Text(
            zh="条件所指的题没有选项“{value}”，可用：{known}。",
            en="The condition's item has no option {value!r}; it has {known}.",
        ),
        "condition_out_of_group": Text(
            zh="“{value}”不会被问到条件所指的题，因此也永远问不到本题。",
            en="The group {value!r} is never asked the condition's item, so it would never see this one.",
        ),
        "overall_count": Text(
            zh="每类对象应恰有一道无条件的总体评价题，“{key}”有 {value} 道。",
            en="Every group needs exactly one unconditional overall item; {key!r} has {value}.",
        ),
        "unknown_rule": Text(
            zh="“{key}”没有规则“{value}”，可用：{known}。",
            en="{key!r} has no rule {value!r}; it has {known}.",
        ),
        "out_of_range": Text(
            zh="“{key}”为 {value}，应在 {known} 之间。", en="{key!r} is {value}; it must lie in {known}."
        ),
        "unknown_value": Text(
            zh="“{key}”没有“{value}”这种写法，可用：{known}。",
            en="{key!r} cannot be {value!r}; it can be {known}.",
        ),
        "too_wordy": Text(
            zh="“{key}”有 {value} 个字符，手机上读起来太长，最多 {known} 个。",
            en="{key!r} has {value} characters, too many to read on a phone; at most {known}.",
        ),
        "placeholder_without_school": Text(
            zh="“{key}”用了 {value}，但本题也问不属于任何学校的对象：{known}。",
            en="{key!r} uses {value}, but the item is also put to groups without a school: {known}.",
        ),
        "too_few_options": Text(
            zh="“{key}”只有 {value} 个选项，至少要有 2 个。",
            en="{key!r} has {value} options; at least 2 are needed.",
        ),
        "anchored_not_last": Text(
            zh="选项“{value}”固定在最后，却排在会打乱的选项“{known}”之前。",
            en="The option {value!r} stays last, but stands before {known}, which is shuffled.",
        ),
        "most_of_too_few": Text(
            zh="最多选 {value} 项，但只有 {known} 个选项。",
            en="At most {value} may be chosen, but there are only {known} options.",
        ),
        "alone_not_multiple": Text(
            zh="“alone”只用于多选题的选项。", en="'alone' is for options of multiple items only."
        ),
        "scale_or_options": Text(
            zh="矩阵题要么写 scale，要么写 options，两者取一。",
            en="A matrix has either a scale or options of its own: give one of them.",
        ),
        "reversed_without_scale": Text(
            zh="没有量表的矩阵，行不能反向。", en="A row can be reversed only where the matrix has a scale."
        ),
        "not_decimal": Text(
            zh="“{key}”应为数，如 0、12 或 0.5，实为 {value}。",
            en="{key!r} must be a number such as 0, 12 or 0.5, not {value}.",
        ),
        "empty_range": Text(
            zh="“{key}”为 {value}，比上限 {known} 还大，没有数能填。",
            en="{key!r} is {value}, above the upper bound {known}: no number would fit.",
        ),
        "finer_than_decimals": Text(
            zh="“{key}”为 {value}，但只许 {known} 位小数。",
            en="{key!r} is {value}, but only {known} decimals are allowed.",
        ),
        "condition_says_nothing": Text(
            zh="条件没有说要什么，至少写 {known} 之一。",
            en="The condition asks for nothing; give at least one of {known}.",
        ),
        "condition_never_holds": Text(
            zh="没有一个答案能满足对“{value}”的条件，本题永远问不到。",
            en="No answer to {value!r} meets the condition, so the item would never be asked.",
        ),
        "condition_without_number": Text(
            zh="“{value}”的答案不是数，不能用 at_least 或 at_most。",
            en="The answer to {value!r} is no number, so at_least and at_most cannot be used.",
        ),
        "condition_within_random": Text(
            zh="“{value}”与本题同在打乱顺序的部分，本题可能排在它前面。请把两题都设为 anchored，或移开一题。",
            en="{value!r} stands in the same shuffled section, so this item may come before it. "
            "Make both anchored, or move one.",
        ),
        "other_form": Text(
            zh="文件里写的是“{value}”，而这份草稿是“{known}”。请换一份文件，或另建一份草稿，从“{value}”的内置问卷开始。",
            en="The file says {value!r}, but this draft is for {known!r}. "
            "Upload another file, or make a new draft that starts from the built-in {value!r}.",
        ),
        "bad_title": Text(
            zh="名称要有 1 至 {known} 个字，写在一行里。",
            en="The title needs 1 to {known} characters on one line.",
        ),
        "bad_characters": Text(
            zh="文字里有无法保存的字符。", en="The text holds characters that cannot be kept."
        ),
        "bad_remark": Text(
            zh="说明最多 {known} 个字，不能有控制字符。",
            en="The remark may have {known} characters at most, and no control characters.",
        ),
        "nothing_new": Text(
            zh="内容与本地区第 {value} 版完全相同，不需要再发布。",
            en="This is exactly version {value} of the region; there is nothing to publish.",
        ),
        "xlsform_extra": Text(
            zh="没有安装读取 XLSForm 的部件，请安装 junheng[xlsform]。",
            en="What reads XLSForm is not installed; install junheng[xlsform].",
        ),
        "no_xlsform": Text(
            zh="这个工作簿不是可用的 XLSForm：{value}",
            en="The workbook is no XLSForm that can be used: {value}",
        ),
        "missing_sheet": Text(zh="缺少工作表“{value}”。", en="The sheet {value!r} is missing."),
        "odd_cell": Text(
            zh="这个单元格是错误值、公式或日期（{value}），无法作为文字读取。",
            en="The cell holds an error, a formula or a date ({value}) that cannot be read as text.",
        ),
        "too_many_rows": Text(
            zh="工作表有 {value} 行，最多 {known} 行。", en="The sheet has {value} rows; at most {known}."
        ),
        "bad_own_note": Text(
            zh="工作表“junheng”的这一行无法读取：{value}。",
            en="This row of the sheet 'junheng' cannot be read: {value}.",
        ),
        "file_too_large": Text(
            zh="文件有 {value} 个字符，最多 {known} 个。",
            en="The file has {value} characters; at most {known}.",
        ),
    }
)


_PLACES = MappingProxyType(
    {
        "section": "部分",
        "item": "题",
        "scale": "量表",
        "option": "选项",
        "row": "行",
        "when": "条件",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in one place of a file."""

    #: File name, or what stands for it (``content``).
    file: str
    #: Where in the file, by ids: ``section burden, item homework``; empty at the top.
    place: str
    #: Id of the item concerned; empty outside items.
    item: str
    #: Key concerned, dotted (``text.en``); empty when none is.
    key: str
    #: Which rule is broken: a key of :data:`SENTENCES`.
    rule: str
    #: What was found, and what would have been accepted.
    value: str = ""
    known: tuple[str, ...] = ()
    #: Line of the file, from 1; 0 where it is not about a line, or the text has none.
    line: int = 0

    @property
    def where(self) -> str:
        """File with line, place and key in one line."""
        return self.where_in("en")

    def where_in(self, language: str) -> str:
        """The same as people of *language* say it."""
        file = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (file, self.place_in(language), self.key) if part)

    def place_in(self, language: str) -> str:
        """The place as people of *language* say it."""
        if language != "zh":
            return self.place
        words = (part.partition(" ") for part in self.place.split(", ") if part)
        return "，".join(f"{_PLACES.get(what, what)} {name}".strip() for what, _space, name in words)

    def document(self, lang: str) -> dict[str, Any]:
        """The fault as JSON."""
        return {
            "where": self.where_in(lang),
            "line": self.line,
            "item": self.item,
            "key": self.key,
            "value": self.value,
            "rule": self.rule,
            "message": self.message(lang),
        }

    def message(self, language: str = "zh") -> str:
        """Say in one sentence what is wrong."""
        sentence = SENTENCES[self.rule].in_language(language)
        return sentence.format(key=self.key, value=self.value, known=", ".join(self.known))


class DataFileError(Exception):
    """A data file of this room is refused; :attr:`faults` holds everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__("\n".join(f"{fault.where}: {fault.message('en')}" for fault in faults))
        self.faults = tuple(faults)


class QuestionnaireError(DataFileError):
    """A questionnaire file, or a stored questionnaire, is refused."""


class RuleSetError(DataFileError):
    """A declared rule set is refused."""
