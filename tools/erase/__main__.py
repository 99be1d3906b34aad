"""`python -m tools.erase`."""

import sys

from botocore.exceptions import BotoCoreError

try:
    from tools.erase.cli import main
except BotoCoreError as error:  # aws_xray_sdk reads the AWS configuration on import, and fails on a missing profile
    sys.exit(str(error))

sys.exit(main())
