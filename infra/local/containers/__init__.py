"""The same stack with its functions in their containers, as SAM's emulators run them.

docker (the engine, a network of our own) → build (`sam build`) → sam_template (the built template, with what only this
machine knows) → emulator (`sam local …`, started and stopped) → functions (called through it) → stack.
"""
