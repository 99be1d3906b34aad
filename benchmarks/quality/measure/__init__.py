"""From answers to figures: nothing here knows of files, requests or pictures."""
