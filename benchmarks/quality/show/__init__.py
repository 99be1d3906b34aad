"""What a person sees of it: tables in the terminal, pictures and files in a folder."""
