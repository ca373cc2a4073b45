"""What a run files: letters and notes on pupils, lists and reports on the school, the print pile, evidence."""
