"""The first schema: records, what this laptop keeps for itself, and the search index."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of the first version."""
    for statement in (*SCHEMA, *SEARCH):
        op.execute(statement)


SCHEMA = (
    """
    CREATE TABLE agency (
      name TEXT, agency_type VARCHAR(40), region VARCHAR(13), services TEXT, phone VARCHAR(20), hours TEXT,
      office_id VARCHAR(32), note TEXT, id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32),
      extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE audit (
      seq INTEGER NOT NULL, at BIGINT NOT NULL, actor VARCHAR(32) NOT NULL, device VARCHAR(32) NOT NULL,
      action VARCHAR(20) NOT NULL, kind VARCHAR(20) NOT NULL, record VARCHAR(64) NOT NULL, fields TEXT NOT NULL,
      h BLOB NOT NULL, PRIMARY KEY (seq)
    )
    """,
    "CREATE INDEX ix_audit_record ON audit (record)",
    """
    CREATE TABLE batch (
      n INTEGER NOT NULL, data BLOB NOT NULL, digest BLOB NOT NULL, operations INTEGER NOT NULL,
      state VARCHAR(8) NOT NULL, "offset" INTEGER NOT NULL, frozen_at BIGINT NOT NULL, acked_at BIGINT,
      PRIMARY KEY (n)
    )
    """,
    """
    CREATE TABLE case_file (
      number TEXT, reported_at BIGINT, channel VARCHAR(40), reporter_type VARCHAR(40), risk VARCHAR(40),
      summary TEXT, exploitation TEXT, recruitment_mode VARCHAR(40), recruitment_place VARCHAR(40),
      platform VARCHAR(40), control TEXT, origin VARCHAR(13), transit TEXT, destination_country VARCHAR(40),
      destination TEXT, transport VARCHAR(40), lead_worker TEXT, closed_at BIGINT, close_reason VARCHAR(40),
      close_note TEXT, reopened_at BIGINT, id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32),
      extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_case_file_number ON case_file (number)",
    """
    CREATE TABLE case_row (
      n INTEGER NOT NULL, case_id VARCHAR(32) NOT NULL, number TEXT NOT NULL, victims TEXT NOT NULL,
      victim_count INTEGER NOT NULL, child BOOLEAN NOT NULL, risk VARCHAR(40) NOT NULL,
      risk_order INTEGER NOT NULL, status VARCHAR(40) NOT NULL, exploitation TEXT NOT NULL,
      next_kind VARCHAR(20) NOT NULL, next_code VARCHAR(40) NOT NULL, due VARCHAR(10) NOT NULL,
      lead TEXT NOT NULL, office VARCHAR(32) NOT NULL, reported_at BIGINT, last_at BIGINT, PRIMARY KEY (n),
      UNIQUE (case_id)
    )
    """,
    "CREATE INDEX ix_case_row_due ON case_row (due)",
    "CREATE INDEX ix_case_row_last_at ON case_row (last_at)",
    "CREATE INDEX ix_case_row_number ON case_row (number)",
    "CREATE INDEX ix_case_row_reported_at ON case_row (reported_at)",
    "CREATE INDEX ix_case_row_risk_order ON case_row (risk_order)",
    "CREATE INDEX ix_case_row_status ON case_row (status)",
    """
    CREATE TABLE "conflict" (
      about_kind TEXT, about_id VARCHAR(32), about_field TEXT, kept TEXT, kept_by TEXT, kept_at BIGINT,
      other TEXT, other_by TEXT, other_at BIGINT, settled VARCHAR(40), settled_by TEXT, case_id VARCHAR(32),
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    'CREATE INDEX ix_conflict_about_id ON "conflict" (about_id)',
    'CREATE INDEX ix_conflict_case_id ON "conflict" (case_id)',
    """
    CREATE TABLE consent (
      person_id VARCHAR(32), purpose VARCHAR(40), decision VARCHAR(40), recipient VARCHAR(32), tiers TEXT,
      given_by VARCHAR(40), decided_at BIGINT, valid_until VARCHAR(10), method VARCHAR(40), withdraws VARCHAR(32),
      note TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32),
      extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_consent_case_id ON consent (case_id)",
    "CREATE INDEX ix_consent_person_id ON consent (person_id)",
    """
    CREATE TABLE draft (
      id VARCHAR(32) NOT NULL, form VARCHAR(40) NOT NULL, record VARCHAR(32), user VARCHAR(32) NOT NULL,
      saved_at BIGINT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE export (
      id VARCHAR(32) NOT NULL, at BIGINT NOT NULL, user VARCHAR(32) NOT NULL, report VARCHAR(40) NOT NULL,
      record VARCHAR(32), profile VARCHAR(20) NOT NULL, recipient TEXT NOT NULL, purpose TEXT NOT NULL,
      sha256 VARCHAR(64) NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE feed (
      scope VARCHAR(32) NOT NULL, cursor TEXT NOT NULL, epoch VARCHAR(32) NOT NULL, seq INTEGER NOT NULL,
      receipt BLOB, proven_at BIGINT, PRIMARY KEY (scope)
    )
    """,
    """
    CREATE TABLE note (
      person_id VARCHAR(32), note_kind VARCHAR(40), at BIGINT, text TEXT, case_id VARCHAR(32),
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_note_case_id ON note (case_id)",
    """
    CREATE TABLE office (
      code TEXT, name TEXT, agency_type VARCHAR(40), region VARCHAR(13), address TEXT, phone VARCHAR(20),
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE operation (
      seq INTEGER NOT NULL, kind VARCHAR(20) NOT NULL, record VARCHAR(32) NOT NULL, case_id VARCHAR(32),
      base_rev INTEGER NOT NULL, new BOOLEAN NOT NULL, changes BLOB NOT NULL, "before" BLOB NOT NULL,
      actor VARCHAR(32) NOT NULL, actor_name TEXT NOT NULL, at BIGINT NOT NULL, batch INTEGER, idx INTEGER,
      result VARCHAR(12), result_code VARCHAR(40), result_field VARCHAR(40), result_rev INTEGER,
      settled BOOLEAN NOT NULL, PRIMARY KEY (seq)
    )
    """,
    "CREATE INDEX ix_operation_batch ON operation (batch)",
    "CREATE INDEX ix_operation_case_id ON operation (case_id)",
    "CREATE INDEX ix_operation_record ON operation (record)",
    "CREATE INDEX ix_operation_result ON operation (result)",
    """
    CREATE TABLE partial_segment (
      scope VARCHAR(32) NOT NULL, cursor TEXT NOT NULL, digest VARCHAR(64) NOT NULL, total INTEGER NOT NULL,
      data BLOB NOT NULL, PRIMARY KEY (scope)
    )
    """,
    """
    CREATE TABLE party (
      person_id VARCHAR(32), role VARCHAR(40), relation VARCHAR(40), network_role VARCHAR(40),
      trafficking_status VARCHAR(40), case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL,
      scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_party_case_id ON party (case_id)",
    "CREATE INDEX ix_party_person_id ON party (person_id)",
    """
    CREATE TABLE person (
      name TEXT, alias TEXT, sex VARCHAR(40), birth_date VARCHAR(10), age INTEGER, nik VARCHAR(16),
      family_card VARCHAR(16), nationality VARCHAR(40), region VARCHAR(13), address TEXT, phone VARCHAR(20),
      contact_safety VARCHAR(40), contact_note TEXT, education VARCHAR(40), occupation VARCHAR(40),
      marital_status VARCHAR(40), religion VARCHAR(40), disability TEXT, health TEXT, name_key VARCHAR(80),
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_person_name_key ON person (name_key)",
    """
    CREATE TABLE referral (
      person_id VARCHAR(32), to_office VARCHAR(32), to_agency VARCHAR(32), to_person TEXT, reason VARCHAR(40),
      urgency VARCHAR(40), services TEXT, due_at BIGINT, tiers TEXT, consent_id VARCHAR(32), message TEXT,
      case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB,
      made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_referral_case_id ON referral (case_id)",
    "CREATE INDEX ix_referral_person_id ON referral (person_id)",
    "CREATE INDEX ix_referral_to_office ON referral (to_office)",
    """
    CREATE TABLE referral_event (
      referral_id VARCHAR(32), step VARCHAR(40), at BIGINT, reason VARCHAR(40), outcome VARCHAR(40),
      feedback TEXT, on_paper BOOLEAN, case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL,
      scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_referral_event_case_id ON referral_event (case_id)",
    "CREATE INDEX ix_referral_event_referral_id ON referral_event (referral_id)",
    """
    CREATE TABLE screening (
      person_id VARCHAR(32), process TEXT, means TEXT, purpose TEXT, indicators TEXT, child BOOLEAN,
      conclusion VARCHAR(40), concluded_at BIGINT, reasoning TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT NULL,
      rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32),
      PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_screening_case_id ON screening (case_id)",
    "CREATE INDEX ix_screening_person_id ON screening (person_id)",
    """
    CREATE TABLE service (
      person_id VARCHAR(32), service_type VARCHAR(40), need VARCHAR(40), goal TEXT, provider_id VARCHAR(32),
      due VARCHAR(10), state VARCHAR(40), done_at BIGINT, result TEXT, place TEXT, case_id VARCHAR(32),
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_service_case_id ON service (case_id)",
    "CREATE INDEX ix_service_person_id ON service (person_id)",
    """
    CREATE TABLE setting (
      name VARCHAR(60) NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE shadow (
      record VARCHAR(32) NOT NULL, kind VARCHAR(20) NOT NULL, scope VARCHAR(32), rev INTEGER NOT NULL,
      content BLOB NOT NULL, PRIMARY KEY (record)
    )
    """,
    """
    CREATE TABLE user_account (
      login TEXT, name TEXT, role VARCHAR(40), active BOOLEAN, id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL,
      scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
)
SEARCH = (
    "CREATE VIRTUAL TABLE case_fts USING fts5(text, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    "INSERT INTO case_fts(case_fts, rank) VALUES('secure-delete', 1)",
    "INSERT INTO case_fts(case_fts, rank) VALUES('pgsz', 3950)",
)
