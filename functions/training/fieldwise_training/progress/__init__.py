"""Progress of long steps: how it is reported (`report`) and shown (`display`)."""
