"""Word in, Word out: templates with merge fields, and the letters and reports made from them.

Knows the words of ``rules`` (event, statistics, register) and nothing of any MIS.
"""
