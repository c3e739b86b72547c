"""The warehouse's tables as this side writes them: their columns, and files of them for other tools."""
