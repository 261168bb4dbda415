"""What people may enter as one line of text."""

import unicodedata

from flask_babel import gettext as _
from wtforms import Field, Form
from wtforms.validators import Length, ValidationError

#: Control characters, halves of characters, separators of lines and paragraphs.
_UNFIT = {"Cc", "Cs", "Zl", "Zp"}

#: No characters at all: no Word file holds them.
_NONE = "\ufffe\uffff"

#: What ends a line or sets it in, and is no fault in a text of several lines.
_BREAKS = dict.fromkeys(map(ord, "\r\n\t"))


def is_line(text: str) -> bool:
    r"""Say whether *text* can stand on a page, on a card, in a Word file and in every database.

    >>> is_line("王　小明 😀"), is_line("first\nsecond"), is_line("\0")
    (True, False, False)
    """
    return not any(unicodedata.category(character) in _UNFIT or character in _NONE for character in text)


class AtMost(Length):
    """Refuse more than *most* characters, and say how many there are (a validator of a form's field)."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most)

    def __call__(self, form: Form, field: Field) -> None:
        """Refuse a text that is too long.

        Raises:
            ValidationError: more than ``max`` characters.
        """
        length = len(field.data or "")
        if length > self.max:
            said = _("最多 {limit} 个字，现在有 {length} 个字，请删短一些")
            raise ValidationError(said.format(limit=self.max, length=length))


def one_line(_form: Form, field: Field) -> None:
    """Refuse what cannot stand on one line (a validator of a form's field).

    Raises:
        ValidationError: control characters or line breaks.
    """
    if not is_line(field.data or ""):
        raise ValidationError(_("请写成一行文字，不要有换行或控制字符"))


def some_lines(_form: Form, field: Field) -> None:
    """Refuse what cannot stand in a paper of several lines (a validator of a form's field).

    Raises:
        ValidationError: control characters other than line breaks and tabs.
    """
    if not is_line((field.data or "").translate(_BREAKS)):
        raise ValidationError(_("文字里有看不见的控制字符，请删去，或重新输入这段文字"))
