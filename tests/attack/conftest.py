"""Attacks and faults that belong to no single part of the program. Their size and their record: tests/attacks.py."""
