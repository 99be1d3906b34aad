"""The steps of a run: functions from one state to the next. `order` lists them; a version's files pass between them in the store."""
