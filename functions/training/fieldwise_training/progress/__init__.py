"""Progress of long steps: how it is reported (`report`), and how it is shown (`display`)."""
