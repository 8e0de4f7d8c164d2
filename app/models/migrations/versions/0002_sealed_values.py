"""Sealed values: the laptops and keys of offices, the keys given, and attachments."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables that sealed values need; the values themselves are sealed by whoever may, after unlocking."""
    for statement in SCHEMA:
        op.execute(statement)


_RECORD = """
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
"""

SCHEMA = (
    f"CREATE TABLE device (tag TEXT, certificate TEXT, revoked BIGINT, {_RECORD})",
    f"""
    CREATE TABLE office_key (
      office VARCHAR(32), public TEXT, replaces VARCHAR(32), device TEXT, signature TEXT, certificate TEXT, {_RECORD}
    )
    """,
    "CREATE INDEX ix_office_key_office ON office_key (office)",
    f"""
    CREATE TABLE key_grant (
      subject_kind TEXT, subject VARCHAR(32), kid TEXT, to_office VARCHAR(32), to_key TEXT, box TEXT, device TEXT,
      signature TEXT, certificate TEXT, case_id VARCHAR(32), {_RECORD}
    )
    """,
    "CREATE INDEX ix_key_grant_case_id ON key_grant (case_id)",
    "CREATE INDEX ix_key_grant_subject ON key_grant (subject)",
    f"""
    CREATE TABLE attachment (
      person_id VARCHAR(32), title TEXT, media_type TEXT, size INTEGER, blob TEXT, kid TEXT, case_id VARCHAR(32),
      {_RECORD}
    )
    """,
    "CREATE INDEX ix_attachment_case_id ON attachment (case_id)",
)
