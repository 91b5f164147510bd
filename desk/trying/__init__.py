"""What a draft would have done with the cases of a past period. Nothing is written."""
