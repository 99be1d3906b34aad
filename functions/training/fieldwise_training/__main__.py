"""`python -m fieldwise_training`."""

import sys

from botocore.exceptions import BotoCoreError

try:
    from fieldwise_training.cli import app
except BotoCoreError as error:  # X-Ray's library reads the AWS configuration on import: for example, AWS_PROFILE names no profile
    sys.exit(str(error))

app(prog_name="fieldwise_training")
