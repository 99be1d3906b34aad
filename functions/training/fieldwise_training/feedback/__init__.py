"""What users said about decisions, as corrections of the canonical synonyms.

`source` finds the files, `read` parses them into votes, `join` makes votes from feedback rows and the decisions they are about,
`pairs` counts the votes per text and canonical id, `correct` applies the result to the synonyms.
"""
