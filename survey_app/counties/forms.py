"""The room's forms."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField


class ImportForm(FlaskForm):
    """A county file to import."""

    file = FileField(_l("县情文件"))
