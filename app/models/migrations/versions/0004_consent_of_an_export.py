"""On which consent a file left; what left before stays without, and counts for every consent it may have left on."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE export ADD COLUMN consent_id VARCHAR(32)")
