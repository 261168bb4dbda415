"""How long the printing of a wave takes: one archive for the county, with every cover, card, list and letter.

    python benchmarks/materials.py                            1602 cards in 120 schools
    python benchmarks/materials.py --schools 30 --cards 540

The county is invented. Its wave is drawn as any other; then the cards of its batches are shared out so that
there are as many of both as asked for. *made* is the job that makes the archive (seconds on the wall and of
computing, and the largest memory of the process), *again* the second identical request, *read* decodes every
picture.
"""

import argparse
import io
import json
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402
import structlog  # noqa: E402

from survey_app import create_app, prepared, settings_of  # noqa: E402
from survey_app.db import db  # noqa: E402
from survey_app.fieldwork import codes  # noqa: E402
from survey_app.fieldwork.materials import bundle, cards  # noqa: E402
from survey_app.fieldwork.models import Batch, Invitation  # noqa: E402
from survey_app.surveys.models import Wave  # noqa: E402
from tests import factories  # noqa: E402
from tests.conftest import KEY, NOW, dispose, make_settings, upgraded  # noqa: E402
from tests.survey_app.fieldwork.materials.reading import printed  # noqa: E402


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--schools", type=int, default=120)
    options.add_argument("--cards", type=int, default=1602)
    given = options.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as home:
        app = upgraded(create_app(make_settings(Path(home))))
        with app.app_context():
            wave_id = invent(given.schools, given.cards)
            row = measure(app, wave_id)
        dispose(app)
    print(f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    print(*(f"{name:>12}" for name in row))
    print(*(f"{value:>12}" for value in row.values()))


def invent(schools: int, wanted: int) -> int:
    """Draw a wave, then share *wanted* cards among *schools* and the county's own batches."""
    document = json.loads(json.dumps(factories.small_county()))
    plain = [each for each in document["schools"] if each["kind"] == "primary"]
    document["schools"] = [
        json.loads(json.dumps(plain[number % len(plain)]))
        | {"code": f"S{number + 1:03}", "name": f"第{number + 1}小学"}
        for number in range(schools)
    ]
    document["county"]["resident_population"] = round(wanted / 0.0015)
    wave = factories.draw_wave(factories.make_wave(county_file=factories.make_county_file(document)))
    drawn = db.session.scalars(sa.select(Batch).order_by(Batch.position)).all()
    clustered = [each for each in drawn if each.school_code]
    model, position = clustered[0], len(drawn)
    known = {each.school_code for each in clustered}
    for school in document["schools"]:
        if school["code"] not in known:
            db.session.add(
                Batch(
                    wave_id=wave.id,
                    group=model.group,
                    place=school["name"],
                    school_code=school["code"],
                    position=position,
                )
            )
            position += 1
    db.session.flush()
    _share_out(wave.id, wanted)
    db.session.commit()
    return wave.id


def _share_out(wave_id: int, wanted: int) -> None:
    """Deal the wave's cards to its batches in turn, so that each has about as many."""
    batches = db.session.scalars(sa.select(Batch).order_by(Batch.position)).all()
    model = db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).first()
    place = {"quota_cell_id": model.quota_cell_id, "stratum": model.stratum, "psu": model.psu}
    db.session.execute(sa.delete(Invitation))
    rows = []
    for number in range(wanted):
        batch, serial = batches[number % len(batches)], number // len(batches) + 1
        code = codes.derive(KEY, wave_id=wave_id, batch_id=batch.id, serial=serial, generation=1)
        hashes = {
            "token_hash": codes.token_hash(KEY, code.token),
            "typed_hash": codes.typed_hash(KEY, code.typed),
        }
        rows.append(
            {"wave_id": wave_id, "batch_id": batch.id, "serial": serial, "generation": 1} | place | hashes
        )
    db.session.execute(sa.insert(Invitation), rows)
    lists = {each.position: [["家长", each.place, "卡号", "12、34、56"]] for each in batches}
    cards.hand_out_rows = lambda *_: lists


def measure(app, wave_id: int) -> dict[str, str]:
    """Have the archive made twice, and read all of it."""
    number, asked = timed(lambda: ask(app, wave_id))
    began, computing = time.perf_counter(), time.process_time()
    prepared.begin(app, number)
    wall, computed = time.perf_counter() - began, time.process_time() - computing
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    same, again = timed(lambda: ask(app, wave_id))
    file = db.session.get_one(prepared.PreparedFile, same)
    if same != number or file.state != "ready":
        raise SystemExit(f"not made: {file.failure or 'made twice'}")
    archive = zipfile.ZipFile(io.BytesIO(prepared.stored_at(settings_of(app), file).read_bytes()))
    found, read = timed(lambda: codes_in(archive))
    return {
        "schools": str(sum("/" in name and name.endswith("答题卡.pdf") for name in archive.namelist()) - 1),
        "cards": str(len(found)),
        "twice": str(sum(n > 1 for n in found.values())),
        "MB": f"{file.size / 1e6:.1f}",
        "asked s": f"{asked:.3f}",
        "made s": f"{wall:.2f}",
        "computing s": f"{computed:.2f}",
        "memory MB": f"{memory:.0f}",
        "again s": f"{again:.3f}",
        "read s": f"{read:.1f}",
    }


def ask(app, wave_id: int) -> int:
    """Ask for the county's archive; its number."""
    wave = db.session.get_one(Wave, wave_id)
    wish = {"scope": bundle.COUNTY, "wording": "standard", "own_words": [], "by": "benchmark", "now": NOW}
    number = bundle.ask(db.session, wave, settings=settings_of(app), **wish).id
    db.session.commit()
    return number


def codes_in(archive: zipfile.ZipFile) -> Counter:
    """What every picture of the archive says, and how often."""
    found = Counter()
    for name in archive.namelist():
        if name.endswith(".pdf"):
            for page in printed(archive.read(name)):
                found.update(page.codes.keys())
    return found


def timed(deed):
    """What *deed* gives, and how many seconds it took."""
    began = time.perf_counter()
    given = deed()
    return given, time.perf_counter() - began


if __name__ == "__main__":
    main()
