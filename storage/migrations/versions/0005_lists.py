"""An index path for each filter and order of the list of cases, and an index of the words of their titles.

Whoever makes `service_case` anew on SQLite (batch mode with `recreate`) must make its triggers anew as well.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.folding import ALIKE, MARKS

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "service_case"
REPLACED = {
    "ix_service_case_queue_status_due": ["queue", "status", "next_due"],
    "ix_service_case_status_created": ["status", "created_on"],
    "ix_service_case_account_id": ["account_id"],
    "ix_service_case_contact_id": ["contact_id"],
    "ix_service_case_owner_id": ["owner_id"],
}
INDEXES = {
    "ix_service_case_due": ["next_due", "id"],
    "ix_service_case_created": ["created_on", "id"],
    "ix_service_case_modified": ["modified_on", "id"],
    "ix_service_case_priority": ["priority", "id"],
    "ix_service_case_status_due": ["status", "next_due", "id"],
    "ix_service_case_status_created": ["status", "created_on", "id"],
    "ix_service_case_status_modified": ["status", "modified_on", "id"],
    "ix_service_case_status_number": ["status", "number"],
    "ix_service_case_status_priority": ["status", "priority", "id"],
    "ix_service_case_queue_due": ["queue", "status", "next_due", "id"],
    "ix_service_case_queue_created": ["queue", "status", "created_on", "id"],
    "ix_service_case_queue_modified": ["queue", "status", "modified_on", "id"],
    "ix_service_case_queue_number": ["queue", "status", "number"],
    "ix_service_case_queue_priority": ["queue", "status", "priority", "id"],
    "ix_service_case_owner_due": ["owner_id", "status", "next_due", "id"],
    "ix_service_case_team_due": ["owner_team_id", "status", "next_due", "id"],
    "ix_service_case_account_due": ["account_id", "status", "next_due", "id"],
    "ix_service_case_contact_due": ["contact_id", "status", "next_due", "id"],
    "ix_service_case_priority_due": ["priority", "status", "next_due", "id"],
    "ix_service_case_sla_due": ["sla_state", "status", "next_due", "id"],
}
UNOWNED = sa.text("owner_id IS NULL AND owner_team_id IS NULL")

# Titles are kept a second time, folded, in a table of their own. A case is written many times and its title hardly ever:
# PostgreSQL would put all the title's parts into the index again with every write of its row. And on SQLite a row of
# `service_case` has no number that VACUUM keeps, as the full text needs it.
SQLITE_TABLES = (
    "CREATE TABLE case_text (id INTEGER PRIMARY KEY, case_id CHAR(32) NOT NULL UNIQUE, title TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE case_fts USING fts5(title, content = 'case_text', content_rowid = 'id', tokenize = 'trigram')",
)
INDEX_NEW = "INSERT INTO case_fts (rowid, title) VALUES (new.id, new.title);"
FORGET_OLD = "INSERT INTO case_fts (case_fts, rowid, title) VALUES ('delete', old.id, old.title);"
SQLITE_TRIGGERS = {
    "case_text_insert": f"AFTER INSERT ON case_text BEGIN {INDEX_NEW} END",
    "case_text_update": f"AFTER UPDATE ON case_text BEGIN {FORGET_OLD} {INDEX_NEW} END",
    "case_text_delete": f"AFTER DELETE ON case_text BEGIN {FORGET_OLD} END",
    "service_case_text_insert": "AFTER INSERT ON service_case BEGIN"
    " INSERT INTO case_text (case_id, title) VALUES (new.id, folded(new.title)); END",
    "service_case_text_update": "AFTER UPDATE OF title ON service_case WHEN new.title <> old.title BEGIN"
    " UPDATE case_text SET title = folded(new.title) WHERE case_id = new.id; END",
    "service_case_text_delete": "AFTER DELETE ON service_case BEGIN DELETE FROM case_text WHERE case_id = old.id; END",
}

POSTGRESQL_TABLE = (
    "CREATE TABLE case_text (case_id UUID PRIMARY KEY REFERENCES service_case (id) ON DELETE CASCADE,"
    " title TEXT NOT NULL)"
)
POSTGRESQL_KEEP = """
CREATE FUNCTION keep_case_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_text (case_id, title) VALUES (new.id, folded(new.title))
    ON CONFLICT (case_id) DO UPDATE SET title = excluded.title;
    RETURN NULL;
END $$
"""
POSTGRESQL_TRIGGER = (
    "CREATE TRIGGER service_case_text AFTER INSERT OR UPDATE OF title ON service_case"
    " FOR EACH ROW EXECUTE FUNCTION keep_case_text()"
)
COLLATIONS = ("pg_c_utf8", "und-x-icu")
"""Those that know every language's capitals; the first is PostgreSQL's own since 17, and the same on every machine."""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in REPLACED:
        op.drop_index(name, TABLE)
    if not sqlite:
        op.execute(f'ALTER TABLE {TABLE} ALTER COLUMN number TYPE VARCHAR(30) COLLATE "C"')
    for name, columns in INDEXES.items():
        op.create_index(name, TABLE, columns)
    op.create_index(
        "ix_service_case_unowned_due",
        TABLE,
        ["status", "next_due", "id"],
        sqlite_where=UNOWNED,
        postgresql_where=UNOWNED,
    )
    op.create_index("ix_queue_item_case", "queue_item", ["case_id", "queue_id"])
    keep_titles()


def keep_titles() -> None:
    """Their words, until 0021."""
    fill = "INSERT INTO case_text (case_id, title) SELECT id, folded(title) FROM service_case"
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_TABLES:
            op.execute(statement)
        for name, body in SQLITE_TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
        op.execute(fill)
    else:
        op.execute(_folding_of_postgresql())
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute(POSTGRESQL_TABLE)
        op.execute(fill)
        op.execute("CREATE INDEX ix_case_text_title ON case_text USING gin (title gin_trgm_ops)")
        op.execute(POSTGRESQL_KEEP)
        op.execute(POSTGRESQL_TRIGGER)


def _folding_of_postgresql() -> str:
    """The steps of `storage.folding.folded`, in SQL."""
    known = set(op.get_bind().scalars(sa.text("SELECT collname FROM pg_collation")))
    collation = next((f' COLLATE "{name}"' for name in COLLATIONS if name in known), "")
    plain = f"lower(translate(normalize(given, NFKD), '{MARKS}', ''){collation})"
    for letter, other in ALIKE:
        plain = f"replace({plain}, '{letter}', '{other}')"
    return (
        "CREATE FUNCTION folded(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
        f" RETURN normalize({plain}, NFC)"
    )


def downgrade() -> None:
    op.drop_index("ix_queue_item_case", "queue_item")
    for name in (*INDEXES, "ix_service_case_unowned_due"):
        op.drop_index(name, TABLE)
    drop_titles()
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f'ALTER TABLE {TABLE} ALTER COLUMN number TYPE VARCHAR(30) COLLATE "default"')
    for name, columns in REPLACED.items():
        op.create_index(name, TABLE, columns)


def drop_titles() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in reversed(SQLITE_TRIGGERS):
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE case_fts")
        op.execute("DROP TABLE case_text")
    else:
        op.execute(f"DROP TRIGGER service_case_text ON {TABLE}")
        op.execute("DROP FUNCTION keep_case_text")
        op.execute("DROP TABLE case_text")
        op.execute("DROP FUNCTION folded")
