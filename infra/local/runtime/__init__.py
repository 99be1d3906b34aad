"""Lambda's side of a function: the Runtime API, the processes that ask it for work, time limits, crashes."""
