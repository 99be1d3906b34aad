"""The approaches, each a module, behind one Protocol (`approach`); `registry` names them."""
