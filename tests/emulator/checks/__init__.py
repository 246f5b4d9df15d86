"""The checks, by subject."""

from . import control, credentials, ec2, faults, iam, kms, monitoring, protocols, s3, trails
from .lab import CHECKS

__all__ = ["CHECKS", "control", "credentials", "ec2", "faults", "iam", "kms", "monitoring", "protocols", "s3", "trails"]
