"""The same stack with its functions in their containers, as SAM's emulators run them.

docker (the engine, and a network for the stack) → build (`sam build`) → sam_template (the built template, with this machine's
addresses and credentials) → emulator (`sam local …`, started and stopped) → functions (invoked through it) → stack.
"""
