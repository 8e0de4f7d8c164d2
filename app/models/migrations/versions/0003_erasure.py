"""Erasing: its records, and the ids that must never come back."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    for statement in SCHEMA:
        op.execute(statement)


SCHEMA = (
    """
    CREATE TABLE erasure (
      subject_kind TEXT, subject VARCHAR(32), basis VARCHAR(40), asked_by VARCHAR(40), requested_by VARCHAR(32),
      requested_at BIGINT, decision VARCHAR(40), reason VARCHAR(40), decided_by VARCHAR(32), decided_at BIGINT,
      no_proceedings BOOLEAN, executed_at BIGINT, records INTEGER, operations INTEGER, drafts INTEGER, files INTEGER,
      keys INTEGER, exports INTEGER, id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB,
      made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_erasure_subject ON erasure (subject)",
    """
    CREATE TABLE erased (
      record VARCHAR(32) NOT NULL, erasure VARCHAR(32) NOT NULL, at BIGINT NOT NULL, confirmed BOOLEAN NOT NULL,
      offered BOOLEAN NOT NULL, PRIMARY KEY (record)
    )
    """,
)
