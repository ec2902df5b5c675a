"""A stranger's file, of any kind and size: two columns of numbers, or words that say what to do."""
