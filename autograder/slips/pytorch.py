"""Slips and styles in solution cells of PyTorch.ipynb."""

from autograder.slips.edit import Slip, Style

MODULE = "PyTorch.ipynb"
FUNCTION = "PyTorch.three_layer_convnet"
INIT, FORWARD = "PyTorch.ThreeLayerConvNet.__init__", "PyTorch.ThreeLayerConvNet.forward"

# Places of the solution in which several slips are made.
FIRST = "hidden = F.relu(F.conv2d(x, conv_w1, conv_b1, padding=2))"
SECOND = "hidden = F.relu(F.conv2d(hidden, conv_w2, conv_b2, padding=1))"
SCORES = "scores = flatten(hidden) @ fc_w + fc_b"
CONV1 = "self.conv1 = nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2)"
FC = "self.fc = nn.Linear(channel_2 * 32 * 32, num_classes)"
KAIMING = "nn.init.kaiming_normal_(layer.weight)"
ZEROS = "nn.init.zeros_(layer.bias)"
RELU1, RELU2 = "hidden = F.relu(self.conv1(x))", "hidden = F.relu(self.conv2(hidden))"
LINEAR = "scores = self.fc(flatten(hidden))"

SLIPS = [
    # --- three_layer_convnet ---
    Slip(
        "torch-softmax", FUNCTION, MODULE, SCORES, f"scores = F.softmax({SCORES[9:]}, dim=1)",
        "a softmax at the end", loses="much",
    ),
    Slip(
        "torch-one-relu", FUNCTION, MODULE, SECOND,
        "hidden = F.conv2d(hidden, conv_w2, conv_b2, padding=1)",
        "no ReLU after the second convolution", loses="much",
    ),
    Slip(
        "torch-relu-last", FUNCTION, MODULE, SCORES, f"scores = F.relu({SCORES[9:]})",
        "a ReLU after the last layer", loses="much",
    ),
    Slip(
        "torch-no-bias", FUNCTION, MODULE, FIRST, FIRST.replace("conv_b1, ", ""),
        "the first bias is forgotten", loses="much",
    ),
    Slip(
        "torch-pad-1", FUNCTION, MODULE, FIRST, FIRST.replace("padding=2", "padding=1"),
        "the first padding is 1", loses="much",
    ),
    Slip(
        "torch-pad-same", FUNCTION, MODULE, FIRST, FIRST.replace("padding=2", 'padding="same"'),
        "the padding depends on the kernel", loses="little",
    ),
    Slip(
        "torch-32-wired-in", FUNCTION, MODULE, SCORES,
        "scores = hidden.view(-1, conv_w2.shape[0] * 32 * 32) @ fc_w + fc_b",
        "images of 32 x 32 only", loses="much",
    ),
    # --- ThreeLayerConvNet.__init__ ---
    Slip("torch-not-kaiming", INIT, MODULE, KAIMING, "pass", "PyTorch's own initialisation"),
    Slip(
        "torch-xavier", INIT, MODULE, KAIMING, "nn.init.xavier_normal_(layer.weight)",
        "Glorot's initialisation",
    ),
    Slip(
        "torch-fan-out", INIT, MODULE, KAIMING,
        'nn.init.kaiming_normal_(layer.weight, mode="fan_out")', "the outputs are counted",
    ),
    Slip("torch-random-bias", INIT, MODULE, ZEROS, "pass", "biases start at random"),
    Slip(
        "torch-kernel-3", INIT, MODULE, "kernel_size=5, padding=2", "kernel_size=3, padding=1",
        "the first filters are 3 x 3",
    ),
    Slip(
        "torch-10-wired-in", INIT, MODULE, FC, FC.replace("num_classes", "10"),
        "ten classes, whatever is asked for",
    ),
    # --- ThreeLayerConvNet.forward ---
    Slip(
        "torch-module-softmax", FORWARD, MODULE, LINEAR, f"scores = F.softmax({LINEAR[9:]}, dim=1)",
        "a softmax at the end", loses="much",
    ),
    Slip(
        "torch-module-no-relu", FORWARD, MODULE, RELU1, "hidden = self.conv1(x)",
        "no ReLU after the first convolution", loses="much",
    ),
    Slip(
        "torch-module-relu-early", FORWARD, MODULE, RELU2, "hidden = self.conv2(F.relu(hidden))",
        "the second ReLU stands before its convolution", loses="much",
    ),
    Slip(
        "torch-module-squeeze", FORWARD, MODULE, LINEAR, f"{LINEAR}.squeeze()",
        "a batch of one loses its axis", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "torch-methods", FUNCTION, MODULE, SECOND,
        "hidden = torch.conv2d(hidden, conv_w2, conv_b2, padding=(1, 1)).clamp(min=0)",
        "functions of torch itself",
    ),
    Style(
        "torch-linear", FUNCTION, MODULE, SCORES,
        "scores = F.linear(hidden.flatten(1), fc_w.t(), bias=fc_b)", "F.linear wants w transposed",
    ),
    Style(
        "torch-modules-inside", FUNCTION, MODULE, FIRST,
        "padded = nn.ZeroPad2d(2)(x)\n    hidden = nn.ReLU()(F.conv2d(padded, conv_w1, conv_b1))",
        "layers made on the way",
    ),
    Style(
        "torch-kaiming-uniform", INIT, MODULE, KAIMING,
        'nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")', "the other Kaiming",
    ),
    Style(
        "torch-by-hand", INIT, MODULE, ZEROS, "layer.bias = nn.Parameter(0 * layer.bias)",
        "a new parameter in the place of the old",
    ),
    Style(
        "torch-padding-same", INIT, MODULE, CONV1, CONV1.replace("padding=2", 'padding="same"'),
        "the same padding, by name",
    ),
    Style(
        "torch-reshape", FORWARD, MODULE, LINEAR,
        "scores = self.fc(hidden.reshape(x.shape[0], -1))", "reshaped by hand",
    ),
    Style(
        "torch-relu", FORWARD, MODULE, RELU1, "hidden = torch.relu_(self.conv1(x))", "in place",
    ),
]  # fmt: skip
