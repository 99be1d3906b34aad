"""List prices in US dollars, us-east-1, without the free tier; the first step of each where they fall with volume."""

PER_MILLION_API_REQUESTS = 1.00
PER_MILLION_INVOCATIONS = 0.20
PER_GB_SECOND = 0.0000166667
"""Of x86_64, the template's default; arm64's is lower."""
PER_MILLION_TABLE_READS = 0.125
PER_MILLION_TABLE_WRITES = 0.625
PER_GB_STREAM = 0.029
STREAM_ROUNDS_UP_TO_KB = 5
PER_GB_BUCKET = 0.023
PER_GB_LOGS = 0.50
PER_MILLION_TRACES = 5.00
PER_SECRET = 0.40
PER_METRIC = 0.30
PER_ALARM_METRIC = 0.10
PER_DASHBOARD = 3.00
