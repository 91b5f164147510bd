"""An index of the words of customers' names and addresses, so that their cases are found by them.

As those of titles (0005): kept a second time, folded, in a table of their own, which triggers keep in step. Whoever makes
`account` or `contact` anew on SQLite (batch mode with `recreate`) must make their triggers anew as well.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = {"account": "{row}.name", "contact": "{row}.name || ' ' || {row}.email"}
"""What a customer is found by, of a row of each table."""

SQLITE_TABLES = (
    "CREATE TABLE customer_text (id INTEGER PRIMARY KEY, customer_id CHAR(32) NOT NULL UNIQUE, words TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE customer_fts USING fts5(words, content = 'customer_text', content_rowid = 'id', tokenize = 'trigram')",
)
INDEX_NEW = "INSERT INTO customer_fts (rowid, words) VALUES (new.id, new.words);"
FORGET_OLD = "INSERT INTO customer_fts (customer_fts, rowid, words) VALUES ('delete', old.id, old.words);"
SQLITE_TRIGGERS = {
    "customer_text_insert": f"AFTER INSERT ON customer_text BEGIN {INDEX_NEW} END",
    "customer_text_update": f"AFTER UPDATE ON customer_text BEGIN {FORGET_OLD} {INDEX_NEW} END",
    "customer_text_delete": f"AFTER DELETE ON customer_text BEGIN {FORGET_OLD} END",
}

POSTGRESQL_TABLE = "CREATE TABLE customer_text (customer_id UUID PRIMARY KEY, words TEXT NOT NULL)"
POSTGRESQL_KEEP = """
CREATE FUNCTION keep_{table}_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM customer_text WHERE customer_id = old.id;
        RETURN NULL;
    END IF;
    INSERT INTO customer_text (customer_id, words) VALUES (new.id, folded({words}))
    ON CONFLICT (customer_id) DO UPDATE SET words = excluded.words WHERE customer_text.words <> excluded.words;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TABLES if sqlite else (POSTGRESQL_TABLE,):
        op.execute(statement)
    for name, body in SQLITE_TRIGGERS.items() if sqlite else ():
        op.execute(f"CREATE TRIGGER {name} {body}")
    for table, words in WORDS.items():
        _keep(table, words, sqlite=sqlite)
        old = words.format(row=table)
        op.execute(f"INSERT INTO customer_text (customer_id, words) SELECT id, folded({old}) FROM {table}")  # noqa: S608
    if not sqlite:
        op.execute("CREATE INDEX ix_customer_text_words ON customer_text USING gin (words gin_trgm_ops)")


def _keep(table: str, words: str, *, sqlite: bool) -> None:
    new = words.format(row="new")
    if not sqlite:
        op.execute(POSTGRESQL_KEEP.format(table=table, words=new))
        op.execute(
            f"CREATE TRIGGER {table}_text AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_{table}_text()"
        )
        return
    insert = f"INSERT INTO customer_text (customer_id, words) VALUES (new.id, folded({new}));"  # noqa: S608
    update = f"UPDATE customer_text SET words = folded({new}) WHERE customer_id = new.id;"  # noqa: S608
    delete = "DELETE FROM customer_text WHERE customer_id = old.id;"
    changed = f"WHEN {new} <> {words.format(row='old')}"
    op.execute(f"CREATE TRIGGER {table}_text_insert AFTER INSERT ON {table} BEGIN {insert} END")
    op.execute(f"CREATE TRIGGER {table}_text_update AFTER UPDATE ON {table} {changed} BEGIN {update} END")
    op.execute(f"CREATE TRIGGER {table}_text_delete AFTER DELETE ON {table} BEGIN {delete} END")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in WORDS:
        if sqlite:
            for name in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_text_{name}")
        else:
            op.execute(f"DROP TRIGGER {table}_text ON {table}")
            op.execute(f"DROP FUNCTION keep_{table}_text")
    if sqlite:
        for name in reversed(SQLITE_TRIGGERS):
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE customer_fts")
    op.execute("DROP TABLE customer_text")
