"""First schema: endpoints, devices and what hangs on them, discoveries, enrollments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "device",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("driver", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("uuid", sa.String(), nullable=True),
        sa.Column("serial", sa.String(), nullable=True),
        sa.Column("serial_key", sa.String(), nullable=True),
        sa.Column("manufacturer", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("macs", sa.String(), nullable=False),
        sa.Column("manager_id", sa.String(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("part_number", sa.String(), nullable=True),
        sa.Column("asset_tag", sa.String(), nullable=True),
        sa.Column("hostname", sa.String(), nullable=True),
        sa.Column("bios_version", sa.String(), nullable=True),
        sa.Column("bmc_version", sa.String(), nullable=True),
        sa.Column("architecture", sa.String(), nullable=True),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("power_state", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("row", sa.String(), nullable=True),
        sa.Column("rack", sa.String(), nullable=True),
        sa.Column("unit", sa.Integer(), nullable=True),
        sa.Column("stale", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("components_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
    )
    op.create_index("ix_device_driver_id", "device", ["driver", "id"])
    op.create_index("ix_device_endpoint_id_id", "device", ["endpoint_id", "id"])
    op.create_index("ix_device_health_id", "device", ["health", "id"])
    op.create_index("ix_device_kind_id", "device", ["kind", "id"])
    op.create_index("ix_device_serial_key", "device", ["serial_key"])
    op.create_index("ix_device_site_rack_id", "device", ["site", "rack", "id"])
    op.create_index("ix_device_state_id", "device", ["state", "id"])
    op.create_index("ix_device_uuid", "device", ["uuid"])
    op.create_index("ix_device_vendor_id", "device", ["vendor", "id"])
    op.create_table(
        "discovery_run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("targets", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("probed", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_discovery_run"),
    )
    op.create_index("ix_discovery_run_started_at_id", "discovery_run", ["started_at", "id"])
    op.create_table(
        "endpoint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("labels", sa.String(), nullable=False),
        sa.Column("driver", sa.String(), nullable=True),
        sa.Column("root", sa.String(), nullable=True),
        sa.Column("reach", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("login_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("login_failed_credential", sa.String(), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sweep_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_endpoint"),
        sa.UniqueConstraint("address", name="uq_endpoint_address"),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sweep_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_change_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_at", "change", ["at"])
    op.create_index("ix_change_device_id_id", "change", ["device_id", "id"])
    op.create_table(
        "component",
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("manufacturer", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("serial", sa.String(), nullable=True),
        sa.Column("part_number", sa.String(), nullable=True),
        sa.Column("firmware_version", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("attributes", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_component_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_id", "kind", "key", name="pk_component"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "device_mac",
        sa.Column("mac", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_device_mac_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mac", "device_id", name="pk_device_mac"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_device_mac_device_id", "device_mac", ["device_id"])
    op.create_table(
        "document",
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_document_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_id", name="pk_document"),
    )
    op.create_table(
        "enrollment",
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("node_uuid", sa.String(), nullable=True),
        sa.Column("provision_state", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_salt", sa.LargeBinary(), nullable=True),
        sa.Column("password_digest", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_enrollment_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_id", name="pk_enrollment"),
    )
    op.create_index("ix_enrollment_node_uuid", "enrollment", ["node_uuid"])
    op.create_index("ix_enrollment_standing_device_id", "enrollment", ["standing", "device_id"])


def downgrade() -> None:
    """Drop them; each takes its indexes along."""
    op.drop_table("enrollment")
    op.drop_table("document")
    op.drop_table("device_mac")
    op.drop_table("component")
    op.drop_table("change")
    op.drop_table("endpoint")
    op.drop_table("discovery_run")
    op.drop_table("device")
