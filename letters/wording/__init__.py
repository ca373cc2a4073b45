"""The shipped templates' wording, one text file a letter, and what makes Word files of them.

``python -m letters.wording.build`` writes ``letters/templates``. A school changes the Word files, not these.
"""
