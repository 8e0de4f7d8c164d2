"""The messages of the sync protocol, the same for both ends: standard library and msgpack only."""
