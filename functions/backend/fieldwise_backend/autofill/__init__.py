"""Classify, fill and feedback: calls inference, flattens the profile, and logs every decision."""
