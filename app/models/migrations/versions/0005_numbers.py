"""Records are found by their number in a scope, previews come with attachments, and carried files are listed."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "case_file", "person", "party", "referral", "referral_event", "screening", "service", "note", "consent",
    "attachment", "conflict", "erasure", "device", "office_key", "key_grant", "office", "user_account", "agency",
)  # fmt: skip


def upgrade() -> None:
    """Add the indexes, the column and the table."""
    for table in TABLES:
        op.execute(f"CREATE INDEX ix_{table}_place ON {table} (scope, rev) WHERE rev > 0")
    op.execute("CREATE INDEX ix_operation_result_rev ON operation (result_rev)")
    op.execute("ALTER TABLE attachment ADD COLUMN thumbnail TEXT")
    op.execute(
        """
        CREATE TABLE bundle_sent (
          id VARCHAR(32) NOT NULL, made_at BIGINT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
          size INTEGER NOT NULL, answered_at BIGINT, PRIMARY KEY (id)
        )
        """
    )
