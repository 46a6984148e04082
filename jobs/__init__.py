"""When, where and for whom: the command line, the settings, and the steps where the packages meet."""
