"""What a form's fields mean and what goes into them: inference asked, the profile flattened, every decision logged."""
