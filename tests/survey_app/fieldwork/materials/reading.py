"""Printed pages as a phone and a reader see them."""

from contextlib import closing
from dataclasses import dataclass

import pypdfium2
import zxingcpp


@dataclass(frozen=True)
class Printed:
    """A page: its QR codes by text, its words, its picture."""

    codes: dict
    words: str
    picture: object


def printed(pdf, scale=3):
    """Read every page at *scale* pixels a point."""
    pages = []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for page in document:
            picture = page.render(scale=scale, grayscale=True).to_numpy().squeeze().copy()
            found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
            words = page.get_textpage().get_text_range().replace("\r\n", " ")
            pages.append(Printed({one.text: one for one in found}, words, picture))
    return pages


def words_of(pages):
    """All words of the pages, without the spaces that lines are broken at."""
    return "".join(page.words for page in pages).replace(" ", "")
