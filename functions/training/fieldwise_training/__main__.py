"""`python -m fieldwise_training`."""

import sys

from botocore.exceptions import BotoCoreError

try:
    from fieldwise_training.cli import app
except BotoCoreError as error:  # X-Ray's library reads AWS's configuration as it is imported: a profile that is not there, say
    sys.exit(str(error))

app(prog_name="fieldwise_training")
