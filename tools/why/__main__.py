"""`python -m tools.why`."""

import sys

from botocore.exceptions import BotoCoreError

try:
    from tools.why.cli import main
except BotoCoreError as error:  # X-Ray's library reads the AWS configuration on import: for example, AWS_PROFILE names no profile
    sys.exit(str(error))

sys.exit(main())
