"""Official forms as data, and a county's verdict filled into one of them.

>>> from evaluation.loader import load_form
>>> form = load_form("national")
>>> [table.name for table in form.tables]
['表Ⅰ', '表Ⅱ-1', '表Ⅱ-2', '表Ⅲ', '表Ⅳ', '表Ⅴ', '表Ⅵ']

A figure is printed with the digits the form asks for, rounded half up from its exact value; whether it is
met was decided on the exact value before.

>>> from fractions import Fraction
>>> printed(Fraction("84.95"), 1), printed(Fraction("0.4995"), 3), printed(Fraction("0.4995"), 2)
('85.0', '0.500', '0.50')
"""

from evaluation.forms.filling import FilledCell, FilledForm, FilledTable, Place, fill, printed
from evaluation.forms.form import Column, Form, Row, Table

__all__ = [
    "Column",
    "FilledCell",
    "FilledForm",
    "FilledTable",
    "Form",
    "Place",
    "Row",
    "Table",
    "fill",
    "printed",
]
