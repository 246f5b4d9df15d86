"""What AWS does and moto does not, one file per service. Importing this package registers all of it.

The order matters where two files have rules for one operation: the first one registered sees the call first. Paging
comes before everything, so that it cuts the list that the other rules have finished; then root, who is no user and
whose calls are none of the others'.
"""

from .. import paging  # isort: skip
from . import root_sessions  # isort: skip
from . import (
    cloudtrail,
    cloudwatch,
    composite_alarms,
    config,
    credential_report,
    ec2_regions,
    flow_logs,
    iam_groups,
    iam_limits,
    iam_passwords,
    key_policies,
    kms,
    linked_roles,
    logs,
    mfa,
    organizations,
    root,
    s3,
    s3_logging,
    security_groups,
    sns,
    sns_topics,
    sts,
    trail_status,
)

__all__ = [
    "cloudtrail",
    "cloudwatch",
    "composite_alarms",
    "config",
    "credential_report",
    "ec2_regions",
    "flow_logs",
    "iam_groups",
    "iam_limits",
    "iam_passwords",
    "key_policies",
    "kms",
    "linked_roles",
    "logs",
    "mfa",
    "organizations",
    "paging",
    "root",
    "root_sessions",
    "s3",
    "s3_logging",
    "security_groups",
    "sns",
    "sns_topics",
    "sts",
    "trail_status",
]
