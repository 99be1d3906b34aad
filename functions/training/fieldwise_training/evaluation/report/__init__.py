"""`report.html`: how good a version is and why it was promoted or not, on one page that loads nothing from elsewhere.

`content` (all that is shown) → `page` (the template's values) → `templates/`, with `words` (what things mean, in sentences) and
`charts` (SVG).
"""
