"""How far a long step is: reported by the step (`report`), shown on a terminal or in a file (`display`)."""
