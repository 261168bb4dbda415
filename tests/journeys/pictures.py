"""Pictures of pages for the guides: cropped to what matters, in few colours."""

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import Locator, Page

#: What a PNG file begins with.
SIGNATURE = b"\x89PNG\r\n\x1a\n"

_MARGIN = 12

#: Draws a picture on a canvas and gives its width, height and pixels (RGBA, base64).
_PIXELS = """async (source) => {
  const image = new Image(); image.src = source; await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width; canvas.height = image.height;
  const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
  const bytes = context.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768)
    text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return [image.width, image.height, btoa(text)];
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """What of a page a picture shows: from the first of *shown* to the last, at most *most* pixels high."""

    shown: Sequence[Locator]
    most: int = 620


def photograph(page: Page, crop: Crop) -> bytes:
    """The part of *page* that *crop* names, over the page's whole width, as Chromium's own PNG."""
    page.evaluate("document.activeElement && document.activeElement.blur(); window.scrollTo(0, 0)")
    boxes = [each.bounding_box() for each in crop.shown]
    assert all(boxes), f"nothing to photograph on {page.url}"
    top = max(min(box["y"] for box in boxes) - _MARGIN, 0)
    bottom = max(box["y"] + box["height"] for box in boxes) + _MARGIN
    left = max(min(box["x"] for box in boxes) - _MARGIN, 0)
    right = max(box["x"] + box["width"] for box in boxes) + _MARGIN
    # Whole pixels of the page at rest: positions differ a little with where it was scrolled to.
    sides = {"x": left, "y": top, "width": right - left, "height": min(bottom - top, crop.most)}
    clip = {side: round(value) for side, value in sides.items()}
    return page.screenshot(full_page=True, clip=clip, animations="disabled", caret="hide")


def with_few_colours(blank: Page, png: bytes) -> bytes:
    """The picture *png* with at most 256 colours; *blank* is an empty page to unpack it in."""
    source = "data:image/png;base64," + base64.b64encode(png).decode()
    width, height, text = blank.evaluate(_PIXELS, source)
    pixels = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 4).astype(np.int32)
    packed = pixels[:, 0] << 16 | pixels[:, 1] << 8 | pixels[:, 2]
    found, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    palette = colours[np.argsort(-counts, kind="stable")[:256]]
    nearest = np.array([((palette - each) ** 2).sum(axis=1).argmin() for each in colours], np.uint8)
    rows = nearest[places].reshape(height, width)
    lines = np.hstack([np.zeros((height, 1), np.uint8), rows]).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (b"IHDR", head), (b"PLTE", palette.astype(np.uint8).tobytes()), (b"IDAT", zlib.compress(lines, 9))
    return SIGNATURE + b"".join(_chunk(*part) for part in (*parts, (b"IEND", b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
