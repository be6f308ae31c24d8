"""What is part of what: the holder of a device, its slot there, and what each device claims."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; claims come with the next sweep that changes components."""
    for name in ("part_of", "slot", "inside"):
        op.add_column("device", sa.Column(name, sa.String(), nullable=True))
    op.create_index("ix_device_part_of_id", "device", ["part_of", "id"])
    op.create_table(
        "device_claim",
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_device_claim_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("identifier", "device_id", name="pk_device_claim"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_device_claim_device_id", "device_claim", ["device_id"])


def downgrade() -> None:
    """Forget what is part of what."""
    op.drop_table("device_claim")
    op.drop_index("ix_device_part_of_id", "device")
    with op.batch_alter_table("device") as device:
        for name in ("part_of", "slot", "inside"):
            device.drop_column(name)
