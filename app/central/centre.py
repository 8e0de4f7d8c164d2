"""The centre's parts, put together: everything a request needs, passed and never a global."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from app.central import authority
from app.central.admission import Admission
from app.central.blobs import age_out
from app.central.board import Board, Seat
from app.central.bundle_key import BundleIdentity, bundle_identity
from app.central.compare import Comparison
from app.central.config import Config
from app.central.feeds import Feeds, erased_in
from app.central.greeting import Greeting
from app.central.intake import Intake
from app.central.keys import CentreKey, load_key
from app.central.mark import Mark
from app.central.metrics import Metrics
from app.central.receipts import Receipts
from app.central.schema import VERSION
from app.central.segments import Segments
from app.central.store import Store, epoch_of, version_of
from app.central.uploads import Uploads
from app.errors import KnownError
from app.i18n import _

SEGMENTS = "segments"  # in the data directory: what was served lately, for a resume


@dataclass(frozen=True, slots=True)
class Centre:
    """One running centre."""

    config: Config
    store: Store
    key: CentreKey
    epoch: str
    uploads: Uploads
    intake: Intake
    feeds: Feeds
    receipts: Receipts
    comparison: Comparison
    greeting: Greeting
    admission: Admission
    metrics: Metrics
    bundles: BundleIdentity  # opens the files that laptops close for this centre
    authority: bytes  # the certificate of the own authority (DER); empty if there is none


def open_centre(config: Config, *, seat: Seat | None = None) -> Centre:
    """Open the database and the key; what a crash left stored is applied by whoever serves.

    `seat`: as one worker of several; whoever starts them has opened the centre before, and tidied up.
    """
    key, store = load_key(config.data_dir), Store(config.database_url)
    own = authority.show(config.data_dir)
    if version_of(store) < VERSION:
        store.close()
        raise KnownError(_("The centre's database is of an older version. Run `naungan central init` once."))
    epoch, bundles = epoch_of(store), bundle_identity(config.data_dir)
    intake = Intake(store, config.now, key.public)
    uploads = Uploads(config.data_dir / "uploads", config.now)
    if seat is None:
        _check(Mark(store, config.data_dir, epoch))
        age_out(store, now=config.now())
        uploads.age_out()
    board, number = (seat.board, seat.number) if seat else (Board(), 0)
    tally = board.tally(number)
    metrics = Metrics(board, tally)
    segments = Segments(config.data_dir / SEGMENTS, config.limits.segment_cache)
    segments.sweep(partial(erased_in, store))
    store.erased_in = segments.forget
    feeds = Feeds(store, key, epoch, segments)
    return Centre(
        config=config,
        store=store,
        key=key,
        epoch=epoch,
        uploads=uploads,
        intake=intake,
        feeds=feeds,
        receipts=Receipts(store, key, epoch, config.now),
        comparison=Comparison(store, epoch),
        greeting=Greeting(store, feeds, intake, config.now, bundles.announced(key)),
        admission=Admission(config.limits, config.now, board, tally, metrics),
        metrics=metrics,
        bundles=bundles,
        authority=own.certificate if own else b"",
    )


def _check(mark: Mark) -> None:
    try:
        mark.check()
    except KnownError:
        mark.store.close()
        raise
