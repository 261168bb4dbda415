"""Every guide with pictures belongs to the walk that makes them, and shows them as what they are."""

import re

from tests.journeys.guides import DOCS, GUIDES, PICTURES, shown_in, text


def test_every_guide_with_pictures_is_walked():
    with_pictures = [each.name for each in DOCS.glob("*.md") if "](pictures/" in each.read_text("utf-8")]
    assert sorted(with_pictures) == sorted(GUIDES)


def test_every_picture_is_shown_once_in_one_guide():
    shown = [each for guide in GUIDES for each in shown_in(guide)]
    assert sorted(each.name for each in PICTURES.iterdir()) == sorted(f"{each}.png" for each in shown)


def test_captions_say_that_the_data_are_simulated():
    for guide in GUIDES:
        captions = re.findall(r"!\[([^]]+)\]", text(guide))
        assert captions
        assert all("模拟" in each for each in captions), guide
