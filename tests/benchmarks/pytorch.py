"""PyTorch, to be imported before TensorFlow.

With its first optimizer it loads a compiler, which refuses to start beside TensorFlow's own one; the
other way round they get along.
"""

import torch

torch.optim.SGD([torch.zeros(1)])
