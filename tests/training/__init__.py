"""What TensorFlow does, and the processes in which it does it."""
