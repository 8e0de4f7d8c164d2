"""The sync beside public peers: one corpus, one link, one table. `make bench-sync` runs it."""
