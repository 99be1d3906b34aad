"""What the state machine needs besides the steps: recording a failure, other compute for long steps, embedding in shards."""
