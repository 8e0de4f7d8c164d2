"""A day at the centre leaves no word of a person outside its database: not in a log, its output, its data folder.

The bytes of an upload that broke off wait in the data folder as they were sent: there alone they are found.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.all import KINDS
from app.models.field import Kind, fields_of
from app.wire.batch import digest_of
from tests.attack.scanner import find_needles
from tests.attacks import Survived
from tests.centre import CentreUnderTest, Laptop

NEEDLE = "Jarum Rahasia"
# The database complains with the words of the person in its message, as constraints do.
FAIL = """
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'cannot store %% of Jarum Rahasia', NEW USING DETAIL = 'Jarum Rahasia'; END $$;
CREATE TRIGGER tell BEFORE INSERT ON feed FOR EACH ROW EXECUTE FUNCTION tell()
"""
MEND = "DROP TRIGGER tell ON feed; DROP FUNCTION tell()"


@pytest.fixture
def served(centre: CentreUnderTest, tmp_path: Path, root: Path) -> Iterator[Laptop]:
    """A device of a centre that is a process of its own; what it says goes to files in `out`."""
    centre.stop()
    out = tmp_path / "out"
    out.mkdir()
    child = root / "tests" / "attack" / "quiet_centre_child.py"
    command = [sys.executable, str(child), str(centre.data_dir), centre.url_of["naungan_app"], str(out / "log")]
    environ = {**os.environ, "PYTHONPATH": str(root), "TMPDIR": str(out), "PYTHONDONTWRITEBYTECODE": "1"}
    with (out / "stderr").open("wb") as err, subprocess.Popen(
        command, cwd=out, env=environ, stdout=subprocess.PIPE, stderr=err
    ) as process:  # fmt: skip
        assert process.stdout is not None
        laptop = Laptop(centre, "A")
        laptop.base_url = process.stdout.readline().decode().strip()
        try:
            yield laptop
        finally:
            process.send_signal(signal.SIGTERM)
            (out / "stdout").write_bytes(process.communicate(timeout=60)[0])
    assert process.returncode == 0


def a_day(laptop: Laptop) -> int:
    """Work, lies, rubbish and a database that fails; how many requests carried a needle."""
    laptop.enrol(laptop.centre.code("A"))
    laptop.sign_in()
    before = laptop.n
    for kind in ("person", "agency"):
        words = {f.key: f"{NEEDLE} {f.key}" for f in fields_of(KINDS[kind])
                 if f.kind in (Kind.TEXT, Kind.LONG) and not f.sealed}  # fmt: skip
        words = {key: value for key, value in words.items() if not key.startswith("made_")}
        laptop.push(laptop.make(kind, **words))
    laptop.push(laptop.make("person", name=NEEDLE, health=NEEDLE))  # 'not_sealed'
    laptop.push(laptop.make("person", name=NEEDLE, sex=NEEDLE, no_such_field=NEEDLE))
    carried = laptop.n - before
    laptop.centre.sql(FAIL)
    data = laptop.seal(laptop.make("person", name=NEEDLE))
    assert laptop.put(data).status_code == 500
    laptop.n, laptop.previous = laptop.n + 1, digest_of(data)
    laptop.centre.sql(MEND)
    raw = NEEDLE.encode()
    rubbish = [
        ("GET", f"/{NEEDLE}", {}), ("GET", f"/healthz?{NEEDLE}", {}), ("POST", "/v1/enrol", {"content": raw}),
        ("POST", "/v1/session", {"content": raw}), ("POST", "/v1/hello", {"content": raw}),
        ("PUT", f"/v1/batches/{laptop.id}/{NEEDLE}", {"content": raw}),
        ("PUT", f"/v1/batches/{laptop.id}/99?offset=0", {"content": raw, "headers": {"Naungan-Length": "13"}}),
        ("GET", f"/v1/feed/{NEEDLE}?cursor={NEEDLE}", {}), ("GET", "/healthz", {"headers": {"Authorization": NEEDLE}}),
        (NEEDLE.split()[0], "/healthz", {}), ("GET", f"/v1/blobs/{NEEDLE}", {"headers": {"User-Agent": NEEDLE}}),
    ]  # fmt: skip
    for method, path, more in rubbish:
        laptop.ask(method, path, **more)
    laptop.put(raw * 2_000, total=200_000)  # an upload that never goes on
    return carried + 2 + len(rubbish)


@pytest.fixture
def day(served: Laptop) -> int:
    """A day that is over, at a centre that runs."""
    return a_day(served)


def test_a_day_at_the_centre_leaves_no_word_outside_its_database(
    day: int, served: Laptop, tmp_path: Path, survived: Survived
) -> None:
    assert served.centre.sql("SELECT count(*) FROM record WHERE kind = 'person'")[0][0] >= 1, "the work arrived"
    log = (tmp_path / "out" / "log").read_text()
    assert "internal error" in log, "the fault was written down"
    places = [tmp_path / "out", tmp_path / "centre"]
    hits = find_needles(places, [NEEDLE])
    found = [hit for hit in hits if hit.file.parent.parent != tmp_path / "centre" / "uploads"]
    assert not found, found[:9]
    assert len(hits) == 1, "the search finds what waits"
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    (tmp_path / "out" / "planted").write_bytes(NEEDLE.encode("utf-16-le"))
    control = len(find_needles(places, [NEEDLE])) - len(hits)
    survived(
        day - len(found), of=day,
        control=f"{len(files)} files read; a needle planted as UTF-16 was found {control} time",
    )  # fmt: skip
