"""What is on record about one pupil: the registration certificate and the evidence document."""
