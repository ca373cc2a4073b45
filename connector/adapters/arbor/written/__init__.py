"""Notes and letters on a pupil: written once, found again by the event's key."""
