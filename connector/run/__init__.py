"""The steps of one run of one school, in order: pull, guards, decide, ladders, compose, deliver, summary."""
