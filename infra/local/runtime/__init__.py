"""What Lambda does for a function: the Runtime API, the processes that poll it, time limits, crashes."""
