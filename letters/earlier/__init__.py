"""What was made and done before an event: letters, forms, calls, visits, meetings."""
