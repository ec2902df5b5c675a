"""What is drawn: one picture is one file, its rows and its drawing together; the stage is a folder."""
