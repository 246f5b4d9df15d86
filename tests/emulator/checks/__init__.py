"""The checks, by subject."""

from . import (
    alarms,
    config,
    control,
    credentials,
    deliveries,
    ec2,
    faults,
    iam,
    kms,
    logs,
    protocols,
    regions,
    roles,
    s3,
    s3_buckets,
    topics,
    trails,
)
from .lab import CHECKS

__all__ = [
    "CHECKS",
    "alarms",
    "config",
    "control",
    "credentials",
    "deliveries",
    "ec2",
    "faults",
    "iam",
    "kms",
    "logs",
    "protocols",
    "regions",
    "roles",
    "s3",
    "s3_buckets",
    "topics",
    "trails",
]
