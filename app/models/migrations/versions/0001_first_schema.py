"""The first schema: records, what this laptop keeps for itself, and the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of the first version."""
    for table in TABLES:
        table()
    for statement in SEARCH:
        op.execute(statement)


def record() -> tuple[sa.Column, ...]:
    """The columns that every synchronised record has, after its own."""
    return (
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(32)),
        sa.Column("extra", sa.LargeBinary()),
        sa.Column("made_at", sa.BigInteger()),
        sa.Column("made_by", sa.Text()),
        sa.Column("made_office", sa.String(32)),
    )


def agency() -> None:
    """Table `agency`."""
    op.create_table(
        "agency",
        sa.Column("name", sa.Text()),
        sa.Column("agency_type", sa.String(40)),
        sa.Column("region", sa.String(13)),
        sa.Column("services", sa.Text()),
        sa.Column("phone", sa.String(20)),
        sa.Column("hours", sa.Text()),
        sa.Column("office_id", sa.String(32)),
        sa.Column("note", sa.Text()),
        *record(),
    )


def audit() -> None:
    """Table `audit`."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("record", sa.String(64), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("h", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_audit_record", "audit", ["record"])


def batch() -> None:
    """Table `batch`."""
    op.create_table(
        "batch",
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("operations", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=False),
        sa.Column("acked_at", sa.BigInteger()),
    )


def case_file() -> None:
    """Table `case_file`."""
    op.create_table(
        "case_file",
        sa.Column("number", sa.Text()),
        sa.Column("reported_at", sa.BigInteger()),
        sa.Column("channel", sa.String(40)),
        sa.Column("reporter_type", sa.String(40)),
        sa.Column("risk", sa.String(40)),
        sa.Column("summary", sa.Text()),
        sa.Column("exploitation", sa.Text()),
        sa.Column("recruitment_mode", sa.String(40)),
        sa.Column("recruitment_place", sa.String(40)),
        sa.Column("platform", sa.String(40)),
        sa.Column("control", sa.Text()),
        sa.Column("origin", sa.String(13)),
        sa.Column("transit", sa.Text()),
        sa.Column("destination_country", sa.String(40)),
        sa.Column("destination", sa.Text()),
        sa.Column("transport", sa.String(40)),
        sa.Column("lead_worker", sa.Text()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("close_reason", sa.String(40)),
        sa.Column("close_note", sa.Text()),
        sa.Column("reopened_at", sa.BigInteger()),
        *record(),
    )
    op.create_index("ix_case_file_number", "case_file", ["number"])


def case_row() -> None:
    """Table `case_row`."""
    op.create_table(
        "case_row",
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("victims", sa.Text(), nullable=False),
        sa.Column("victim_count", sa.Integer(), nullable=False),
        sa.Column("child", sa.Boolean(), nullable=False),
        sa.Column("risk", sa.String(40), nullable=False),
        sa.Column("risk_order", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("exploitation", sa.Text(), nullable=False),
        sa.Column("next_kind", sa.String(20), nullable=False),
        sa.Column("next_code", sa.String(40), nullable=False),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("reported_at", sa.BigInteger()),
        sa.Column("last_at", sa.BigInteger()),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index("ix_case_row_due", "case_row", ["due"])
    op.create_index("ix_case_row_last_at", "case_row", ["last_at"])
    op.create_index("ix_case_row_number", "case_row", ["number"])
    op.create_index("ix_case_row_reported_at", "case_row", ["reported_at"])
    op.create_index("ix_case_row_risk_order", "case_row", ["risk_order"])
    op.create_index("ix_case_row_status", "case_row", ["status"])


def conflict() -> None:
    """Table `conflict`."""
    op.create_table(
        "conflict",
        sa.Column("about_kind", sa.Text()),
        sa.Column("about_id", sa.String(32)),
        sa.Column("about_field", sa.Text()),
        sa.Column("kept", sa.Text()),
        sa.Column("kept_by", sa.Text()),
        sa.Column("kept_at", sa.BigInteger()),
        sa.Column("other", sa.Text()),
        sa.Column("other_by", sa.Text()),
        sa.Column("other_at", sa.BigInteger()),
        sa.Column("settled", sa.String(40)),
        sa.Column("settled_by", sa.Text()),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_conflict_about_id", "conflict", ["about_id"])
    op.create_index("ix_conflict_case_id", "conflict", ["case_id"])


def consent() -> None:
    """Table `consent`."""
    op.create_table(
        "consent",
        sa.Column("person_id", sa.String(32)),
        sa.Column("purpose", sa.String(40)),
        sa.Column("decision", sa.String(40)),
        sa.Column("recipient", sa.String(32)),
        sa.Column("tiers", sa.Text()),
        sa.Column("given_by", sa.String(40)),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("valid_until", sa.String(10)),
        sa.Column("method", sa.String(40)),
        sa.Column("withdraws", sa.String(32)),
        sa.Column("note", sa.Text()),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_consent_case_id", "consent", ["case_id"])
    op.create_index("ix_consent_person_id", "consent", ["person_id"])


def draft() -> None:
    """Table `draft`."""
    op.create_table(
        "draft",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("record", sa.String(32)),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )


def export() -> None:
    """Table `export`."""
    op.create_table(
        "export",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("report", sa.String(40), nullable=False),
        sa.Column("record", sa.String(32)),
        sa.Column("profile", sa.String(20), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
    )


def feed() -> None:
    """Table `feed`."""
    op.create_table(
        "feed",
        sa.Column("scope", sa.String(32), primary_key=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.LargeBinary()),
        sa.Column("proven_at", sa.BigInteger()),
    )


def note() -> None:
    """Table `note`."""
    op.create_table(
        "note",
        sa.Column("person_id", sa.String(32)),
        sa.Column("note_kind", sa.String(40)),
        sa.Column("at", sa.BigInteger()),
        sa.Column("text", sa.Text()),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_note_case_id", "note", ["case_id"])


def office() -> None:
    """Table `office`."""
    op.create_table(
        "office",
        sa.Column("code", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("agency_type", sa.String(40)),
        sa.Column("region", sa.String(13)),
        sa.Column("address", sa.Text()),
        sa.Column("phone", sa.String(20)),
        *record(),
    )


def operation() -> None:
    """Table `operation`."""
    op.create_table(
        "operation",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("record", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32)),
        sa.Column("base_rev", sa.Integer(), nullable=False),
        sa.Column("new", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Integer()),
        sa.Column("idx", sa.Integer()),
        sa.Column("result", sa.String(12)),
        sa.Column("result_code", sa.String(40)),
        sa.Column("result_field", sa.String(40)),
        sa.Column("result_rev", sa.Integer()),
        sa.Column("settled", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_operation_batch", "operation", ["batch"])
    op.create_index("ix_operation_case_id", "operation", ["case_id"])
    op.create_index("ix_operation_record", "operation", ["record"])
    op.create_index("ix_operation_result", "operation", ["result"])


def party() -> None:
    """Table `party`."""
    op.create_table(
        "party",
        sa.Column("person_id", sa.String(32)),
        sa.Column("role", sa.String(40)),
        sa.Column("relation", sa.String(40)),
        sa.Column("network_role", sa.String(40)),
        sa.Column("trafficking_status", sa.String(40)),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_party_case_id", "party", ["case_id"])
    op.create_index("ix_party_person_id", "party", ["person_id"])


def person() -> None:
    """Table `person`."""
    op.create_table(
        "person",
        sa.Column("name", sa.Text()),
        sa.Column("alias", sa.Text()),
        sa.Column("sex", sa.String(40)),
        sa.Column("birth_date", sa.String(10)),
        sa.Column("age", sa.Integer()),
        sa.Column("nik", sa.String(16)),
        sa.Column("family_card", sa.String(16)),
        sa.Column("nationality", sa.String(40)),
        sa.Column("region", sa.String(13)),
        sa.Column("address", sa.Text()),
        sa.Column("phone", sa.String(20)),
        sa.Column("contact_safety", sa.String(40)),
        sa.Column("contact_note", sa.Text()),
        sa.Column("education", sa.String(40)),
        sa.Column("occupation", sa.String(40)),
        sa.Column("marital_status", sa.String(40)),
        sa.Column("religion", sa.String(40)),
        sa.Column("disability", sa.Text()),
        sa.Column("health", sa.Text()),
        sa.Column("name_key", sa.String(80)),
        *record(),
    )
    op.create_index("ix_person_name_key", "person", ["name_key"])


def referral() -> None:
    """Table `referral`."""
    op.create_table(
        "referral",
        sa.Column("person_id", sa.String(32)),
        sa.Column("to_office", sa.String(32)),
        sa.Column("to_agency", sa.String(32)),
        sa.Column("to_person", sa.Text()),
        sa.Column("reason", sa.String(40)),
        sa.Column("urgency", sa.String(40)),
        sa.Column("services", sa.Text()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("tiers", sa.Text()),
        sa.Column("consent_id", sa.String(32)),
        sa.Column("message", sa.Text()),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_referral_case_id", "referral", ["case_id"])
    op.create_index("ix_referral_person_id", "referral", ["person_id"])
    op.create_index("ix_referral_to_office", "referral", ["to_office"])


def referral_event() -> None:
    """Table `referral_event`."""
    op.create_table(
        "referral_event",
        sa.Column("referral_id", sa.String(32)),
        sa.Column("step", sa.String(40)),
        sa.Column("at", sa.BigInteger()),
        sa.Column("reason", sa.String(40)),
        sa.Column("outcome", sa.String(40)),
        sa.Column("feedback", sa.Text()),
        sa.Column("on_paper", sa.Boolean()),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_referral_event_case_id", "referral_event", ["case_id"])
    op.create_index("ix_referral_event_referral_id", "referral_event", ["referral_id"])


def screening() -> None:
    """Table `screening`."""
    op.create_table(
        "screening",
        sa.Column("person_id", sa.String(32)),
        sa.Column("process", sa.Text()),
        sa.Column("means", sa.Text()),
        sa.Column("purpose", sa.Text()),
        sa.Column("indicators", sa.Text()),
        sa.Column("child", sa.Boolean()),
        sa.Column("conclusion", sa.String(40)),
        sa.Column("concluded_at", sa.BigInteger()),
        sa.Column("reasoning", sa.Text()),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_screening_case_id", "screening", ["case_id"])
    op.create_index("ix_screening_person_id", "screening", ["person_id"])


def service() -> None:
    """Table `service`."""
    op.create_table(
        "service",
        sa.Column("person_id", sa.String(32)),
        sa.Column("service_type", sa.String(40)),
        sa.Column("need", sa.String(40)),
        sa.Column("goal", sa.Text()),
        sa.Column("provider_id", sa.String(32)),
        sa.Column("due", sa.String(10)),
        sa.Column("state", sa.String(40)),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("result", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.Column("case_id", sa.String(32)),
        *record(),
    )
    op.create_index("ix_service_case_id", "service", ["case_id"])
    op.create_index("ix_service_person_id", "service", ["person_id"])


def setting() -> None:
    """Table `setting`."""
    op.create_table(
        "setting",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )


def shadow() -> None:
    """Table `shadow`."""
    op.create_table(
        "shadow",
        sa.Column("record", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(32)),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )


def user_account() -> None:
    """Table `user_account`."""
    op.create_table(
        "user_account",
        sa.Column("login", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("role", sa.String(40)),
        sa.Column("active", sa.Boolean()),
        *record(),
    )


TABLES = (
    agency, audit, batch, case_file, case_row, conflict, consent, draft, export, feed, note, office,
    operation, party, person, referral, referral_event, screening, service, setting, shadow,
    user_account,
)  # fmt: skip
SEARCH = (
    "CREATE VIRTUAL TABLE case_fts USING fts5(text, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    "INSERT INTO case_fts(case_fts, rank) VALUES('secure-delete', 1)",
    "INSERT INTO case_fts(case_fts, rank) VALUES('pgsz', 3950)",
)
