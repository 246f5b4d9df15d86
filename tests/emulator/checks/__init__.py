"""The checks, by subject."""

from . import (
    config,
    control,
    credentials,
    deliveries,
    ec2,
    faults,
    iam,
    kms,
    monitoring,
    protocols,
    regions,
    roles,
    s3,
    s3_buckets,
    trails,
)
from .lab import CHECKS

__all__ = [
    "CHECKS",
    "config",
    "control",
    "credentials",
    "deliveries",
    "ec2",
    "faults",
    "iam",
    "kms",
    "monitoring",
    "protocols",
    "regions",
    "roles",
    "s3",
    "s3_buckets",
    "trails",
]
