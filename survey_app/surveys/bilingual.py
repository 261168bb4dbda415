"""Words that carry their Chinese and their English side by side."""

from __future__ import annotations

from dataclasses import dataclass

#: Every text of a data file is complete in these, Chinese first.
LANGUAGES = ("zh", "en")

#: Names that a text may leave open in braces, filled when it is shown.
PLACEHOLDERS = ("county",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text in both languages, possibly with placeholders such as ``{county}``."""

    zh: str
    en: str

    def in_language(self, language: str, **names: str) -> str:
        """Return the text in *language*, its placeholders filled with *names*.

        A longer tag counts by its first part (``zh-CN``, ``en_GB``); any other language gets Chinese.

        >>> Text(zh="{county}教育", en="Schools of {county}").in_language("zh-CN", county="阳城县")
        '阳城县教育'
        """
        text = self.en if language[:2].lower() == "en" else self.zh
        for name, value in names.items():
            text = text.replace("{" + name + "}", value)
        return text
