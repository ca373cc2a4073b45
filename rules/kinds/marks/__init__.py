"""Kinds about single marks: how many, how many days running, on which day."""
