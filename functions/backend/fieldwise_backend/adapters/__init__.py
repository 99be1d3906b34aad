"""Adapters: DynamoDB, Firehose, Secrets Manager, and inference over HTTP or Lambda's Invoke."""
