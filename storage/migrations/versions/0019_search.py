"""One full text of cases, mails, notes, activities, customers and articles: see storage/fulltext.

What is there already is taken in here, a batch at a time and the oldest first, because the newest entries have the highest
numbers. Whoever makes one of the tables below anew on SQLite (batch mode with `recreate`) must make its triggers anew as well.
"""

from __future__ import annotations

from alembic import op

from storage.fulltext.filling import fill

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The words last: the other columns are read without the pages that those overflow into.
SQLITE_TABLE = (
    "CREATE TABLE search_entry (id INTEGER PRIMARY KEY AUTOINCREMENT, kind VARCHAR(10) NOT NULL,"
    " object_id CHAR(32) NOT NULL UNIQUE, case_id CHAR(32), at DATETIME NOT NULL, head TEXT NOT NULL, body TEXT NOT NULL)"
)
# What is no sign of ASCII is part of a word here, and ASCII's letters and digits are: as `storage.fulltext.words` has it.
SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(head, body, content = 'search_entry', content_rowid = 'id',"
    " tokenize = 'ascii', detail = 'column')"
)
INDEX_NEW = "INSERT INTO search_fts (rowid, head, body) VALUES (new.id, new.head, new.body);"
FORGET_OLD = "INSERT INTO search_fts (search_fts, rowid, head, body) VALUES ('delete', old.id, old.head, old.body);"
SQLITE_TRIGGERS = {
    "search_entry_insert": f"AFTER INSERT ON search_entry BEGIN {INDEX_NEW} END",
    "search_entry_update": "AFTER UPDATE OF head, body ON search_entry"
    f" WHEN new.head <> old.head OR new.body <> old.body BEGIN {FORGET_OLD} {INDEX_NEW} END",
    "search_entry_delete": f"AFTER DELETE ON search_entry BEGIN {FORGET_OLD} END",
}
POSTGRESQL_TABLE = (
    "CREATE TABLE search_entry (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind VARCHAR(10) NOT NULL,"
    " object_id UUID NOT NULL UNIQUE, case_id UUID, at TIMESTAMPTZ NOT NULL, head TSVECTOR NOT NULL, body TSVECTOR NOT NULL)"
)
TABLES = ("service_case", "email_message", "timeline_entry", "activity", "account", "contact", "article_version")
"""Whose rows are found."""
MOVING = ("email_message", "timeline_entry", "activity")
"""Whose rows may go to another case."""
FORGOTTEN = "DELETE FROM search_entry WHERE object_id = old.id;"
MOVED = "UPDATE search_entry SET case_id = new.case_id WHERE object_id = new.id;"
POSTGRESQL_TRIGGERS = {
    "forget_found": f"BEGIN {FORGOTTEN} RETURN NULL; END",
    "move_found": f"BEGIN {MOVED} RETURN NULL; END",
}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in (SQLITE_TABLE, SQLITE_INDEX) if sqlite else (POSTGRESQL_TABLE,):
        op.execute(statement)
    for name, body in SQLITE_TRIGGERS.items() if sqlite else ():
        op.execute(f"CREATE TRIGGER {name} {body}")
    for name, body in POSTGRESQL_TRIGGERS.items() if not sqlite else ():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    fill(op.get_bind())
    op.execute("CREATE INDEX ix_search_entry_at ON search_entry (at, id)")
    if not sqlite:
        for column in ("head", "body"):
            op.execute(f"CREATE INDEX ix_search_entry_{column} ON search_entry USING gin ({column})")
    for table in TABLES:
        doing = f"BEGIN {FORGOTTEN} END" if sqlite else "FOR EACH ROW EXECUTE FUNCTION forget_found()"
        op.execute(f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} {doing}")
    changed = "old.case_id IS NOT new.case_id" if sqlite else "old.case_id IS DISTINCT FROM new.case_id"
    doing = (
        f"WHEN {changed} BEGIN {MOVED} END"
        if sqlite
        else f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION move_found()"
    )
    for table in MOVING:
        op.execute(f"CREATE TRIGGER {table}_search_move AFTER UPDATE OF case_id ON {table} {doing}")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_search_delete{'' if sqlite else f' ON {table}'}")
    for table in MOVING:
        op.execute(f"DROP TRIGGER {table}_search_move{'' if sqlite else f' ON {table}'}")
    if sqlite:
        for name in SQLITE_TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE search_fts")
    op.execute("DROP TABLE search_entry")
    for name in POSTGRESQL_TRIGGERS if not sqlite else ():
        op.execute(f"DROP FUNCTION {name}")
