"""This device's half of the sync: outbox, apply, transports, the loop."""
