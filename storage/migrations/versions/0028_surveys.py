"""Surveys and their answers, and the links by which customers reach their cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def _keyed() -> tuple[sa.Column[object], sa.Column[object]]:
    recorded = sa.text("(CURRENT_TIMESTAMP)")
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcInstant(timezone=True), server_default=recorded, nullable=False),
    )


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcInstant(timezone=True), nullable=nullable)


def _named(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "survey_request",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("resolution_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("survey", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        _instant("ask_on"),
        _instant("expires_on"),
        *_keyed(),
        _named("survey_request", "case_id", "service_case"),
        _named("survey_request", "resolution_id", "case_resolution"),
        _named("survey_request", "contact_id", "contact"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_request")),
        sa.UniqueConstraint("resolution_id", name=op.f("uq_survey_request_resolution_id")),
    )
    op.create_index(op.f("ix_survey_request_case_id"), "survey_request", ["case_id"])
    op.create_index("ix_survey_request_contact", "survey_request", ["contact_id", "ask_on"])
    op.create_table(
        "survey_answer",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("survey", sa.String(length=63), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("resolution_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        _instant("answered_on"),
        *_keyed(),
        _named("survey_answer", "request_id", "survey_request"),
        _named("survey_answer", "case_id", "service_case"),
        _named("survey_answer", "resolution_id", "case_resolution"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
        sa.UniqueConstraint("request_id", name=op.f("uq_survey_answer_request_id")),
    )
    op.create_index("ix_survey_answer_answered", "survey_answer", ["answered_on"])
    op.create_index(op.f("ix_survey_answer_case_id"), "survey_answer", ["case_id"])
    op.create_table(
        "customer_link",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        _instant("made_on"),
        _instant("expires_on"),
        _instant("revoked_on", nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        *_keyed(),
        _named("customer_link", "case_id", "service_case"),
        _named("customer_link", "contact_id", "contact"),
        _named("customer_link", "revoked_by", "agent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_link")),
    )
    op.create_index("ix_customer_link_case", "customer_link", ["case_id", "contact_id"])


def downgrade() -> None:
    for table in ("customer_link", "survey_answer", "survey_request"):
        op.drop_table(table)
