"""Measurements: ours beside the naive way or a peer, as ratios in one run. `make bench` prints the table."""
