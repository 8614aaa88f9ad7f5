"""The customs contracts as an application of CometBFT, for the comparison under equal duties."""
