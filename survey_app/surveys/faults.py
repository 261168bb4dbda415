"""What can be wrong with a questionnaire or rule file, as values with a place and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from survey_app.surveys.bilingual import Text

SENTENCES = MappingProxyType(
    {
        "not_readable": Text(zh="文件无法读取：{value}。", en="The file cannot be read: {value}."),
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

    @property
    def where(self) -> str:
        """File, place and key in one line."""
        return ": ".join(part for part in (self.file, self.place, self.key) if part)

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
