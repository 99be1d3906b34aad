"""`python -m fieldwise_backend.erase`."""

import sys

from botocore.exceptions import BotoCoreError

try:
    from fieldwise_backend.erase.cli import main
except BotoCoreError as error:  # X-Ray's library reads AWS's configuration as it is imported: a profile that is not there, say
    sys.exit(str(error))

sys.exit(main())
