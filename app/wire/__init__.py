"""The sync protocol: its messages, its bytes and its merge. Both sides import it; it imports neither."""

PROTOCOL = 1
SCHEMA = 2
OLDEST = 1  # the schema everybody ever spoke: whole rows, no numbers
MEDIA_TYPE = "application/vnd.naungan+msgpack"
# The scope everybody may read: offices and the service directory.
REFERENCE = "00000000000000000000000000000001"

MAX_BATCH = 256 * 1024  # bytes on the wire
URGENT_BATCH = 16 * 1024  # the first batch: referrals and their steps
MAX_PLAIN = 8 * 1024 * 1024  # bytes after decompression
MAX_OPERATIONS = 5_000
MAX_SEGMENT = 256 * 1024
PIECE = 64 * 1024  # bytes of a file that travel at once
MAX_BLOB = 20 * 1024 * 1024 + 8 * 1024  # bytes of an attachment, sealed
FSYNC_EVERY = 16 * 1024  # bytes the centre receives between two fsyncs
