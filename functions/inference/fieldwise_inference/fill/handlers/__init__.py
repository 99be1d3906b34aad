"""One file per kind of answer: how it is written into a text box (a field to fill in, a result out), and which option it is.

Option finders take the value and the options that are answers, and return the matching option or None.
"""
