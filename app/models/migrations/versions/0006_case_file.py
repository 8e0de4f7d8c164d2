"""The whole case file: its records, and what was added to the older ones."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the new tables, and add the new columns."""
    for statement in (*TABLES, *COLUMNS, *SEARCH):
        op.execute(statement)


TABLES = (
    """
    CREATE TABLE import_batch (
      id VARCHAR(32) NOT NULL, at BIGINT NOT NULL, user VARCHAR(32) NOT NULL, user_name TEXT NOT NULL,
      file TEXT NOT NULL, sheet TEXT NOT NULL, rows INTEGER NOT NULL, cases INTEGER NOT NULL, first INTEGER NOT NULL,
      last INTEGER NOT NULL, undone_at BIGINT, PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE assessment (
      person_id VARCHAR(32), at BIGINT, risk VARCHAR(40), needs TEXT, urgent_needs TEXT, strengths TEXT, own_words
      TEXT, wishes TEXT, danger TEXT, health TEXT, summary TEXT, again_on VARCHAR(10), case_id VARCHAR(32), id
      VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_assessment_again_on ON assessment (again_on)",
    "CREATE INDEX ix_assessment_case_id ON assessment (case_id)",
    "CREATE INDEX ix_assessment_person_id ON assessment (person_id)",
    "CREATE INDEX ix_assessment_place ON assessment (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE goal (
      person_id VARCHAR(32), need VARCHAR(40), goal TEXT, wanted_by VARCHAR(10), agreed BOOLEAN, state VARCHAR(40),
      ended_at VARCHAR(10), result TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope
      VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_goal_case_id ON goal (case_id)",
    "CREATE INDEX ix_goal_person_id ON goal (person_id)",
    "CREATE INDEX ix_goal_place ON goal (scope, rev) WHERE rev > 0",
    "CREATE INDEX ix_goal_wanted_by ON goal (wanted_by)",
    """
    CREATE TABLE safety_plan (
      person_id VARCHAR(32), at BIGINT, dangers TEXT, signs TEXT, steps TEXT, safe_places TEXT, contacts TEXT,
      code_word TEXT, take_along TEXT, review_on VARCHAR(10), case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev
      INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY
      KEY (id)
    )
    """,
    "CREATE INDEX ix_safety_plan_case_id ON safety_plan (case_id)",
    "CREATE INDEX ix_safety_plan_person_id ON safety_plan (person_id)",
    "CREATE INDEX ix_safety_plan_place ON safety_plan (scope, rev) WHERE rev > 0",
    "CREATE INDEX ix_safety_plan_review_on ON safety_plan (review_on)",
    """
    CREATE TABLE conference (
      at BIGINT, place TEXT, participants TEXT, agenda TEXT, decisions TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT
      NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office
      VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_conference_case_id ON conference (case_id)",
    "CREATE INDEX ix_conference_place ON conference (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE approval (
      subject VARCHAR(40), asked_at BIGINT, request TEXT, decision VARCHAR(40), decided_at BIGINT, decided_by TEXT,
      note TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB,
      made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_approval_case_id ON approval (case_id)",
    "CREATE INDEX ix_approval_place ON approval (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE flag (
      reason VARCHAR(40), text TEXT, until VARCHAR(10), lowered_at BIGINT, lowered_by TEXT, case_id VARCHAR(32), id
      VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_flag_case_id ON flag (case_id)",
    "CREATE INDEX ix_flag_place ON flag (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE task (
      person_id VARCHAR(32), rule TEXT, source VARCHAR(32), title TEXT, assignee VARCHAR(32), ready_from VARCHAR(10),
      due VARCHAR(10), fails_after VARCHAR(10), done_at BIGINT, cancelled_at BIGINT, result TEXT, case_id VARCHAR(32),
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_task_assignee ON task (assignee)",
    "CREATE INDEX ix_task_case_id ON task (case_id)",
    "CREATE INDEX ix_task_due ON task (due)",
    "CREATE INDEX ix_task_person_id ON task (person_id)",
    "CREATE INDEX ix_task_place ON task (scope, rev) WHERE rev > 0",
    "CREATE INDEX ix_task_rule ON task (rule)",
    "CREATE INDEX ix_task_source ON task (source)",
    """
    CREATE TABLE holiday (
      day VARCHAR(10), name TEXT, cancelled BOOLEAN, id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32),
      extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_holiday_place ON holiday (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE deadline_limit (
      rule TEXT, amount INTEGER, unit VARCHAR(40), active BOOLEAN, id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL,
      scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_deadline_limit_place ON deadline_limit (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE legal_step (
      person_id VARCHAR(32), stage VARCHAR(40), day VARCHAR(10), institution TEXT, report_number TEXT, court_number
      TEXT, articles TEXT, officer TEXT, months INTEGER, fine INTEGER, outcome TEXT, told_at VARCHAR(10), case_id
      VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT,
      made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_legal_step_case_id ON legal_step (case_id)",
    "CREATE INDEX ix_legal_step_day ON legal_step (day)",
    "CREATE INDEX ix_legal_step_person_id ON legal_step (person_id)",
    "CREATE INDEX ix_legal_step_place ON legal_step (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE hearing (
      person_id VARCHAR(32), at BIGINT, hearing_kind VARCHAR(40), place TEXT, attends VARCHAR(40), companion TEXT,
      interpreter BOOLEAN, postponed BOOLEAN, result TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER
      NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_hearing_at ON hearing (at)",
    "CREATE INDEX ix_hearing_case_id ON hearing (case_id)",
    "CREATE INDEX ix_hearing_person_id ON hearing (person_id)",
    "CREATE INDEX ix_hearing_place ON hearing (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE victim_right (
      person_id VARCHAR(32), right_code VARCHAR(40), state VARCHAR(40), day VARCHAR(10), note TEXT, case_id
      VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT,
      made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_victim_right_case_id ON victim_right (case_id)",
    "CREATE INDEX ix_victim_right_person_id ON victim_right (person_id)",
    "CREATE INDEX ix_victim_right_place ON victim_right (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE restitution (
      person_id VARCHAR(32), step VARCHAR(40), day VARCHAR(10), amount INTEGER, institution TEXT, number TEXT, sexual
      BOOLEAN, copy_on VARCHAR(10), note TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL,
      scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_restitution_case_id ON restitution (case_id)",
    "CREATE INDEX ix_restitution_day ON restitution (day)",
    "CREATE INDEX ix_restitution_person_id ON restitution (person_id)",
    "CREATE INDEX ix_restitution_place ON restitution (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE empowerment (
      person_id VARCHAR(32), opportunity VARCHAR(40), interest TEXT, skills TEXT, detail TEXT, provider_id
      VARCHAR(32), offered_on VARCHAR(10), answer VARCHAR(40), answered_on VARCHAR(10), reason TEXT, started_on
      VARCHAR(10), ended_on VARCHAR(10), outcome VARCHAR(40), outcome_on VARCHAR(10), outcome_note TEXT, case_id
      VARCHAR(32), id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT,
      made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_empowerment_case_id ON empowerment (case_id)",
    "CREATE INDEX ix_empowerment_ended_on ON empowerment (ended_on)",
    "CREATE INDEX ix_empowerment_person_id ON empowerment (person_id)",
    "CREATE INDEX ix_empowerment_place ON empowerment (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE transfer (
      to_office VARCHAR(32), from_office VARCHAR(32), reason VARCHAR(40), message TEXT, number TEXT, case_id VARCHAR(32),
      id VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_transfer_case_id ON transfer (case_id)",
    "CREATE INDEX ix_transfer_place ON transfer (scope, rev) WHERE rev > 0",
    "CREATE INDEX ix_transfer_to_office ON transfer (to_office)",
    """
    CREATE TABLE transfer_event (
      transfer_id VARCHAR(32), step VARCHAR(40), at BIGINT, note TEXT, case_id VARCHAR(32), id VARCHAR(32) NOT NULL,
      rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32),
      PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_transfer_event_case_id ON transfer_event (case_id)",
    "CREATE INDEX ix_transfer_event_place ON transfer_event (scope, rev) WHERE rev > 0",
    "CREATE INDEX ix_transfer_event_transfer_id ON transfer_event (transfer_id)",
    """
    CREATE TABLE person_match (
      kept VARCHAR(32), gone VARCHAR(32), decision VARCHAR(40), chosen TEXT, decided_at BIGINT, undone_at BIGINT, id
      VARCHAR(32) NOT NULL, rev INTEGER NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT,
      made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_person_match_gone ON person_match (gone)",
    "CREATE INDEX ix_person_match_kept ON person_match (kept)",
    "CREATE INDEX ix_person_match_place ON person_match (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE code_entry (
      codelist TEXT, code TEXT, label_id TEXT, label_en TEXT, retired BOOLEAN, id VARCHAR(32) NOT NULL, rev INTEGER
      NOT NULL, scope VARCHAR(32), extra BLOB, made_at BIGINT, made_by TEXT, made_office VARCHAR(32), PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_code_entry_place ON code_entry (scope, rev) WHERE rev > 0",
    """
    CREATE TABLE due_row (
      n INTEGER NOT NULL, case_id VARCHAR(32) NOT NULL, rule VARCHAR(40) NOT NULL, kind VARCHAR(20) NOT NULL, source
      VARCHAR(32) NOT NULL, person_id VARCHAR(32) NOT NULL, due VARCHAR(10) NOT NULL, due_at BIGINT NOT NULL,
      ready_from VARCHAR(10) NOT NULL, fails_after VARCHAR(10) NOT NULL, who VARCHAR(80) NOT NULL, office VARCHAR(32)
      NOT NULL, to_office VARCHAR(32) NOT NULL, code VARCHAR(40) NOT NULL, PRIMARY KEY (n)
    )
    """,
    "CREATE INDEX ix_due_row_case_id ON due_row (case_id)",
    "CREATE INDEX ix_due_row_due_at ON due_row (due_at)",
    "CREATE INDEX ix_due_row_who ON due_row (who)",
    """
    CREATE TABLE person_row (
      n INTEGER NOT NULL, person_id VARCHAR(32) NOT NULL, name_key TEXT NOT NULL, alias_key TEXT NOT NULL, birth_date
      VARCHAR(10) NOT NULL, birth_year INTEGER, sex VARCHAR(40) NOT NULL, region VARCHAR(13) NOT NULL, village TEXT NOT
      NULL, looked BOOLEAN NOT NULL, PRIMARY KEY (n), UNIQUE (person_id)
    )
    """,
    "CREATE INDEX ix_person_row_birth_date ON person_row (birth_date)",
    "CREATE INDEX ix_person_row_looked ON person_row (n) WHERE looked = 0",
    "CREATE INDEX ix_person_row_name ON person_row (name_key, birth_year)",
    "CREATE INDEX ix_person_row_village ON person_row (village, birth_year)",
    """
    CREATE TABLE person_key (
      person_id VARCHAR(32) NOT NULL, kind VARCHAR(20) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (person_id, kind,
      value)
    )
    """,
    "CREATE INDEX ix_person_key_value ON person_key (value)",
    """
    CREATE TABLE likely_pair (
      a VARCHAR(32) NOT NULL, b VARCHAR(32) NOT NULL, score INTEGER NOT NULL, PRIMARY KEY (a, b)
    )
    """,
    "CREATE INDEX ix_likely_pair_b ON likely_pair (b)",
    "CREATE INDEX ix_likely_pair_score ON likely_pair (score)",
)

COLUMNS = (
    "ALTER TABLE case_row ADD COLUMN referred BOOLEAN",
    "ALTER TABLE person ADD COLUMN patronymic TEXT",
    "ALTER TABLE person ADD COLUMN age_on VARCHAR(10)",
    "ALTER TABLE person ADD COLUMN birth_place TEXT",
    "ALTER TABLE person ADD COLUMN documents TEXT",
    "ALTER TABLE person ADD COLUMN passport TEXT",
    "ALTER TABLE person ADD COLUMN village TEXT",
    "ALTER TABLE person ADD COLUMN other_phone VARCHAR(20)",
    "ALTER TABLE person ADD COLUMN account TEXT",
    "ALTER TABLE person ADD COLUMN bank_account TEXT",
    "ALTER TABLE person ADD COLUMN language TEXT",
    "CREATE INDEX ix_person_account ON person (account)",
    "CREATE INDEX ix_person_bank_account ON person (bank_account)",
    "CREATE INDEX ix_person_other_phone ON person (other_phone)",
    "CREATE INDEX ix_person_phone ON person (phone)",
    "CREATE INDEX ix_person_village ON person (village)",
    "ALTER TABLE party ADD COLUMN vulnerability TEXT",
    "ALTER TABLE party ADD COLUMN forced_offence VARCHAR(40)",
    "ALTER TABLE case_file ADD COLUMN old_number TEXT",
    "CREATE INDEX ix_case_file_old_number ON case_file (old_number)",
    "ALTER TABLE case_file ADD COLUMN reported_to TEXT",
    "ALTER TABLE case_file ADD COLUMN met_at BIGINT",
    "ALTER TABLE case_file ADD COLUMN recruited_on VARCHAR(10)",
    "ALTER TABLE case_file ADD COLUMN freed_on VARCHAR(10)",
    "ALTER TABLE case_file ADD COLUMN sector VARCHAR(40)",
    "ALTER TABLE case_file ADD COLUMN debt INTEGER",
    "ALTER TABLE case_file ADD COLUMN papers VARCHAR(40)",
    "ALTER TABLE case_file ADD COLUMN vessel TEXT",
    "ALTER TABLE case_file ADD COLUMN origin_village TEXT",
    "ALTER TABLE case_file ADD COLUMN categories TEXT",
    "ALTER TABLE service ADD COLUMN goal_id VARCHAR(32)",
    "ALTER TABLE service ADD COLUMN from_on VARCHAR(10)",
    "ALTER TABLE service ADD COLUMN until_on VARCHAR(10)",
    "ALTER TABLE service ADD COLUMN cost INTEGER",
    "CREATE INDEX ix_service_goal_id ON service (goal_id)",
    "ALTER TABLE referral ADD COLUMN override TEXT",
    "ALTER TABLE referral ADD COLUMN override_ground VARCHAR(40)",
    "ALTER TABLE referral ADD COLUMN parts TEXT",
    "ALTER TABLE referral_event ADD COLUMN paper_on VARCHAR(10)",
    "ALTER TABLE consent ADD COLUMN evidence VARCHAR(32)",
    "ALTER TABLE consent ADD COLUMN guardian_id VARCHAR(32)",
    "ALTER TABLE consent ADD COLUMN assent VARCHAR(40)",
    "ALTER TABLE agency ADD COLUMN address TEXT",
    "ALTER TABLE agency ADD COLUMN contact TEXT",
    "ALTER TABLE agency ADD COLUMN cost TEXT",
    "ALTER TABLE agency ADD COLUMN criteria TEXT",
    "ALTER TABLE agency ADD COLUMN capacity INTEGER",
    "ALTER TABLE agency ADD COLUMN checked_on VARCHAR(10)",
    "ALTER TABLE agency ADD COLUMN closed BOOLEAN",
)

# Derived by the program from the records, when it opens a file that has none of it yet.
SEARCH = (
    "DROP TABLE case_fts",
    "CREATE VIRTUAL TABLE case_fts USING fts5(names, text, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    "INSERT INTO case_fts(case_fts, rank) VALUES('secure-delete', 1)",
    "INSERT INTO case_fts(case_fts, rank) VALUES('pgsz', 3950)",
    "CREATE VIRTUAL TABLE person_fts USING fts5(names, tokenize='trigram')",
    "INSERT INTO person_fts(person_fts, rank) VALUES('secure-delete', 1)",
    "INSERT INTO person_fts(person_fts, rank) VALUES('pgsz', 3950)",
)
