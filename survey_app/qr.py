"""QR codes as drawings: one path, no library for pictures."""

from collections.abc import Sequence
from itertools import groupby

#: One fixed pattern: choosing the best one for each picture takes ten times as long and reads no better.
_MASK = 3


def picture(text: str) -> str:
    """The QR code of *text* as an SVG drawing without a quiet zone: one path, a run of modules a stroke."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=_MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for start, length in _runs(row)
    )
    side = len(rows)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    runs, position = [], 0
    for dark, members in groupby(row):
        length = len(list(members))
        if dark:
            runs.append((position, length))
        position += length
    return runs
