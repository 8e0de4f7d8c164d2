"""Naungan: offline case and referral work for the offices that help victims of human trafficking."""

__version__ = "0.1.0"
