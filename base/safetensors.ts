// Written by the data helper; see the contract in its prompt.
