"""An AWS emulator strict enough to prove `harden` right: moto's server behind a layer that is AWS where moto is not.

`server` listens, `pipeline` takes a request through faults, regions and rules to moto and back, `rules` holds what
AWS does differently, one file per service, and `control` is the API by which a test sets up what no AWS call can.
"""

import os
import time

# moto reads these when it is imported, so they are set before anything else of the package runs.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
# Default AMIs cost seconds on the first EC2 call in each region, and nobody here starts an instance.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
# Nothing here may look for real credentials or a real instance.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

# botocore parses timestamps into local time and moto writes them back as if they were UTC.
os.environ["TZ"] = "UTC"
time.tzset()
