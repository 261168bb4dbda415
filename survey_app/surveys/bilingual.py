"""Words that carry their Chinese and their English side by side."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

#: Every text of a data file is complete in these, Chinese first.
LANGUAGES = ("zh", "en")

#: Names that a text may leave open in braces, filled when it is shown, with what stands there when nobody
#: gave the name.
PLACEHOLDERS = MappingProxyType(
    {"county": {"zh": "本县", "en": "your county"}, "school": {"zh": "学校", "en": "your school"}}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text in both languages, possibly with placeholders such as ``{county}``."""

    zh: str
    en: str

    def in_language(self, language: str, **names: str) -> str:
        """Return the text in *language*, its placeholders filled with *names*.

        A name that is not given, or empty, becomes a word for any county or school.
        A longer tag counts by its first part (``zh-CN``, ``en_GB``); any other language gets Chinese.

        >>> Text(zh="{county}教育", en="Schools of {county}").in_language("zh-CN", county="阳城县")
        '阳城县教育'
        """
        spoken = "en" if language[:2].lower() == "en" else "zh"
        text = self.en if spoken == "en" else self.zh
        if "{" not in text:
            return text
        for name, words in PLACEHOLDERS.items():
            text = text.replace("{" + name + "}", names.get(name) or words[spoken])
        return text
