"""The outside world: DynamoDB, Firehose, Secrets Manager, and inference over HTTP or Invoke."""
